import type { CrmContext } from '../core/crm.ts'
import type { StoredRecord, StoreSnapshot } from '../core/record-store.ts'
import { RecordStore } from '../core/record-store.ts'
import type { AssociationsSnapshot } from './associations/association-store.ts'
import { AssociationStore } from './associations/association-store.ts'
import { isoInstant } from './instant-text.ts'
import type { PortalPolicies } from './policies/portal-policies.ts'
import { NO_POLICIES } from './policies/portal-policies.ts'
import type { ObjectSchema, SchemaSnapshot } from './portal-schema.ts'
import { isContactEmail, PortalSchema } from './portal-schema.ts'
import type { TokensSnapshot } from './portal-tokens.ts'
import { PortalTokens } from './portal-tokens.ts'
import { RateLimit } from './rate-limit.ts'
import { RecordAliases, secondaryEmails } from './record-aliases.ts'

export interface PortalSnapshot {
  portalId: number
  nextIds: [string, number][]
  schema: SchemaSnapshot
  records: StoreSnapshot
  /** Absent in files written before there were any. */
  policies?: PortalPolicies
  tokens?: TokensSnapshot
  merged?: [string, string][]
  associations?: AssociationsSnapshot
}

// Above 2^32, as real ids are, and the same for every object type: ids are unique only within one.
const FIRST_ID = 10_000_000_001

/** One HubSpot account: its schema, its records and the ids it hands out, its associations, tokens and policies. */
export class Portal {
  readonly context: CrmContext
  readonly schema: PortalSchema
  readonly store: RecordStore
  readonly associations = new AssociationStore()
  readonly aliases = new RecordAliases()
  readonly tokens: PortalTokens
  readonly startedAtMs: number
  /** To be changed by putPolicies only, which puts them into force. */
  policies: PortalPolicies = NO_POLICIES
  rateLimit: RateLimit
  #portalId: number
  #nextIds = new Map<string, number>()

  constructor(context: CrmContext) {
    this.context = context
    this.startedAtMs = context.clock.nowMs()
    this.tokens = new PortalTokens(context)
    this.rateLimit = new RateLimit(context.clock)
    this.#portalId = 20_000_000 + Math.floor(context.random.next() * 30_000_000)
    this.schema = new PortalSchema(context.clock)
    this.store = new RecordStore(context)
    this.declareIndexes()
  }

  get portalId(): number {
    return this.policies.account.portal_id ?? this.#portalId
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

  /** A contact is found by its secondary e-mails as well. */
  findByUnique(object: ObjectSchema, property: string, value: string): StoredRecord | undefined {
    const found = this.store.find(object.name, property, value)
    if (!isContactEmail(object, property)) return found.find((record) => record.fields[property] === value)
    return found[0] ?? this.#bySecondaryEmail(object, value)
  }

  #bySecondaryEmail(object: ObjectSchema, email: string): StoredRecord | undefined {
    const owner = this.aliases.emailOwner(email)
    const record = owner === undefined ? undefined : this.store.get(object.name, owner)
    const held = secondaryEmails(record?.fields.hs_additional_emails)
    return held.includes(email.toLowerCase()) ? record : undefined
  }

  reset(): void {
    // Drawn as at the start, so that what follows repeats what followed then; the portal keeps its id.
    this.context.random.next()
    this.schema.reset()
    this.store.reset()
    this.#nextIds.clear()
    this.associations.reset()
    this.aliases.reset()
    this.tokens.reset()
    this.policies = NO_POLICIES
    this.rateLimit = new RateLimit(this.context.clock)
    this.declareIndexes()
  }

  snapshot(): PortalSnapshot {
    return {
      portalId: this.#portalId,
      nextIds: [...this.#nextIds],
      schema: this.schema.snapshot(),
      records: this.store.snapshot(),
      policies: this.policies,
      tokens: this.tokens.snapshot(),
      merged: this.aliases.snapshot(),
      associations: this.associations.snapshot(),
    }
  }

  restore(snapshot: PortalSnapshot): void {
    this.#portalId = snapshot.portalId
    this.#nextIds = new Map(snapshot.nextIds)
    this.schema.restore(snapshot.schema)
    this.declareIndexes()
    this.store.restore(snapshot.records)
    this.policies = snapshot.policies ?? NO_POLICIES
    this.rateLimit.configure(this.policies.limits, this.policies.account.time_zone)
    if (snapshot.tokens !== undefined) this.tokens.restore(snapshot.tokens)
    if (snapshot.associations !== undefined) this.associations.restore(snapshot.associations)
    this.aliases.restore(snapshot.merged ?? [])
    for (const { id, fields } of this.store.all('contacts')) this.aliases.setEmails(id, fields.hs_additional_emails)
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
