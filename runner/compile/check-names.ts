import type { Position, Problem, ProblemCode } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import type { Reference } from './compile.ts'
import type { TemplateNode } from './nunjucks-internals.ts'
import {
  BUILTIN_FUNCTIONS,
  BUILTIN_OBJECTS,
  BUILTIN_VALUES,
  CONSTANTS,
  FORBIDDEN_NAMES,
  isSecretName,
  isTemplateName,
  LOOP_MEMBERS,
} from './template-names.ts'

/** What the template's author may name besides the built-ins. */
export interface KnownNames {
  /** `sql` and the folders of package macros, each with its members. */
  namespaces: ReadonlyMap<string, readonly string[]>
  /** Macros called by their bare name, besides the file's own. */
  macros: readonly string[]
  /** The file's own macros are reached through their namespace only, so that a dialect's override is always taken. */
  qualifyOwn?: boolean
}

export interface CheckedTemplate {
  problems: Problem[]
  references: Reference[]
  /** Literal env_var() calls; `optional` ones have a default. */
  environment: { name: string; optional: boolean; at: Position }[]
}

/** 1-based place of a node. Synthetic nodes have none and take the place of what they were made for. */
export function nodePosition(node: TemplateNode, file: string): Position {
  const at: Position = { file, line: (node.lineno ?? 0) + 1, column: (node.colno ?? 0) + 1 }
  const written = node.typename === 'Symbol' || node.typename === 'Literal' ? String(node.value) : ''
  return written === '' || written.includes('\n') ? at : { ...at, length: written.length }
}

/** Names a scope declares; nested scopes see the outer ones. */
export class Names {
  readonly own = new Set<string>()
  readonly parent: Names | undefined

  constructor(parent?: Names) {
    this.parent = parent
  }

  has(name: string): boolean {
    return this.own.has(name) || (this.parent?.has(name) ?? false)
  }

  all(): string[] {
    return [...this.own, ...(this.parent?.all() ?? [])]
  }
}

interface Advice {
  hint?: string | undefined
  help?: string | undefined
}

interface Advised extends Advice {
  node: TemplateNode
}

/** What is wrong with single names and calls; check-template.ts walks the tree. */
export class NameCheck {
  readonly problems: Problem[] = []
  readonly references: Reference[] = []
  readonly environment: { name: string; optional: boolean; at: Position }[] = []
  protected readonly file: string
  protected readonly known: KnownNames

  constructor(file: string, known: KnownNames) {
    this.file = file
    this.known = known
  }

  protected report(code: ProblemCode, message: string, where: TemplateNode | Advised): void {
    const { node, hint, help }: Advised = 'typename' in where ? { node: where } : where
    const problem: Problem = { code, message, at: nodePosition(node, this.file) }
    if (hint !== undefined) problem.hint = hint
    if (help !== undefined) problem.help = help
    this.problems.push(problem)
  }

  protected forbidden(node: TemplateNode, name: string): void {
    this.report('E-TPL-SANDBOX', `access to "${name}" is not allowed`, node)
  }

  /** False when the name was reported. */
  protected plainName(node: TemplateNode, name: string): boolean {
    if (!isTemplateName(name)) this.report('E-TPL-SYNTAX', 'a name is made of letters, digits and _', node)
    else if (FORBIDDEN_NAMES.has(name)) this.forbidden(node, name)
    else return true
    return false
  }

  protected declare(node: TemplateNode | undefined, names: Names): void {
    if (node === undefined) return
    const name = String(node.value)
    if (node.typename !== 'Symbol') this.report('E-TPL-SYNTAX', 'only a plain name can be set', node)
    else if (Object.hasOwn(CONSTANTS, name)) this.report('E-TPL-SYNTAX', `"${name}" is a constant`, node)
    else if (this.plainName(node, name)) names.own.add(name)
  }

  protected symbol(node: TemplateNode, names: Names): void {
    const name = String(node.value)
    if (!this.plainName(node, name) || names.has(name) || Object.hasOwn(CONSTANTS, name) || this.isGlobal(name)) return
    if (isFunctionName(name)) this.report('E-TPL-UNDEF', `"${name}" is a function: call it with ()`, node)
    else this.report('E-TPL-UNDEF', `"${name}" is not defined`, { node, hint: suggestName(name, this.globals(names)) })
  }

