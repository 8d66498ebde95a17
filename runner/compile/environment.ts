import { BackfeedError, invariant, type Position, type Problem } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import type { SourceFile } from '../project/project.ts'
import type { CheckedTemplate, KnownNames } from './check-names.ts'
import { checkTemplate } from './check-template.ts'
import type {
  Reference,
  Rendered,
  RenderRequest,
  TemplateContext,
  TemplateEnvironment,
  TemplateEnvironmentOptions,
} from './compile.ts'
import { generateTemplate } from './generate-template.ts'
import { mapLines, placeOf } from './line-map.ts'
import { type MacroFile, type MacroLibrary, readMacros } from './macro-library.ts'
import type { TemplateNode } from './nunjucks-internals.ts'
import { parseTemplate } from './parse-template.ts'
import { createSandbox, DEFAULT_LIMITS, type Sandbox, type SandboxLimits } from './sandbox.ts'
import type { SandboxReply, SandboxRequest } from './sandbox-builtins.ts'
import type { Fault } from './sandbox-runtime.ts'

/** Files of the package itself carry this prefix; their templates do not see the project's macros. */
export const PACKAGE_PREFIX = 'backfeed:'

/**
 * Macros are read, checked and loaded once; every later render reuses the compiled code.
 * Throws BackfeedError with every problem of the macros: syntax, unknown names, names defined twice.
 */
export function createTemplateEnvironment(
  options: TemplateEnvironmentOptions,
  limits: SandboxLimits = DEFAULT_LIMITS,
): TemplateEnvironment {
  const environment = new Environment(options, limits)
  return {
    render: (request) => environment.render(request),
    call: (macro, args, context) => environment.call(macro, args, context),
    has: (macro) => environment.has(macro),
  }
}

interface CompiledTemplate {
  id: number
  checked: CheckedTemplate
}

class Environment {
  private readonly options: TemplateEnvironmentOptions
  private readonly sandbox: Sandbox
  private readonly library: MacroLibrary
  private readonly templates = new Map<string, CompiledTemplate>()
  /** Place 0 is "no place". */
  private readonly places: (Position | undefined)[] = [undefined]
  private readonly macroReferences: Reference[] = []
  private readonly macroEnvironment: CheckedTemplate['environment'] = []
  private nextId = 1

  constructor(options: TemplateEnvironmentOptions, limits: SandboxLimits) {
    this.options = options
    this.sandbox = createSandbox(limits)
    this.library = readMacros(options)
    this.loadMacros()
  }

  render(request: RenderRequest): Rendered {
    const template = this.template(request)
    const written = template.checked.references
    const reply = this.evaluate(
      {
        ...this.facts(request.context, template.checked),
        action: 'render',
        template: template.id,
      },
      request.file,
    )
    const { refs, config, configPosition, logs, marks } = reply.used
    const dependsOn = [...written.map((reference) => this.resolve(reference)), ...refs]
    const configAt = this.places[configPosition]
    return {
      sql: reply.output,
      config,
      ...(configAt === undefined ? {} : { configAt }),
      dependsOn: [...new Set(dependsOn)],
      references: written,
      logs,
      sourceLines: mapLines(reply.output, marks, (place) => this.places[place]?.line ?? 1),
    }
  }

  has(macro: string): boolean {
    const [space = '', member] = macro.split('.')
    return member === undefined
      ? this.library.projectNames.includes(space)
      : (this.library.namespaces.get(space)?.includes(member) ?? false)
  }

  call(macro: string, args: readonly unknown[], context?: TemplateContext): string {
    const path = macro.split('.')
    const facts = this.facts(context, { problems: [], references: [], environment: [] })
    return this.evaluate({ ...facts, action: 'call', macro: path, args: [...args] }, macro).output
  }

  private loadMacros(): void {
    const problems: Problem[] = [...this.library.problems]
    const ids = new Map<MacroFile, number>()
    for (const file of this.library.files) {
      const known = this.library.knownTo(file)
      const checked = checkTemplate(file.tree, file.source.file, known)
      problems.push(...checked.problems, ...this.unresolved(checked.references))
      this.macroReferences.push(...checked.references)
      // A macro that nobody calls needs no variable; one that is called says itself which is missing.
      this.macroEnvironment.push(...checked.environment.map((each) => ({ ...each, optional: true })))
      if (checked.problems.length === 0) ids.set(file, this.define(file.tree, file.source, file.origin === 'project'))
    }
    if (problems.length > 0) throw new BackfeedError(problems)
    const nothing = {
      ...this.facts(undefined, { problems: [], references: [], environment: [] }),
      action: 'load' as const,
    }
    for (const [file, id] of ids) this.evaluate({ ...nothing, template: id }, file.source.file)
    this.sandbox.bind(this.library.layout((file) => ids.get(file) ?? 0))
  }

