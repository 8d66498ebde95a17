/** The CRM of a world: records, its own rules, and a history of every request and effect that no fault can reach. */
import type { Outcome, WriteRequest } from '../../runner/destination/destination.ts'

export interface CrmRules {
  /** API name of the field that no two records may share; undefined: none. */
  uniqueField?: string
  /** A value that an administrator's rule refuses, in any field. */
  refusedValue: string
}

export interface SimRecord {
  id: string
  fields: Record<string, string | null>
  createdBy: string
  deleted: boolean
}

/** One write to one record, as it took place. */
export interface Effect {
  atMs: number
  /** The runner process, or `user`. */
  by: string
  kind: 'create' | 'update' | 'delete'
  recordId: string
  fields: Readonly<Record<string, string | null>>
  changeId?: string
  requestNo?: number
}

/** One request that left a process, whatever became of it. */
export interface SentRequest {
  requestNo: number
  by: string
  sentAtMs: number
  request: WriteRequest
  /** Fields in the bodies, the match field apart. */
  fields: readonly string[]
}

export interface WireChange {
  changeId: string
  id?: string
  matchValue?: string
  fields: Record<string, string | null>
}

export class CrmStore {
  readonly records: SimRecord[] = []
  readonly effects: Effect[] = []
  readonly requests: SentRequest[] = []
  readonly rules: CrmRules
  readonly #nowMs: () => number
  #nextId = 1

  constructor(rules: CrmRules, nowMs: () => number) {
    this.rules = rules
    this.#nowMs = nowMs
  }

  live(): SimRecord[] {
    return this.records.filter((record) => !record.deleted)
  }

  find(field: string, value: string): SimRecord[] {
    return this.live().filter((record) => record.fields[field]?.toLowerCase() === value.toLowerCase())
  }

  /** What a person does in the CRM. */
  userCreates(fields: Readonly<Record<string, string | null>>): void {
    const record = this.#insert('user', fields)
    this.#note({ by: 'user', kind: 'create', recordId: record.id, fields })
  }

  userEdits(record: SimRecord, fields: Readonly<Record<string, string | null>>): void {
    Object.assign(record.fields, fields)
    this.#note({ by: 'user', kind: 'update', recordId: record.id, fields })
  }

  userDeletes(record: SimRecord): void {
    record.deleted = true
    this.#note({ by: 'user', kind: 'delete', recordId: record.id, fields: {} })
  }

  /** Every change of a request on its own: a batch is not atomic. */
  apply(sent: SentRequest): Outcome[] {
    return sent.request.changes.map((change) => this.#applyOne(sent, wireChange(sent.request, change)))
  }

  #applyOne(sent: SentRequest, change: WireChange): Outcome {
    const { changeId } = change
    if (Object.values(change.fields).includes(this.rules.refusedValue))
      return { changeId, status: 'rejected', code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', reason: 'a rule refuses it' }
    const { path, matchField = this.rules.uniqueField ?? '' } = sent.request
    if (path === 'update') return this.#update(sent, change, this.#byId(change.id))
    const matches = this.find(matchField, change.matchValue ?? '')
    if (path === 'create') return matches.length > 0 ? duplicate(changeId) : this.#create(sent, change, matchField)
    if (matches.length > 1) return { changeId, status: 'rejected', code: 'MULTIPLE_CHOICES', reason: 'several records' }
    return matches[0] ? this.#update(sent, change, matches[0]) : this.#create(sent, change, matchField)
  }

  #byId(id: string | undefined): SimRecord | undefined {
    return this.live().find((record) => record.id === id)
  }

  #update(sent: SentRequest, change: WireChange, record: SimRecord | undefined): Outcome {
    const { changeId, fields } = change
    if (!record) return { changeId, status: 'rejected', code: 'ENTITY_IS_DELETED', reason: 'the record is gone' }
    Object.assign(record.fields, fields)
    this.#note({ by: sent.by, kind: 'update', recordId: record.id, fields, changeId, requestNo: sent.requestNo })
    return { changeId, status: 'succeeded', recordId: record.id, created: false }
  }

  #create(sent: SentRequest, change: WireChange, matchField: string): Outcome {
    const { changeId, matchValue = null } = change
    const fields = { ...change.fields, [matchField]: matchValue }
    const record = this.#insert(sent.by, fields)
    this.#note({ by: sent.by, kind: 'create', recordId: record.id, fields, changeId, requestNo: sent.requestNo })
    return { changeId, status: 'succeeded', recordId: record.id, created: true }
  }

  #insert(createdBy: string, fields: Readonly<Record<string, string | null>>): SimRecord {
    const record = { id: `R${String(this.#nextId).padStart(4, '0')}`, fields: { ...fields }, createdBy, deleted: false }
    this.#nextId += 1
    this.records.push(record)
    return record
  }

  #note(effect: Omit<Effect, 'atMs'>): void {
    this.effects.push({ atMs: this.#nowMs(), ...effect })
  }
}

function duplicate(changeId: string): Outcome {
  return { changeId, status: 'rejected', code: 'DUPLICATE_VALUE', reason: 'another record has the key' }
}

/** One fragment as the CRM reads it: the typed text of each field, null for a clear. */
export function wireChange(request: WriteRequest, { changeId, body }: { changeId: string; body: string }): WireChange {
  const parsed = JSON.parse(body) as Record<string, unknown>
  return 'properties' in parsed ? hubspotChange(request, changeId, parsed) : salesforceChange(request, changeId, parsed)
}

function salesforceChange(request: WriteRequest, changeId: string, body: Record<string, unknown>): WireChange {
  const { attributes: _, id, ...rest } = body
  const fields = textFields(rest)
  const match = request.path === 'upsert' ? request.matchField : undefined
  if (match === undefined) return { changeId, ...(typeof id === 'string' && { id }), fields }
  const { [match]: matchValue, ...others } = fields
  return { changeId, ...(matchValue && { matchValue }), fields: others }
}

const hubspotKey = 'ext_key'

function hubspotChange(request: WriteRequest, changeId: string, body: Record<string, unknown>): WireChange {
  const properties = textFields(body.properties as Record<string, unknown>)
  const { [hubspotKey]: key, ...fields } = properties
  // HubSpot: the empty string clears.
  for (const [name, value] of Object.entries(fields)) if (value === '') fields[name] = null
  const id = typeof body.id === 'string' ? body.id : undefined
  if (request.path === 'update') return { changeId, ...(id && { id }), fields }
  const matchValue = request.path === 'upsert' ? id : key
  return { changeId, ...(matchValue && { matchValue }), fields }
}

function textFields(body: Record<string, unknown>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, value === null ? null : String(value)]))
}
