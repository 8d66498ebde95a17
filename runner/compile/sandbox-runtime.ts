/**
 * Code that runs inside the template sandbox. sandbox.ts turns these functions into text and evaluates them in a vm
 * context of their own, so: no imports of values, no module constants, only each other, `state` and `slim`.
 * They decide what a template can reach: own data, macros, and the functions named here.
 */

/** Thrown inside; crosses to the host as JSON only. `position` indexes the environment's position table. */
export interface Fault {
  code: string
  message: string
  position: number
  /** The name that was not found, and what there is: the host makes a did-you-mean of it. */
  wanted?: string
  known?: string[]
  /** Positions of the calls that led here, outermost first. */
  calls: number[]
}

/** Where something was not found, its name, and what there is. */
export interface Missing {
  position: number
  wanted: string
  known: string[]
}

export type Callable = (...args: unknown[]) => unknown
export interface TemplateFrame {
  topLevel?: boolean
  lookup(name: string): unknown
  set(name: string, value: unknown, resolveUp?: boolean): void
}
export interface TemplateScope {
  own: Record<string, unknown>
  lookup(name: string): unknown
  setVariable(name: string, value: unknown): void
  addExport(): void
}
/** In nunjucks' order: environment, context, frame, runtime, what to call at the end. */
export type TemplateRoot = (
  ...parts: [
    { opts: { autoescape: boolean } },
    TemplateScope,
    TemplateFrame,
    object,
    (error: unknown, output?: string) => void,
  ]
) => void

/** Lives in the sandbox's global scope; `names` is replaced for every render. */
export interface SandboxState {
  faults: WeakSet<object>
  callables: WeakSet<object>
  /** Objects whose missing members are errors. */
  strict: WeakMap<object, string>
  keywords: WeakSet<object>
  templates: Map<number, { root: TemplateRoot; projectMacros: boolean }>
  /** Macros of a loaded macro file, by id. */
  files: Map<number, Record<string, unknown>>
  /** `sql` and the package's namespaces. */
  namespaces: Record<string, unknown>
  projectMacros: Record<string, unknown>
  builtins: Record<string, unknown>
  names: Record<string, unknown>
  answers: { refs: Record<string, string>; vars: Record<string, unknown>; env: Record<string, string> }
  used: {
    refs: string[]
    config: Record<string, unknown>
    configPosition: number
    logs: string[]
    /** Pairs: from this length of the output on, the text comes from this place. */
    marks: number[]
  }
  position: number
  calls: number[]
  written: number
  limits: { output: number; work: number; depth: number; list: number }
}

declare const state: SandboxState
declare const slim: {
  runtime: {
    Frame: new () => TemplateFrame
    makeMacro(names: string[], keywords: string[], body: Callable): Callable
    keys(o: object): string[]
    isArray(o: unknown): boolean
  }
}

export function fail(code: string, message: string, where: number | Missing): never {
  const place = typeof where === 'number' ? { position: where } : where
  const fault: Fault = { code, message, calls: state.calls.slice(), ...place }
  state.faults.add(fault)
  throw fault
}

export function isDict(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function hasOwn(object: object, name: string): boolean {
  return Object.hasOwn(object, name)
}

/** Data becomes objects without a prototype, so that a name either is the project's data or is nothing. */
export function revive(value: unknown, label: string | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => revive(item, label === undefined ? undefined : `${label}[]`))
  if (!isDict(value)) return value
  const copy: Record<string, unknown> = Object.create(null)
  if (hasOwn(value, '__keywords')) fail('E-TPL-SANDBOX', 'data has the reserved name "__keywords"', 0)
  for (const name of Object.keys(value))
    copy[name] = revive(value[name], label === undefined ? undefined : `${label}.${name}`)
  if (label !== undefined) state.strict.set(copy, label)
  return copy
}

/** `value` is what lookupSoftly() found. */
export function lookupName(value: unknown, name: string, position: number): unknown {
  if (value !== undefined) return value
  if (name === 'sync' || name === 'run') {
    fail('E-TPL-UNDEF', `"${name}" exists only in models rendered for a sync`, position)
  }
  if (name === 'this') fail('E-TPL-UNDEF', '"this" exists only in models', position)
  return fail('E-TPL-UNDEF', `"${name}" is not defined here`, position)
}

export function lookupSoftly(scope: TemplateScope, frame: TemplateFrame, name: string): unknown {
  const local = frame.lookup(name)
  return local !== undefined ? local : scope.lookup(name)
}

export function lookupMember(object: unknown, name: unknown, position: number): unknown {
  const value = memberSoftly(object, name, position)
  if (value !== undefined) return value
  if (object === undefined || object === null) {
    fail('E-TPL-UNDEF', `cannot read "${String(name)}" of a value that is not there`, position)
  }
  if (isDict(object) && !hasOwn(object, String(name))) {
    const label = state.strict.get(object)
    const missing = { position, wanted: String(name), known: Object.keys(object) }
    if (label !== undefined) fail('E-TPL-UNDEF', `${label} has no "${String(name)}"`, missing)
  }
  if (typeof object === 'string' || typeof object === 'number' || typeof object === 'boolean') {
    fail(
      'E-TPL-UNDEF',
      `a ${typeof object === 'string' ? 'text' : typeof object} has no member "${String(name)}"`,
      position,
    )
  }
  return undefined
}

