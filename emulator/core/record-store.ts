import type { CrmContext, RecordVersion } from './crm.ts'
import { ControlError } from './crm.ts'
import { FieldIndex } from './field-index.ts'
import type { HistoryState, RecordDelta } from './record-history.ts'
import { RecordHistory } from './record-history.ts'

export type RecordFields = Readonly<Record<string, unknown>>

/** Never changed in place: an update makes a new one, so a record somebody holds stays what it was. */
export interface StoredRecord {
  readonly id: string
  readonly fields: RecordFields
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly removed: boolean
}

export interface RecordStoreOptions {
  /** Versions kept per record, newest last; default all. */
  keepVersions?: number
}

interface StoredObject {
  live: Map<string, StoredRecord>
  removed: Map<string, StoredRecord>
  history: Map<string, RecordHistory>
  indexes: Map<string, FieldIndex>
  /** Cached `ids()`; thrown away when a record comes or goes. */
  ids?: readonly string[] | undefined
}

export interface StoreSnapshot {
  [object: string]: { records: StoredRecord[]; history: [string, HistoryState][] }
}

/**
 * Records of one CRM by object and id, with every version kept. Names, ids and values are exact: case rules, types and
 * what null or '' mean are the CRM's. `undefined` is never stored; null is stored as null.
 * Field objects handed in belong to the store afterwards: do not change them.
 */
export class RecordStore {
  readonly #context: CrmContext
  readonly #keepVersions: number
  readonly #objects = new Map<string, StoredObject>()
  /** Steps back to the start of the transaction, newest last; undefined outside one. */
  #undo: (() => void)[] | undefined

  constructor(context: CrmContext, options: RecordStoreOptions = {}) {
    this.#context = context
    this.#keepVersions = Math.max(1, options.keepVersions ?? Number.POSITIVE_INFINITY)
  }

  /** Declares an index; records already there are indexed. `fold` compares without case. The same call twice does nothing. */
  index(object: string, field: string, fold: boolean): void {
    const held = this.#object(object)
    if (held.indexes.get(field)?.fold === fold) return
    const index = new FieldIndex(field, fold)
    for (const record of held.live.values()) index.add(record.id, record.fields)
    held.indexes.set(field, index)
  }

  indexed(object: string, field: string): boolean {
    return this.#objects.get(object)?.indexes.has(field) ?? false
  }

