import type { RecordFields } from './record-store.ts'

/** Ids of the live records per value of one field. Null, undefined and '' are never indexed, as in both CRMs. */
export class FieldIndex {
  readonly field: string
  readonly fold: boolean
  // A bare id where one record holds the value, which is nearly always: a Set per record would double the memory.
  readonly #ids = new Map<string, string | Set<string>>()

  constructor(field: string, fold: boolean) {
    this.field = field
    this.fold = fold
  }

  /** One id alone, where only one record holds the value. */
  lookup(value: unknown): string | ReadonlySet<string> | undefined {
    const key = this.#key(value)
    return key === undefined ? undefined : this.#ids.get(key)
  }

  add(id: string, fields: RecordFields): void {
    const key = this.#key(fields[this.field])
    if (key === undefined) return
    const held = this.#ids.get(key)
    if (held === undefined) this.#ids.set(key, id)
    else if (typeof held === 'string') this.#ids.set(key, new Set([held, id]))
    else held.add(id)
  }

  drop(id: string, fields: RecordFields): void {
    const key = this.#key(fields[this.field])
    if (key === undefined) return
    const held = this.#ids.get(key)
    if (held === id) this.#ids.delete(key)
    else if (held instanceof Set) {
      held.delete(id)
      if (held.size === 0) this.#ids.delete(key)
    }
  }

  clear(): void {
    this.#ids.clear()
  }

  #key(value: unknown): string | undefined {
    if (value === undefined || value === null || value === '') return undefined
    const text = String(value)
    return this.fold ? text.toLowerCase() : text
  }
}
