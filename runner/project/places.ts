/** Where every node of the loaded YAML was written. Merged objects get places copied, so a default keeps its own line. */
import type { Position } from '../errors.ts'

/** A YAML mapping as plain data, without a prototype. */
export interface Tree {
  [key: string]: unknown
}

export interface Place {
  /** Of the value. */
  at: Position
  /** Of the key; absent for items of a list. */
  keyAt?: Position
  /** A scalar as it was written, without quotes: numbers lose digits when parsed. */
  source?: string
  /** The scalar is quoted or plain on one line, so offsets inside `source` are columns; the column where `source` starts. */
  textColumn?: number
}

export type PathPart = string | number

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A scalar as text; '' for anything else: objects without a prototype cannot be turned into text at all. */
export function scalarText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}

export class Places {
  readonly #children = new WeakMap<object, Map<string, Place>>()
  readonly #own = new WeakMap<object, Position>()

  set(container: object, key: PathPart, place: Place): void {
    const places = this.#children.get(container) ?? new Map<string, Place>()
    places.set(String(key), place)
    this.#children.set(container, places)
  }

  setOwn(container: object, at: Position): void {
    this.#own.set(container, at)
  }

  get(container: unknown, key: PathPart): Place | undefined {
    return typeof container === 'object' && container !== null
      ? this.#children.get(container)?.get(String(key))
      : undefined
  }

  own(container: unknown): Position | undefined {
    return typeof container === 'object' && container !== null ? this.#own.get(container) : undefined
  }

  /** Positions of the values that were written directly inside, by key. */
  of(container: object): Record<string, Position> {
    return Object.fromEntries([...(this.#children.get(container) ?? [])].map(([key, { at }]) => [key, at]))
  }

  /** The place of a node, given the path from a root; undefined when nothing was written there. */
  find(root: unknown, path: readonly PathPart[]): Place | undefined {
    const key = path.at(-1)
    return key === undefined ? undefined : this.get(valueAt(root, path.slice(0, -1)), key)
  }

  /** Position of a value; for something that was not written, of the nearest thing around it that was. */
  at(root: unknown, path: readonly PathPart[], part: 'key' | 'value' = 'value'): Position {
    for (let length = path.length; length > 0; length--) {
      const place = this.find(root, path.slice(0, length))
      if (place === undefined) continue
      const wantsKey = part === 'key' || length < path.length
      return (wantsKey ? place.keyAt : undefined) ?? place.at
    }
    return this.own(root) ?? { file: 'project.yml', line: 1, column: 1 }
  }
}

export function valueAt(root: unknown, path: readonly PathPart[]): unknown {
  let value = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<PathPart, unknown>)[key]
  }
  return value
}