/** Own data properties only: no members of functions, no prototype, no coercion of the key. */
export function memberSoftly(object: unknown, name: unknown, position: number): unknown {
  if (typeof name !== 'string' && typeof name !== 'number') {
    fail('E-TPL-SANDBOX', 'a member is named by a text or a number', position)
  }
  if (typeof object === 'function') fail('E-TPL-SANDBOX', 'a function has no members here', position)
  if (object === undefined || object === null) return undefined
  if (typeof object === 'string' || Array.isArray(object)) {
    if (name === 'length') return object.length
    return typeof name === 'number' ? object[name < 0 ? object.length + name : name] : undefined
  }
  if (!isDict(object)) return undefined
  return hasOwn(object, String(name)) ? object[String(name)] : undefined
}

export function callFunction(callee: unknown, position: number, args: unknown[]): unknown {
  if (typeof callee !== 'function' || !state.callables.has(callee)) {
    fail('E-TPL-SANDBOX', 'only macros and the functions of Backfeed can be called', position)
  }
  if (state.calls.length >= state.limits.depth) fail('E-TPL-TIMEOUT', 'macros call each other too deeply', position)
  state.calls.push(position)
  state.position = position
  const result = (callee as Callable)(...args)
  state.calls.pop()
  return result
}

/** Wraps nunjucks' macro so that what the caller wrote takes effect or fails: no lost, unknown or missing argument. */
export function makeMacro(names: string[], keywords: string[], body: Callable): Callable {
  const inner = slim.runtime.makeMacro(names, keywords, body)
  const macro = (...args: unknown[]): string => {
    const last = args[args.length - 1]
    const given =
      typeof last === 'object' && last !== null && state.keywords.has(last) ? (last as Record<string, unknown>) : {}
    const positional = args.length - (last === given ? 1 : 0)
    checkArguments(names, keywords, { positional, given: Object.keys(given) })
    return String(inner(...args))
  }
  state.callables.add(macro)
  return macro
}

export function checkArguments(
  names: string[],
  keywords: string[],
  call: { positional: number; given: string[] },
): void {
  const known = names.concat(keywords)
  const position = state.calls[state.calls.length - 1] ?? state.position
  if (call.positional > known.length) {
    fail('E-TPL-UNDEF', `the macro takes ${known.length} argument(s), got ${call.positional}`, position)
  }
  for (const name of call.given) {
    if (name === 'caller' || known.includes(name)) continue
    fail('E-TPL-UNDEF', `the macro has no argument "${name}"`, { position, wanted: name, known })
  }
  const missing = names.slice(call.positional).find((name) => !call.given.includes(name))
  if (missing !== undefined) fail('E-TPL-UNDEF', `the macro needs argument "${missing}"`, position)
}

/** nunjucks marks keyword arguments by a property, which data could carry; a registry cannot be forged. */
export function makeKeywords(object: Record<string, unknown>): Record<string, unknown> {
  Object.defineProperty(object, '__keywords', { value: true, enumerable: false })
  state.keywords.add(object)
  return object
}

/** What may be printed: text, numbers, booleans. An object printed into SQL is always a mistake. */
export function printed(value: unknown, position: number): string {
  if (value === undefined || value === null) {
    fail('E-TPL-UNDEF', `this prints ${value === null ? 'none' : 'a value that is not there'}`, position)
  }
  if (typeof value === 'function') fail('E-TPL-UNDEF', 'this prints a macro: call it with ()', position)
  if (Array.isArray(value)) fail('E-TPL-UNDEF', "this prints a list: use | join(', ')", position)
  if (typeof value === 'object') fail('E-TPL-UNDEF', 'this prints an object: name one of its members', position)
  if (typeof value === 'number' && !Number.isFinite(value))
    fail('E-TPL-UNDEF', 'this prints a number that is not finite', position)
  return counted(String(value), position)
}

/** Every piece of text counts, so that a loop cannot fill the memory before the clock stops it. */
export function counted(text: string, position: number): string {
  state.written += text.length + 1
  if (text.length > state.limits.output || state.written > state.limits.work) {
    fail('E-TPL-TIMEOUT', 'rendering makes more than 5 MB of text', position)
  }
  return text
}

export function added(left: unknown, right: unknown, position: number): unknown {
  if (Array.isArray(left) && Array.isArray(right)) return capped(left.concat(right), position)
  if (typeof left === 'number' && typeof right === 'number') return left + right
  return counted(printed(left, position) + printed(right, position), position)
}

export function capped(list: unknown[], position: number): unknown[] {
  if (list.length > state.limits.list)
    fail('E-TPL-TIMEOUT', `a list has more than ${state.limits.list} entries`, position)
  return list
}

export function contains(needle: unknown, haystack: unknown, position: number): boolean {
  if (typeof haystack === 'string') return haystack.includes(String(needle))
  if (Array.isArray(haystack)) return haystack.includes(needle)
  if (isDict(haystack)) return hasOwn(haystack, String(needle))
  return fail('E-TPL-UNDEF', '"in" needs a list, an object or a text on its right', position)
}

/** One name over an object gives its keys, two give key and value, as in Jinja. */
export function iterated(value: unknown, names: number, position: number): unknown {
  state.position = position
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return value.split('')
  if (isDict(value)) return names === 1 ? Object.keys(value) : value
  return fail(
    'E-TPL-UNDEF',
    `cannot loop over ${value === null || value === undefined ? 'a value that is not there' : typeof value}`,
    position,
  )
}
