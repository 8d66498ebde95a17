import type { CrmContext } from '../core/crm.ts'
import { RecordStore, type StoredRecord, type StoreSnapshot } from '../core/record-store.ts'
import { BulkJobs } from './bulk/bulk-jobs.ts'
import { apiDatetime } from './dates.ts'
import type { Field } from './field.ts'
import type { FieldValue } from './field-values.ts'
import { ApiUsage } from './limits.ts'
import type { ObjectSchema } from './object-schema.ts'
import type { ObjectGate } from './policies/object-gate.ts'
import { NO_POLICIES, type OrgPolicies } from './policies/org-policies.ts'
import { PolicyBook } from './policies/policy-book.ts'
import { canonicalId, recordId } from './record-id.ts'
import { Schema, type SchemaSnapshot } from './schema.ts'
import { Sessions } from './sessions.ts'

/** The people of the org: whose token calls the API, who edits through the control plane, whom assignment rules pick. */
export interface OrgUsers {
  api: string
  colleague: string
  assignee: string
}

export interface OrgSnapshot {
  schema: SchemaSnapshot
  records: StoreSnapshot
  nextSerial: number
  orgId: string
  users: OrgUsers
  policies?: OrgPolicies
  assignments?: Record<string, number>
  usage: { used: number; dayStartedMs: number }
  autoNumbers: Record<string, number>
}

/** One Salesforce org: schema, records, users, counters. Knows nothing of HTTP. */
export class Org {
  readonly context: CrmContext
  readonly schema: Schema
  readonly store: RecordStore
  readonly usage: ApiUsage
  readonly bulk: BulkJobs
  readonly sessions: Sessions
  readonly policies: PolicyBook
  #assignments: Record<string, number> = {}
  #nextSerial = 0
  #autoNumbers: Record<string, number> = {}
  #orgId = ''
  #users: OrgUsers = { api: '', colleague: '', assignee: '' }

  constructor(context: CrmContext) {
    this.context = context
    this.schema = new Schema(() => context.clock.nowMs())
    this.store = new RecordStore(context)
    this.policies = new PolicyBook(this)
    this.usage = new ApiUsage(context.clock, () => this.policies.current.limits)
    this.sessions = new Sessions(context, () => this.policies.current.auth)
    this.bulk = new BulkJobs(this)
    this.reset()
  }

  get id(): string {
    return this.#orgId
  }

  get users(): OrgUsers {
    return this.#users
  }

  reset(): void {
    this.schema.reset()
    this.store.reset()
    this.usage.reset()
    this.bulk.reset()
    this.sessions.reset()
    this.policies.enforce(NO_POLICIES)
    this.#autoNumbers = {}
    this.#assignments = {}
    this.#nextSerial = 1_000_000 + Math.floor(this.context.random.next() * 62 ** 5)
    this.indexAll()
    this.#seed()
  }

  indexAll(): void {
    for (const object of this.schema.everything()) this.indexObject(object)
  }

  indexObject(object: ObjectSchema): void {
    for (const field of object.fields) {
      if (isLookupKey(field) && field.type !== 'id') this.store.index(object.name, field.name, !field.caseSensitive)
    }
  }

  /** Rules an administrator set up for the object; nearly always none. */
  gate(object: ObjectSchema): ObjectGate | undefined {
    return this.policies.gate(object)
  }

  /** Id of the user with that name, whatever its case. */
  userNamed(username: string): string | undefined {
    return this.store.find('User', 'Username', username)[0]?.id
  }

  isActive(userId: string): boolean {
    return this.store.get('User', userId)?.fields.IsActive === true
  }

  countAssignment(object: ObjectSchema): void {
    this.#assignments[object.name] = (this.#assignments[object.name] ?? 0) + 1
  }

  /** How often assignment rules were applied, by object. */
  get assignments(): Readonly<Record<string, number>> {
    return this.#assignments
  }

