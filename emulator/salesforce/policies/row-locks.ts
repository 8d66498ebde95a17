import type { RecordFields } from '../../core/record-store.ts'
import type { ObjectSchema } from '../object-schema.ts'
import type { RowLock } from './org-policies.ts'

// By the policy's own object: attempts count on when gates are built anew after a change of the schema.
const ATTEMPTS = new WeakMap<RowLock, number>()

/** Rows another transaction holds, for ever or for a number of attempts. */
export class RowLocks {
  readonly #locks: readonly { lock: RowLock; ids: ReadonlySet<string>; parents: ReadonlySet<string> }[]
  readonly #references: readonly string[]

  constructor(locks: readonly RowLock[], object: ObjectSchema) {
    this.#locks = locks.map((lock) => ({ lock, ids: new Set(lock.ids), parents: new Set(lock.children_of) }))
    this.#references = object.fields.filter((field) => field.type === 'reference').map((field) => field.name)
  }

  /** The id of the record that cannot be locked; counts as one attempt. */
  take(id: string, fields: RecordFields): string | undefined {
    for (const { lock, ids, parents } of this.#locks) {
      const holder = ids.has(id) ? id : this.#parentIn(parents, fields)
      if (holder === undefined) continue
      const attempts = (ATTEMPTS.get(lock) ?? 0) + 1
      if (lock.times !== undefined && attempts > lock.times) continue
      ATTEMPTS.set(lock, attempts)
      return holder
    }
    return undefined
  }

  #parentIn(parents: ReadonlySet<string>, fields: RecordFields): string | undefined {
    if (parents.size === 0) return undefined
    for (const name of this.#references) {
      const id = fields[name]
      if (typeof id === 'string' && parents.has(id)) return id
    }
    return undefined
  }
}
