/** Walks a parsed YAML document into plain data, noting places and refusing what would be read as something else. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml'
import type { Position, Problem } from '../errors.ts'
import { isTree, type Place, type Places, type Tree } from './places.ts'
import type { ProblemList } from './problem-list.ts'
import type { SourceFile } from './project.ts'

const MAX_NODES = 50_000
const MAX_DEPTH = 60
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

interface TreeContext {
  places: Places
  problems: ProblemList
  source: SourceFile
  lines: LineCounter
  doc: Document.Parsed
}

export class YamlTree {
  readonly #context: TreeContext
  #nodes = 0
  #broken = false
  #aliasAt: Position | undefined

  constructor(context: TreeContext) {
    this.#context = context
  }

  root(): unknown {
    const { contents } = this.#context.doc
    const value = contents === null ? null : this.#value(contents, 0)
    if (this.#broken) return undefined
    if (typeof value === 'object' && value !== null && contents !== null) {
      this.#context.places.setOwn(value, this.#position(contents))
    }
    return value
  }

  #value(node: Node | null | undefined, depth: number): unknown {
    if (node === null || node === undefined || this.#broken) return null
    this.#nodes += 1
    if (this.#nodes > MAX_NODES || depth > MAX_DEPTH) return this.#stop(node)
    if (isAlias(node)) return this.#alias(node, depth)
    if (isMap(node)) return this.#map(node, depth)
    if (isSeq(node)) return this.#list(node.items as Node[], depth)
    return isScalar(node) ? this.#scalar(node) : null
  }

  /** What an alias stands for is walked again each time, so the node count sees what it expands to. */
  #alias(node: Node, depth: number): unknown {
    const target = isAlias(node) ? node.resolve(this.#context.doc) : undefined
    if (target === undefined) {
      this.#broken = true
      this.#report({
        code: 'E-CFG-YAML',
        message: 'this alias has no anchor before it',
        at: this.#position(node),
        help: 'define it with & first',
      })
      return null
    }
    const outermost = this.#aliasAt === undefined
    this.#aliasAt ??= this.#position(node)
    const value = this.#value(target, depth + 1)
    if (outermost) this.#aliasAt = undefined
    return value
  }

  #map(node: { items: readonly Pair[] }, depth: number): Tree {
    const tree: Tree = Object.create(null) as Tree
    const merged: Node[] = []
    for (const pair of node.items) {
      const key = this.#key(pair)
      if (key === undefined) continue
      if (key === '<<') merged.push(pair.value as Node)
      else this.#entry(tree, key, { pair, depth })
    }
    for (const source of merged) this.#merge(tree, source, depth)
    return tree
  }

  #entry(tree: Tree, key: string, entry: { pair: Pair; depth: number }): void {
    const { places } = this.#context
    const keyNode = entry.pair.key as Node
    const keyAt = this.#position(keyNode)
    const first = places.get(tree, key)
    if (first !== undefined) {
      const { line, column } = first.keyAt ?? first.at
      const message = `key "${key}" is given twice; first at ${line}:${column}`
      this.#report({ code: 'E-CFG-DUPKEY', message, at: keyAt, help: 'remove one of the two' })
      return
    }
    const value = entry.pair.value as Node | null
    tree[key] = this.#value(value, entry.depth + 1)
    this.#note(tree, key, { node: value, keyAt })
  }

  /** YAML 1.1 merge keys, which dbt users know: what the mapping says itself wins. */
  #merge(tree: Tree, source: Node, depth: number): void {
    const value = this.#value(source, depth + 1)
    for (const part of Array.isArray(value) ? value : [value]) {
      if (!isTree(part)) continue
      for (const key of Object.keys(part)) {
        if (key in tree) continue
        tree[key] = part[key]
        const place = this.#context.places.get(part, key)
        if (place !== undefined) this.#context.places.set(tree, key, place)
      }
    }
  }

  #key(pair: Pair): string | undefined {
    const node = pair.key
    if (!isScalar(node) || node.value === null || typeof node.value === 'object') {
      const at = node === null ? this.#position(pair.value as Node) : this.#position(node as Node)
      this.#report({ code: 'E-CFG-YAML', message: 'a key must be a word', at })
      return undefined
    }
    const key = String(node.source ?? node.value)
    if (!FORBIDDEN_KEYS.has(key)) return key
    this.#report({
      code: 'E-CFG-UNKNOWN',
      message: `the key "${key}" is not allowed`,
      at: this.#position(node),
      help: 'remove it',
    })
    return undefined
  }

  #list(items: readonly Node[], depth: number): unknown[] {
    const list = items.map((item) => this.#value(item, depth + 1))
    items.forEach((item, index) => {
      this.#note(list, index, { node: item })
    })
    return list
  }

  #note(container: object, key: string | number, entry: { node: Node | null; keyAt?: Position }): void {
    const { places } = this.#context
    const { node, keyAt } = entry
    const at = hasRange(node) ? this.#position(node) : keyAt
    if (at === undefined) return
    const place: Place = { at, ...(keyAt !== undefined && { keyAt }), ...this.#written(node, at) }
    places.set(container, key, place)
    const value = (container as Record<string | number, unknown>)[key]
    if (typeof value === 'object' && value !== null && places.own(value) === undefined) places.setOwn(value, at)
  }

  #written(node: Node | null, at: Position): { source?: string; textColumn?: number } {
    if (!isScalar(node) || node.source === undefined) return {}
    const plain = node.type === 'PLAIN'
    const offset = plain ? 0 : 1
    const raw = this.#context.source.text.slice((node.range?.[0] ?? 0) + offset)
    return { source: node.source, ...(raw.startsWith(node.source) && { textColumn: at.column + offset }) }
  }

  #scalar(node: Scalar): unknown {
    if (node.type === 'PLAIN' && node.source !== undefined) this.#warnAmbiguous(node, node.source)
    return node.value
  }

  /** YAML 1.1 tools read these words differently; here they are what YAML 1.2 says, and the author is told. */
  #warnAmbiguous(node: Scalar, source: string): void {
    const word = /^(?:y|n|yes|no|on|off)$/i.test(source)
    const number = /^[-+]?0\d+$/.test(source) || (/e/i.test(source) && typeof node.value === 'number')
    const clock = /^\d+(?::[0-5]?\d)+$/.test(source)
    if (!word && !number && !clock) return
    const kind = typeof node.value === 'number' ? `the number ${node.value}` : `the text "${source}"`
    const help = word ? 'write true or false, or put it in quotes' : 'put it in quotes to have it as text'
    this.#report({
      code: 'W-CFG-AMBIGUOUS',
      message: `\`${source}\` is ${kind} here (YAML 1.2)`,
      at: this.#position(node),
      help: help,
    })
  }

  #stop(node: Node): null {
    this.#broken = true
    const message =
      this.#aliasAt === undefined
        ? 'the YAML is too large or nested too deeply'
        : 'what this alias expands to is too large'
    this.#report({
      code: 'E-CFG-TOOBIG',
      message,
      at: this.#aliasAt ?? this.#position(node),
      help: 'write less, or without aliases',
    })
    return null
  }

  #report(problem: Problem): void {
    this.#context.problems.add(problem)
  }

  #position(node: Node): Position {
    const { source, lines } = this.#context
    const [start, end] = node.range ?? [0, 0]
    const { line, col } = lines.linePos(start)
    const lineEnd = source.text.indexOf('\n', start)
    const length = Math.min(end, lineEnd === -1 ? source.text.length : lineEnd) - start
    const underline = isScalar(node) && length > 0 ? { length } : {}
    return { file: source.file, line: Math.max(line, 1), column: Math.max(col, 1), ...underline }
  }
}

/** An empty value has a range of no width after the colon: the key is the better place. */
function hasRange(node: Node | null): node is Node {
  return node?.range !== undefined && node.range !== null && node.range[1] > node.range[0]
}
