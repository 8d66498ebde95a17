import type { ProblemCode } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import { type CheckedTemplate, type KnownNames, NameCheck, Names } from './check-names.ts'
import { testName } from './generate-template.ts'
import { childNodes, type TemplateNode } from './nunjucks-internals.ts'
import { FILTERS, FORBIDDEN_NAMES, TESTS } from './template-names.ts'

/**
 * Everything about a template that can be known from its tree, with exact places: names that do not exist, names that
 * are not allowed, tags that would leave the file. Nothing is evaluated.
 */
export function checkTemplate(tree: TemplateNode, file: string, known: KnownNames): CheckedTemplate {
  const check = new TemplateCheck(file, known)
  check.template(tree)
  return { problems: check.problems, references: check.references, environment: check.environment }
}

const REFUSED_TAGS: Readonly<Record<string, [ProblemCode, string]>> = {
  Include: ['E-TPL-PATH', 'a template cannot include another file'],
  Import: ['E-TPL-PATH', 'a template cannot import another file'],
  FromImport: ['E-TPL-PATH', 'a template cannot import another file'],
  Extends: ['E-TPL-PATH', 'a template cannot extend another file'],
  Block: ['E-TPL-SYNTAX', '"{% block %}" is not supported'],
  AsyncEach: ['E-TPL-SYNTAX', '"{% asyncEach %}" is not supported'],
  AsyncAll: ['E-TPL-SYNTAX', '"{% asyncAll %}" is not supported'],
  IfAsync: ['E-TPL-SYNTAX', '"{% ifAsync %}" is not supported'],
}

const REFUSED_HELP: Readonly<Record<string, string>> = { 'E-TPL-PATH': 'put shared SQL into a macro under macros/' }

class TemplateCheck extends NameCheck {
  template(tree: TemplateNode): void {
    const names = new Names()
    for (const { name } of macrosOf(tree)) if (!this.known.qualifyOwn || name.startsWith('_')) names.own.add(name)
    this.declareSets(tree, names)
    for (const node of tree.children ?? []) {
      if (node.typename === 'Macro') this.macro(node, names)
      else this.visit(node, names)
    }
  }

  /** nunjucks' `set` reaches out of loops and conditions, so its names count for the whole template or macro. */
  private declareSets(node: TemplateNode, names: Names): void {
    for (const child of childNodes(node)) {
      if (child.typename === 'Macro' || child.typename === 'Caller') continue
      if (child.typename === 'Set') for (const target of child.targets ?? []) this.declare(target, names)
      this.declareSets(child, names)
    }
  }

  private children(node: TemplateNode, names: Names): void {
    for (const child of childNodes(node)) this.visit(child, names)
  }

  private visit(node: TemplateNode, names: Names): void {
    const refused = REFUSED_TAGS[node.typename]
    const visitor = this.visitors[node.typename]
    if (refused !== undefined) this.report(refused[0], refused[1], { node, help: REFUSED_HELP[refused[0]] })
    else if (visitor !== undefined) visitor(node, names)
    else this.children(node, names)
  }

  private readonly visitors: Readonly<Record<string, (node: TemplateNode, names: Names) => void>> = {
    Symbol: (node, names) => this.symbol(node, names),
    Literal: (node) => this.literal(node),
    TemplateData: () => {},
    LookupVal: (node, names) => this.lookup(node, names),
    FunCall: (node, names) => this.call(node, names),
    Filter: (node, names) => this.filter(node, names),
    Is: (node, names) => this.test(node, names),
    Pair: (node, names) => this.pair(node, names),
    For: (node, names) => this.loop(node, names),
    Caller: (node, names) => this.body(node, new Names(names)),
    Set: (node, names) => {
      for (const part of [node.value as TemplateNode | null, node.body]) if (part) this.visit(part, names)
    },
    Macro: (node) => this.report('E-TPL-SYNTAX', 'a macro is defined at the top of the file, outside other tags', node),
  }

  private literal(node: TemplateNode): void {
    if (!(node.value instanceof RegExp)) return
    this.report('E-TPL-SYNTAX', 'regular expressions are not available in templates', node)
  }

  private macro(node: TemplateNode, names: Names): void {
    this.plainName(node.name ?? node, String(node.name?.value))
    this.body(node, new Names(names))
  }

