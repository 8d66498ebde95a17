/**
 * The functions templates call, and the entry points the host calls, inside the sandbox (see sandbox-runtime.ts for the
 * rules of this code). Only JSON text goes in and out.
 */
import type { Callable, Fault, SandboxState, TemplateFrame, TemplateRoot, TemplateScope } from './sandbox-runtime.ts'

type Runtime = typeof import('./sandbox-runtime.ts')
type Filters = typeof import('./sandbox-filters.ts')

declare const state: SandboxState
declare const slim: { runtime: { Frame: new () => TemplateFrame } }
declare const fail: Runtime['fail']
declare const isDict: Runtime['isDict']
declare const revive: Runtime['revive']
declare const capped: Runtime['capped']
declare const printed: Runtime['printed']
declare const lookupMember: Runtime['lookupMember']
declare const callFunction: Runtime['callFunction']
declare const keywordsOf: Filters['keywordsOf']
declare const templateRuntime: object

/** One evaluation asked for by the host. */
export interface SandboxRequest {
  /** Render a template, run a macro file to collect its macros, or call one macro. */
  action: 'render' | 'load' | 'call'
  template?: number
  /** Path of the macro to call: ['sql', 'cast'] or ['my_macro']. */
  macro?: string[]
  args?: unknown[]
  /** sync, run, target, this, run_started_at, …: objects among them are strict. */
  names: Record<string, unknown>
  refs: Record<string, string>
  vars: Record<string, unknown>
  env: Record<string, string>
}

export type SandboxReply = { ok: true; output: string; used: SandboxState['used'] } | { ok: false; fault: Fault }

export function builtins(): Record<string, unknown> {
  const functions: Record<string, Callable> = {
    ref: (...args) => resolved('ref', args),
    source: (...args) => resolved('source', args),
    var: projectVariable,
    env_var: environmentVariable,
    config: captureConfig,
    log: (message) => {
      state.used.logs.push(printed(message, state.position))
      return ''
    },
    range: numberRange,
  }
  const raise: Callable = (message) => fail('E-TPL-RAISED', printed(message, state.position), state.position)
  state.callables.add(raise)
  for (const name of Object.keys(functions)) state.callables.add(functions[name] as Callable)
  const exceptions = Object.assign(Object.create(null), { raise_compiler_error: raise })
  state.strict.set(exceptions, 'exceptions')
  return Object.assign(Object.create(null), functions, { exceptions, execute: true })
}

export function resolved(kind: string, args: unknown[]): string {
  const key = JSON.stringify([kind, ...args])
  const text = state.answers.refs[key]
  if (text === undefined) fail('E-TPL-REF', `${kind}() needs quoted names`, state.position)
  state.used.refs.push(text)
  return text
}

export function projectVariable(name: unknown, ...rest: unknown[]): unknown {
  const vars = state.answers.vars
  if (typeof name === 'string' && Object.hasOwn(vars, name)) return vars[name]
  if (rest.length > 0) return rest[0]
  const missing = { position: state.position, wanted: String(name), known: Object.keys(vars) }
  return fail('E-TPL-UNDEF', `the project has no variable "${String(name)}"`, missing)
}

export function environmentVariable(name: unknown, ...rest: unknown[]): unknown {
  const value = state.answers.env[String(name)]
  if (value !== undefined) return value
  if (rest.length > 0) return rest[0]
  return fail('E-ENV-MISSING', `${String(name)} is not set`, state.position)
}

export function captureConfig(...args: unknown[]): string {
  state.used.configPosition = state.position
  for (const part of [args[0], keywordsOf(args)]) {
    if (!isDict(part)) continue
    for (const name of Object.keys(part)) state.used.config[name] = part[name]
  }
  return ''
}

export function numberRange(...args: unknown[]): number[] {
  const numbers = args.map(Number)
  const [start, stop] = numbers.length > 1 ? [numbers[0] ?? 0, numbers[1] ?? 0] : [0, numbers[0] ?? 0]
  const step = numbers[2] ?? 1
  const length = Math.ceil((stop - start) / step)
  if (!Number.isFinite(length)) fail('E-TPL-UNDEF', 'range() needs numbers, and a step that is not 0', state.position)
  if (length > 10_000) fail('E-TPL-TIMEOUT', 'range() gives at most 10000 numbers', state.position)
  return capped(
    Array.from({ length: Math.max(length, 0) }, (_, i) => start + i * step),
    state.position,
  ) as number[]
}

