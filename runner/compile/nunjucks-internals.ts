/**
 * The parts of nunjucks 3.2.4 that templates need: lexer, parser, tree, code generator, and the slim runtime's text.
 * They are not in the package's typed surface, so the version is checked where the parser is loaded.
 * Environment, loaders and filters of nunjucks are never loaded: they are what its known escapes go through.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { invariant } from '../errors.ts'

/** A node of the parser's tree. `lineno` and `colno` are 0-based; some synthetic nodes have none. */
export interface TemplateNode {
  readonly typename: string
  readonly fields: readonly string[]
  lineno?: number
  colno?: number
  children?: TemplateNode[]
  /** Symbol, Literal, TemplateData: text, number, boolean, null or RegExp. Pair and Set: a node. */
  value?: unknown
  name?: TemplateNode
  args?: TemplateNode
  target?: TemplateNode
  val?: TemplateNode
  left?: TemplateNode
  right?: TemplateNode
  key?: TemplateNode
  arr?: TemplateNode
  body?: TemplateNode
  cond?: TemplateNode
  else_?: TemplateNode | null
  expr?: TemplateNode
  targets?: TemplateNode[]
}

export type NodeClass = new (lineno?: number, colno?: number, ...fields: unknown[]) => TemplateNode

export interface Token {
  type: string
  value: string
  lineno: number
  colno: number
}

/** The recursive-descent parser; methods that fail throw an object with 1-based lineno and colno, or none at the end of the file. */
export interface TemplateParser {
  peekToken(): Token | null
  nextToken(): Token | null
  parseStatement(): TemplateNode | null
  parseExpression(): TemplateNode
  advanceAfterBlockEnd(name?: string): Token
  parseAsRoot(): TemplateNode
}

/** Compile-time frame: which template names are JavaScript locals at this point of the generated code. */
export interface CompileFrame {
  lookup(name: string): string | null | undefined
}

export interface TemplateCompiler {
  buffer: string
  compile(node: TemplateNode, frame?: CompileFrame): void
  getCode(): string
  _emit(code: string): void
  _emitLine(code: string): void
  _compileAggregate(node: TemplateNode, frame: CompileFrame, start?: string, end?: string): void
  compileFor(node: TemplateNode, frame: CompileFrame): void
  compileCapture(node: TemplateNode, frame: CompileFrame): void
  compileIf(node: TemplateNode, frame: CompileFrame): void
  compileSet(node: TemplateNode, frame: CompileFrame): void
}

interface Internals {
  lexer: { lex(text: string, options: { trimBlocks: boolean; lstripBlocks: boolean }): unknown }
  nodes: { Node: NodeClass & { extend(name: string, o: { fields: string[] }): NodeClass } }
  Parser: new (tokens: unknown) => TemplateParser
  Compiler: new (templateName: string, throwOnUndefined: boolean) => TemplateCompiler
}

const require = createRequire(import.meta.url)

function load(): Internals {
  const { version } = require('nunjucks/package.json')
  // The generator below overrides private methods; another version may emit code that goes round them.
  invariant(version === '3.2.4', `the template sandbox is built for nunjucks 3.2.4, found ${version}`)
  return {
    lexer: require('nunjucks/src/lexer'),
    nodes: require('nunjucks/src/nodes'),
    Parser: require('nunjucks/src/parser').Parser,
    Compiler: require('nunjucks/src/compiler').Compiler,
  }
}

export const { lexer, nodes, Parser, Compiler } = load()

/** `{% do expression %}`: evaluates and prints nothing. */
export const DoNode: NodeClass = nodes.Node.extend('Do', { fields: ['expr'] })

export function slimRuntimeText(): string {
  return readFileSync(require.resolve('nunjucks/browser/nunjucks-slim.js'), 'utf8')
}

/** Every node below `node`, one level deep. The tree's own field list leaves out the body of `{% set %}`. */
export function childNodes(node: TemplateNode): TemplateNode[] {
  const found: TemplateNode[] = []
  const take = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(take)
    else if (value instanceof nodes.Node) found.push(value)
  }
  const record = node as unknown as Record<string, unknown>
  for (const field of node.fields) take(record[field])
  if (node.typename === 'Set') take(node.body)
  return found
}