  private template(source: SourceFile): CompiledTemplate {
    const key = `${source.file}\n${source.text}`
    const known = this.templates.get(key)
    if (known) return known
    const tree = parseTemplate(source)
    const own = source.file.startsWith(PACKAGE_PREFIX)
    const names: KnownNames = { namespaces: this.library.namespaces, macros: own ? [] : this.library.projectNames }
    const checked = checkTemplate(tree, source.file, names)
    const problems = [...checked.problems, ...this.unresolved(checked.references)]
    if (problems.length > 0) throw new BackfeedError(problems)
    const compiled = { id: this.define(tree, source, !own), checked }
    this.templates.set(key, compiled)
    return compiled
  }

  private define(tree: TemplateNode, source: SourceFile, projectMacros: boolean): number {
    const id = this.nextId++
    const place = (node: TemplateNode): number => this.places.push(placeOf(node, source)) - 1
    this.sandbox.define(id, generateTemplate(tree, source.file, place), projectMacros)
    return id
  }

  private facts(context: TemplateContext | undefined, checked: CheckedTemplate): Omit<SandboxRequest, 'action'> {
    const { runStartedAt, invocationId, vars } = this.options
    const refs: Record<string, string> = {}
    for (const reference of [...this.macroReferences, ...checked.references]) {
      refs[JSON.stringify([reference.kind, ...reference.names])] = this.resolve(reference)
    }
    const names = { ...context, run_started_at: runStartedAt, invocation_id: invocationId }
    return {
      names,
      refs,
      vars: { ...vars },
      env: this.environmentValues([...this.macroEnvironment, ...checked.environment]),
    }
  }

  /** Only variables that a template names travel into the sandbox. */
  private environmentValues(wanted: CheckedTemplate['environment']): Record<string, string> {
    const values: Record<string, string> = {}
    const problems: Problem[] = []
    for (const { name, optional, at } of wanted) {
      const value = this.options.env[name]
      if (value !== undefined && value.trim() !== '') values[name] = value
      else if (value !== undefined) problems.push({ code: 'E-ENV-EMPTY', message: `${name} is set but empty`, at })
      else if (!optional)
        problems.push({
          code: 'E-ENV-MISSING',
          message: `${name} is not set`,
          at,
          help: 'set it, or give env_var() a default',
        })
    }
    if (problems.length > 0) throw new BackfeedError(problems)
    return values
  }

  private resolve({ kind, names, at }: Reference): string {
    const [first = '', second = ''] = names
    try {
      if (kind === 'source') return this.options.resolve.source(first, second)
      return names.length === 1 ? this.options.resolve.ref(first) : this.options.resolve.ref(second, first)
    } catch (error) {
      if (!(error instanceof BackfeedError)) throw error
      throw new BackfeedError(
        error.problems.map((problem) => ({ ...problem, at })),
        { cause: error },
      )
    }
  }

  private unresolved(references: readonly Reference[]): Problem[] {
    return references.flatMap((reference) => {
      try {
        this.resolve(reference)
        return []
      } catch (error) {
        if (error instanceof BackfeedError) return [...error.problems]
        throw error
      }
    })
  }

  private evaluate(request: SandboxRequest, file: string): Extract<SandboxReply, { ok: true }> {
    const reply = this.handle(request, file)
    if (reply.ok) return reply
    throw new BackfeedError(this.problem(reply.fault, file))
  }

  private handle(request: SandboxRequest, file: string): SandboxReply {
    try {
      return this.sandbox.handle(request)
    } catch (error) {
      if (!(error instanceof BackfeedError)) throw error
      throw new BackfeedError(
        error.problems.map((problem) => ({ ...problem, at: { file, line: 1, column: 1 } })),
        { cause: error },
      )
    }
  }

  private problem(fault: Fault, file: string): Problem {
    const places = [fault.position, ...[...fault.calls].reverse()]
      .map((place) => this.places[place])
      .filter((at) => at !== undefined)
    // A macro that refuses its arguments is right; the place to look at is the project's call.
    const outside = places.find((at) => !at.file.startsWith(PACKAGE_PREFIX))
    const at = (fault.code === 'E-TPL-RAISED' ? outside : undefined) ?? places[0]
    invariant(isTemplateCode(fault.code), `unexpected fault ${fault.code}`)
    const problem: Problem = { code: fault.code, message: fault.message, at: at ?? { file, line: 1, column: 1 } }
    if (fault.wanted !== undefined) {
      const hint = suggestName(fault.wanted, fault.known ?? [])
      if (hint !== undefined) problem.hint = hint
    }
    const caller = outside ?? places.at(-1)
    if (caller !== undefined && at !== undefined && caller.file !== at.file) {
      problem.help = `called from ${caller.file}:${caller.line}:${caller.column}`
    }
    return problem
  }
}

function isTemplateCode(code: string): code is `E-${string}` {
  return code.startsWith('E-')
}