  newId(object: Pick<ObjectSchema, 'keyPrefix'>): string {
    this.#nextSerial += 1
    return recordId(object.keyPrefix, this.#nextSerial)
  }

  nextAutoNumber(object: ObjectSchema): string {
    const next = (this.#autoNumbers[object.name] ?? 1_000) + 1
    this.#autoNumbers[object.name] = next
    return String(next).padStart(8, '0')
  }

  /** Live records holding the value, with the case rules of an upsert: folded only where the field is unique and ignores case. */
  matching(object: ObjectSchema, field: Field, value: FieldValue): StoredRecord[] {
    if (value === null) return []
    if (field.type === 'id') {
      const record = this.store.get(object.name, canonicalId(String(value)) ?? '')
      return record === undefined ? [] : [record]
    }
    const found = this.store.find(object.name, field.name, value)
    if (found.length === 0 || (field.unique && !field.caseSensitive)) return found
    return found.filter((record) => record.fields[field.name] === value)
  }

  /** The object an id belongs to, by its prefix. */
  objectOf(id: string): ObjectSchema | undefined {
    return this.schema.byKeyPrefix(id.slice(0, 3))
  }

  now(): string {
    return apiDatetime(this.context.clock.nowMs())
  }

  snapshot(): OrgSnapshot {
    return {
      schema: this.schema.snapshot(),
      records: this.store.snapshot(),
      nextSerial: this.#nextSerial,
      orgId: this.#orgId,
      users: this.#users,
      policies: this.policies.current,
      assignments: this.#assignments,
      usage: this.usage.state,
      autoNumbers: this.#autoNumbers,
    }
  }

  restore(snapshot: OrgSnapshot): void {
    this.schema.restore(snapshot.schema)
    this.store.reset()
    this.indexAll()
    this.store.restore(snapshot.records)
    this.sessions.reset()
    this.policies.enforce(snapshot.policies ?? NO_POLICIES)
    this.#assignments = { ...snapshot.assignments }
    this.#nextSerial = snapshot.nextSerial
    this.#orgId = snapshot.orgId
    this.#users = snapshot.users
    this.usage.state = snapshot.usage
    this.#autoNumbers = { ...snapshot.autoNumbers }
  }

  #seed(): void {
    this.#users = {
      api: this.#seedUser('Integration', 'integration@backfeed-emulator.example'),
      colleague: this.#seedUser('Colleague', 'colleague@backfeed-emulator.example'),
      assignee: this.#seedUser('Assignment Rule', 'assignment.rule@backfeed-emulator.example'),
    }
    const organization = this.schema.find('Organization')
    if (organization === undefined) return
    this.#orgId = this.newId(organization)
    this.store.create('Organization', this.#orgId, {
      Name: 'Backfeed Emulator',
      InstanceName: 'EMU',
      IsSandbox: true,
      OrganizationType: 'Developer Edition',
      Country: 'US',
      DefaultLocaleSidKey: 'en_US',
      LanguageLocaleKey: 'en_US',
      TimeZoneSidKey: 'UTC',
      ...this.#stamps(),
    })
  }

  #seedUser(lastName: string, email: string): string {
    const user = this.schema.find('User')
    if (user === undefined) return ''
    const id = this.newId(user)
    this.store.create('User', id, {
      Username: email,
      LastName: lastName,
      FirstName: 'Emulated',
      Name: `Emulated ${lastName}`,
      Email: email,
      Alias: lastName.slice(0, 8).trim().toLowerCase(),
      IsActive: true,
      UserType: 'Standard',
      TimeZoneSidKey: 'UTC',
      LocaleSidKey: 'en_US',
      LanguageLocaleKey: 'en_US',
      EmailEncodingKey: 'UTF-8',
      ...this.#stamps(),
    })
    return id
  }

  #stamps(): Record<string, string> {
    const now = this.now()
    return { CreatedDate: now, LastModifiedDate: now, SystemModstamp: now }
  }
}

/** May this field find records: in an upsert, in a relationship, in a row's address? */
export function isLookupKey(field: Field): boolean {
  return field.externalId || field.idLookup || field.unique
}