/** Called by the text of a compiled template. */
export function defineTemplate(id: number, projectMacros: boolean, factory: () => { root: TemplateRoot }): void {
  state.templates.set(id, { root: factory().root, projectMacros })
}

export function newScope(projectMacros: boolean): TemplateScope {
  const own: Record<string, unknown> = Object.create(null)
  const layers = (): Record<string, unknown>[] =>
    projectMacros
      ? [own, state.names, state.builtins, state.namespaces, state.projectMacros]
      : [own, state.names, state.builtins, state.namespaces]
  return {
    own,
    lookup: (name) => layers().find((layer) => layer[name] !== undefined)?.[name],
    setVariable: (name, value) => {
      own[name] = value
    },
    addExport: () => {},
  }
}

export function runTemplate(id: number): { output: string; own: Record<string, unknown> } {
  const template = state.templates.get(id) as { root: TemplateRoot; projectMacros: boolean }
  const scope = newScope(template.projectMacros)
  const frame = new slim.runtime.Frame()
  frame.topLevel = true
  let output = ''
  template.root({ opts: { autoescape: false } }, scope, frame, templateRuntime, (error, text) => {
    if (error) throw error
    output = text ?? ''
  })
  return { output, own: scope.own }
}

/** `names` is JSON: for `sql` and each folder of macros, which macro of which file every member is. */
export function bindMacros(layout: string): void {
  const spaces = JSON.parse(layout) as {
    namespaces: Record<string, Record<string, number>>
    project: Record<string, number>
  }
  const bind = (members: Record<string, number>, label: string): Record<string, unknown> => {
    const bound: Record<string, unknown> = Object.create(null)
    for (const name of Object.keys(members)) bound[name] = state.files.get(members[name] as number)?.[name]
    state.strict.set(bound, label)
    return Object.freeze(bound)
  }
  state.namespaces = Object.create(null)
  for (const label of Object.keys(spaces.namespaces)) {
    state.namespaces[label] = bind(spaces.namespaces[label] as Record<string, number>, label)
  }
  state.projectMacros = bind(spaces.project, 'the project')
}

export function handleRequest(json: string): string {
  try {
    const request = JSON.parse(json) as SandboxRequest
    prepare(request)
    const output = perform(request)
    const reply: SandboxReply = { ok: true, output, used: state.used }
    return JSON.stringify(reply)
  } catch (error) {
    return JSON.stringify({ ok: false, fault: toFault(error) })
  }
}

export function prepare(request: SandboxRequest): void {
  state.position = 0
  state.calls = []
  state.written = 0
  state.used = { refs: [], config: {}, configPosition: 0, logs: [], marks: [] }
  state.names = Object.create(null)
  for (const name of Object.keys(request.names)) state.names[name] = revive(request.names[name], name)
  const vars = Object.create(null)
  for (const name of Object.keys(request.vars)) vars[name] = revive(request.vars[name], `var("${name}")`)
  state.answers = { refs: request.refs, vars, env: Object.assign(Object.create(null), request.env) }
}

export function perform(request: SandboxRequest): string {
  if (request.action === 'call') {
    const [first, second] = request.macro as string[]
    const space = second === undefined ? state.projectMacros : state.namespaces[first as string]
    const macro = lookupMember(space, second ?? first, 0)
    return String(callFunction(macro, 0, revive(request.args, undefined) as unknown[]))
  }
  const { output, own } = runTemplate(request.template as number)
  if (request.action === 'load') state.files.set(request.template as number, own)
  if (output.length > state.limits.output) fail('E-TPL-TIMEOUT', 'rendering makes more than 5 MB of text', 0)
  return request.action === 'load' ? '' : output
}

/** Anything else that is thrown comes from the engine; its words name members of the template, never of the host. */
export function toFault(error: unknown): Fault {
  if (typeof error === 'object' && error !== null && state.faults.has(error)) return error as Fault
  const { name, message } = error as Error
  const fault = { position: state.position, calls: state.calls.slice() }
  if (name === 'EvalError') return { code: 'E-TPL-SANDBOX', message: 'templates cannot run code', ...fault }
  if (name === 'RangeError')
    return { code: 'E-TPL-TIMEOUT', message: `the template does not end or grows without limit`, ...fault }
  const object = String(message).includes('Cannot convert object to primitive value')
  const said = object ? 'an object cannot be compared or calculated with: name one of its members' : String(message)
  return { code: 'E-TPL-UNDEF', message: said.slice(0, 200), ...fault }
}