  private body(node: TemplateNode, inner: Names): void {
    inner.own.add('caller')
    for (const parameter of node.args?.children ?? []) {
      if (parameter.typename !== 'KeywordArgs') {
        this.declare(parameter, inner)
        continue
      }
      for (const pair of parameter.children ?? []) {
        this.declare(pair.key, inner)
        if (pair.value) this.visit(pair.value as TemplateNode, inner)
      }
    }
    if (!node.body) return
    this.declareSets(node.body, inner)
    this.children(node.body, inner)
  }

  private loop(node: TemplateNode, names: Names): void {
    if (node.arr) this.visit(node.arr, names)
    const inner = new Names(names)
    inner.own.add('loop')
    if (node.name?.typename === 'Array') for (const name of node.name.children ?? []) this.declare(name, inner)
    else this.declare(node.name, inner)
    if (node.body) this.children(node.body, inner)
    if (node.else_) this.children(node.else_, names)
  }

  private pair(node: TemplateNode, names: Names): void {
    const key = node.key
    const name = String(key?.value)
    const written = key?.typename === 'Symbol' || (key?.typename === 'Literal' && typeof key.value === 'string')
    if (!key || !written) this.report('E-TPL-SYNTAX', 'a key is a name or a quoted text', key ?? node)
    else if (FORBIDDEN_NAMES.has(name)) this.forbidden(key, name)
    else if (key.typename === 'Symbol') this.plainName(key, name)
    if (node.value) this.visit(node.value as TemplateNode, names)
  }

  private lookup(node: TemplateNode, names: Names): void {
    const { target, val } = node
    if (!target || !val) return
    const member = val.typename === 'Literal' ? String(val.value) : undefined
    if (member !== undefined && FORBIDDEN_NAMES.has(member)) this.forbidden(val, member)
    else if (this.isBuiltinFunction(target, names)) this.report('E-TPL-SANDBOX', 'a function has no members here', val)
    else {
      this.visit(target, names)
      if (member === undefined) this.visit(val, names)
      else this.knownMember(target, val, names)
    }
  }

  private knownMember(target: TemplateNode, val: TemplateNode, names: Names): void {
    const members = this.members(target, names)
    const member = String(val.value)
    if (members === undefined || members.includes(member)) return
    this.report('E-TPL-UNDEF', `${String(target.value)} has no "${member}"`, {
      node: val,
      hint: suggestName(member, members),
    })
  }

  private call(node: TemplateNode, names: Names): void {
    const callee = node.name
    if (callee?.typename === 'Symbol') this.callee(callee, node, names)
    else if (callee?.typename === 'LookupVal') this.lookup(callee, names)
    else this.report('E-TPL-SANDBOX', 'only macros and the functions of Backfeed can be called', callee ?? node)
    if (node.args) this.children(node.args, names)
  }

  private filter(node: TemplateNode, names: Names): void {
    const name = String(node.name?.value)
    if (!FILTERS.has(name)) {
      this.report('E-TPL-UNDEF', `filter "${name}" not found`, {
        node: node.name ?? node,
        hint: suggestName(name, [...FILTERS]),
      })
    }
    const [first, ...rest] = node.args?.children ?? []
    if (first && name !== 'default' && name !== 'd') this.visit(first, names)
    else if (first) this.soft(first, names)
    for (const argument of rest) this.visit(argument, names)
  }

  private test(node: TemplateNode, names: Names): void {
    const { left, right } = node
    if (!left || !right) return
    const name = testName(right)
    if (!TESTS.has(name))
      this.report('E-TPL-UNDEF', `test "${name}" not found`, { node: right, hint: suggestName(name, [...TESTS]) })
    if (name === 'defined' || name === 'undefined') this.soft(left, names)
    else this.visit(left, names)
    if (right.args) this.children(right.args, names)
  }

  /** The operand of `is defined` and `default` may name what does not exist, but not what is forbidden. */
  private soft(node: TemplateNode, names: Names): void {
    if (node.typename === 'Symbol') this.plainName(node, String(node.value))
    else if (node.typename !== 'LookupVal' || !node.target || !node.val) this.visit(node, names)
    else {
      if (node.val.typename !== 'Literal') this.visit(node.val, names)
      else if (FORBIDDEN_NAMES.has(String(node.val.value))) this.forbidden(node.val, String(node.val.value))
      this.soft(node.target, names)
    }
  }
}

/** Macros a file defines; those after the first of one name are in the list too. */
export function macrosOf(tree: TemplateNode): { name: string; node: TemplateNode }[] {
  const macros = (tree.children ?? []).filter((node) => node.typename === 'Macro')
  return macros.map((node) => ({ name: String(node.name?.value), node: node.name ?? node }))
}
