import type { CrmContext } from '../core/crm.ts'
import type { StoredRecord, StoreSnapshot } from '../core/record-store.ts'
import { RecordStore } from '../core/record-store.ts'
import { isoInstant } from './instant-text.ts'
import type { ObjectSchema, SchemaSnapshot } from './portal-schema.ts'
import { isContactEmail, PortalSchema } from './portal-schema.ts'

export interface PortalSnapshot {
  portalId: number
  nextIds: [string, number][]
  schema: SchemaSnapshot
  records: StoreSnapshot
}

// Above 2^32, as real ids are, and the same for every object type: ids are unique only within one.
const FIRST_ID = 10_000_000_001

/** One HubSpot account: its schema, its records and the ids it hands out. */
export class Portal {
  readonly context: CrmContext
  readonly schema: PortalSchema
  readonly store: RecordStore
  #portalId: number
  #nextIds = new Map<string, number>()

  constructor(context: CrmContext) {
    this.context = context
    this.#portalId = 20_000_000 + Math.floor(context.random.next() * 30_000_000)
    this.schema = new PortalSchema(context.clock)
    this.store = new RecordStore(context)
    this.declareIndexes()
  }

  get portalId(): number {
    return this.#portalId
  }

  /** To be called after every change of the schema: a property that became unique is looked up by value. */
  declareIndexes(): void {
    for (const object of this.schema.all()) {
      // Folded, as search wants it; findByUnique compares exactly where HubSpot does.
      for (const name of object.unique) this.store.index(object.name, name, true)
    }
    // Not unique, but what companies are searched by.
    this.store.index('companies', 'domain', true)
  }

  newId(object: ObjectSchema): string {
    const id = this.#nextIds.get(object.name) ?? FIRST_ID
    this.#nextIds.set(object.name, id + 1)
    return String(id)
  }

  /** An id given from outside is never handed out again. */
  claimId(object: ObjectSchema, id: string): void {
    const next = this.#nextIds.get(object.name) ?? FIRST_ID
    if (Number(id) >= next) this.#nextIds.set(object.name, Number(id) + 1)
  }

  findByUnique(object: ObjectSchema, property: string, value: string): StoredRecord | undefined {
    const found = this.store.find(object.name, property, value)
    return isContactEmail(object, property) ? found[0] : found.find((record) => record.fields[property] === value)
  }

  reset(): void {
    // Drawn as at the start, so that what follows repeats what followed then; the portal keeps its id.
    this.context.random.next()
    this.schema.reset()
    this.store.reset()
    this.#nextIds.clear()
    this.declareIndexes()
  }

  snapshot(): PortalSnapshot {
    const records = this.store.snapshot()
    return { portalId: this.#portalId, nextIds: [...this.#nextIds], schema: this.schema.snapshot(), records }
  }

  restore(snapshot: PortalSnapshot): void {
    this.#portalId = snapshot.portalId
    this.#nextIds = new Map(snapshot.nextIds)
    this.schema.restore(snapshot.schema)
    this.declareIndexes()
    this.store.restore(snapshot.records)
  }
}

/** A property's value as stored; system properties come from the record itself. Undefined when never set. */
export function storedValue(object: ObjectSchema, record: StoredRecord, property: string): string | undefined {
  const value = record.fields[property]
  if (value !== undefined) return String(value)
  switch (property) {
    case 'hs_object_id':
      return record.id
    case 'createdate':
      return isoInstant(record.createdAtMs)
    case object.lastModified:
      return isoInstant(record.updatedAtMs)
    default:
      return undefined
  }
}