  private isGlobal(name: string): boolean {
    return (
      (BUILTIN_VALUES as readonly string[]).includes(name) ||
      Object.hasOwn(BUILTIN_OBJECTS, name) ||
      this.known.namespaces.has(name) ||
      this.known.macros.includes(name)
    )
  }

  private globals(names: Names): string[] {
    const builtins = [...BUILTIN_FUNCTIONS, ...BUILTIN_VALUES, ...Object.keys(BUILTIN_OBJECTS)]
    return [...new Set([...names.all(), ...this.known.macros, ...this.known.namespaces.keys(), ...builtins])]
  }

  protected isBuiltinFunction(node: TemplateNode, names: Names): boolean {
    return node.typename === 'Symbol' && !names.has(String(node.value)) && isFunctionName(String(node.value))
  }

  /** The members of an object that is known before anything runs, else undefined. */
  protected members(node: TemplateNode, names: Names): readonly string[] | undefined {
    const name = String(node.value)
    if (node.typename !== 'Symbol') return undefined
    if (name === 'loop' && names.has('loop')) return LOOP_MEMBERS
    if (names.has(name)) return undefined
    return this.known.namespaces.get(name) ?? (Object.hasOwn(BUILTIN_OBJECTS, name) ? BUILTIN_OBJECTS[name] : undefined)
  }

  protected callee(callee: TemplateNode, node: TemplateNode, names: Names): void {
    const name = String(callee.value)
    if (!this.plainName(callee, name) || names.has(name) || this.known.macros.includes(name)) return
    if (name === 'ref' || name === 'source') this.reference(name, callee, node)
    else if (name === 'env_var') this.environmentVariable(callee, node)
    else if (!isFunctionName(name))
      this.report('E-TPL-UNDEF', `macro "${name}" not found`, { node: callee, ...this.callables(name, names) })
  }

  private callables(name: string, names: Names): Advice {
    const callable = [...names.all(), ...this.known.macros, ...BUILTIN_FUNCTIONS]
    for (const [space, members] of this.known.namespaces) {
      if (members.includes(name)) return { hint: `did you mean "${space}.${name}"?` }
      callable.push(...members.map((member) => `${space}.${member}`))
    }
    return { hint: suggestName(name, callable) }
  }

  private reference(kind: 'ref' | 'source', callee: TemplateNode, node: TemplateNode): void {
    const args = node.args?.children ?? []
    const names = args.flatMap((arg) =>
      arg.typename === 'Literal' && typeof arg.value === 'string' ? [arg.value] : [],
    )
    const last = args.at(-1)
    const right = names.length === args.length && (names.length === 2 || (kind === 'ref' && names.length === 1))
    if (right && last) this.references.push({ kind, names, at: nodePosition(last, this.file) })
    else {
      const message = `${kind}() takes quoted names only, because the order of models is found without rendering`
      const help = kind === 'ref' ? "write ref('model')" : "write source('source', 'table')"
      this.report('E-TPL-REF', message, { node: callee, help })
    }
  }

  private environmentVariable(callee: TemplateNode, node: TemplateNode): void {
    const [argument, fallback] = node.args?.children ?? []
    if (argument?.typename !== 'Literal' || typeof argument.value !== 'string') {
      this.report('E-TPL-SECRET', 'env_var() takes a quoted name, so that secrets can be told apart', callee)
    } else if (isSecretName(argument.value)) {
      const help = 'use it in the connection settings of project.yml; models never see secrets'
      const message = `"${argument.value}" is a secret, and secrets are not available in SQL`
      this.report('E-TPL-SECRET', message, { node: argument, help })
    } else {
      const optional = fallback !== undefined
      this.environment.push({ name: argument.value, optional, at: nodePosition(argument, this.file) })
    }
  }
}

export function isFunctionName(name: string): boolean {
  return (BUILTIN_FUNCTIONS as readonly string[]).includes(name)
}