  /** An id that was removed may be created again and its history goes on; a live one throws ControlError(409). */
  create(object: string, id: string, fields: RecordFields): StoredRecord {
    const held = this.#object(object)
    if (held.live.has(id)) throw new ControlError(409, `${object} ${id} already exists`)
    const nowMs = this.#context.clock.nowMs()
    const stored = withoutUndefined(fields)
    const record = { id, fields: stored, createdAtMs: nowMs, updatedAtMs: nowMs, removed: false }
    const gone = held.removed.get(id)
    held.removed.delete(id)
    held.live.set(id, record)
    held.ids = undefined
    for (const index of held.indexes.values()) index.add(id, stored)
    this.#remember(held, record, { op: 'create', changes: stored })
    this.#undo?.push(() => {
      this.#swap(held, record, undefined)
      if (gone !== undefined) held.removed.set(id, gone)
    })
    return record
  }

  /** Undefined when no live record has the id. Every call is a version, also one that changes nothing. */
  update(object: string, id: string, changes: RecordFields): StoredRecord | undefined {
    const held = this.#objects.get(object)
    const before = held?.live.get(id)
    if (held === undefined || before === undefined) return undefined
    const stored = withoutUndefined(changes)
    const fields: Record<string, unknown> = { ...before.fields }
    for (const name in stored) fields[name] = stored[name]
    const updatedAtMs = this.#context.clock.nowMs()
    const record = { id, fields, createdAtMs: before.createdAtMs, updatedAtMs, removed: false }
    held.live.set(id, record)
    for (const index of held.indexes.values()) {
      if (index.field in stored && stored[index.field] !== before.fields[index.field]) {
        index.drop(id, before.fields)
        index.add(id, fields)
      }
    }
    this.#remember(held, record, { op: 'update', changes: stored })
    this.#undo?.push(() => this.#swap(held, record, before))
    return record
  }

  /** The removed record, or undefined when no live one has the id. */
  remove(object: string, id: string): StoredRecord | undefined {
    const held = this.#objects.get(object)
    const before = held?.live.get(id)
    if (held === undefined || before === undefined) return undefined
    const record = { ...before, removed: true, updatedAtMs: this.#context.clock.nowMs() }
    held.live.delete(id)
    held.removed.set(id, record)
    held.ids = undefined
    for (const index of held.indexes.values()) index.drop(id, before.fields)
    this.#remember(held, record, { op: 'delete', changes: {} })
    this.#undo?.push(() => {
      held.removed.delete(id)
      this.#swap(held, undefined, before)
    })
    return record
  }

  /** Out of the recycle bin: the removed record is found no more. Its versions stay. */
  forget(object: string, id: string): void {
    this.#objects.get(object)?.removed.delete(id)
  }

  /** Writes of `work` last when it returns true; else they are undone, and no version of them stays. One at a time. */
  transaction(work: () => boolean): void {
    if (this.#undo !== undefined) throw new ControlError(500, 'a transaction is open already')
    const undo: (() => void)[] = []
    this.#undo = undo
    let lasts = false
    try {
      lasts = work()
    } finally {
      this.#undo = undefined
      if (!lasts) for (const step of undo.reverse()) step()
    }
  }

  get(object: string, id: string): StoredRecord | undefined {
    return this.#objects.get(object)?.live.get(id)
  }

  removed(object: string, id: string): StoredRecord | undefined {
    return this.#objects.get(object)?.removed.get(id)
  }

  /** Live records in the order they were created. */
  all(object: string): Iterable<StoredRecord> {
    return this.#objects.get(object)?.live.values() ?? []
  }

  allRemoved(object: string): Iterable<StoredRecord> {
    return this.#objects.get(object)?.removed.values() ?? []
  }

  /** Ids of the live records in the order they were created; the same array until a record comes or goes. */
  ids(object: string): readonly string[] {
    const held = this.#objects.get(object)
    if (held === undefined) return []
    held.ids ??= [...held.live.keys()]
    return held.ids
  }

  count(object: string): number {
    return this.#objects.get(object)?.live.size ?? 0
  }

  /** Live records whose indexed field holds the value. A field without an index throws: a scan would hide in a load test. */
  find(object: string, field: string, value: unknown): StoredRecord[] {
    const held = this.#objects.get(object)
    const index = held?.indexes.get(field)
    if (held === undefined || index === undefined) throw new ControlError(500, `${object}.${field} has no index`)
    const ids = index.lookup(value)
    if (ids === undefined) return []
    const found: StoredRecord[] = []
    for (const id of typeof ids === 'string' ? [ids] : ids) {
      const record = held.live.get(id)
      if (record !== undefined) found.push(record)
    }
    return found
  }

  /** Oldest first; empty for an id that never existed. */
  versions(object: string, id: string): RecordVersion[] {
    return this.#objects.get(object)?.history.get(id)?.versions() ?? []
  }

  /** Plain JSON: records and versions. Indexes are declared by the CRM and not in it. */
  snapshot(): StoreSnapshot {
    const snapshot: StoreSnapshot = {}
    for (const [name, held] of this.#objects) {
      const history = [...held.history].map(([id, versions]): [string, HistoryState] => [id, versions.state()])
      snapshot[name] = { records: [...held.live.values(), ...held.removed.values()], history }
    }
    return snapshot
  }

  /** Replaces all records; declared indexes stay and are filled again. */
  restore(snapshot: StoreSnapshot): void {
    this.reset()
    for (const [name, { records, history }] of Object.entries(snapshot)) {
      const held = this.#object(name)
      for (const record of records) {
        const side = record.removed ? held.removed : held.live
        side.set(record.id, record)
        if (!record.removed) for (const index of held.indexes.values()) index.add(record.id, record.fields)
      }
      for (const [id, state] of history) held.history.set(id, RecordHistory.from(state))
    }
  }

  /** Forgets every record and version; declared indexes stay. */
  reset(): void {
    for (const held of this.#objects.values()) {
      held.live.clear()
      held.removed.clear()
      held.history.clear()
      held.ids = undefined
      for (const index of held.indexes.values()) index.clear()
    }
  }

  #swap(held: StoredObject, now: StoredRecord | undefined, before: StoredRecord | undefined): void {
    const id = now?.id ?? before?.id ?? ''
    if (now !== undefined) for (const index of held.indexes.values()) index.drop(id, now.fields)
    if (before === undefined) held.live.delete(id)
    else held.live.set(id, before)
    if (before !== undefined) for (const index of held.indexes.values()) index.add(id, before.fields)
    held.ids = undefined
    const history = held.history.get(id)
    history?.drop()
    if (history?.isEmpty === true) held.history.delete(id)
  }

  #object(name: string): StoredObject {
    let held = this.#objects.get(name)
    if (held === undefined) {
      held = { live: new Map(), removed: new Map(), history: new Map(), indexes: new Map() }
      this.#objects.set(name, held)
    }
    return held
  }

  #remember(held: StoredObject, record: StoredRecord, what: Pick<RecordDelta, 'op' | 'changes'>): void {
    let history = held.history.get(record.id)
    if (history === undefined) {
      history = new RecordHistory()
      held.history.set(record.id, history)
    }
    const { op, changes } = what
    const request = this.#context.currentRequest()
    history.append({ atMs: record.updatedAtMs, request, op, changes }, this.#keepVersions)
  }
}

function withoutUndefined(fields: RecordFields): RecordFields {
  for (const name in fields) {
    if (fields[name] === undefined) {
      return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
    }
  }
  return fields
}
