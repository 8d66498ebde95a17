/**
 * What a run must do, written from the protocol's words (A3, A7, A8, A11, A12) and docs/safety.md, not from our SQL. Plain and
 * slow: one key after the other, with a small memory of what was acknowledged.
 */

export type Kind = 'text' | 'number' | 'bool' | 'date' | 'timestamp'
export type Crm = 'salesforce' | 'hubspot'

export interface FieldRule {
  to: string
  column: string
  kind: Kind
  onNull: 'ignore' | 'clear' | 'reject'
  write: 'always' | 'on_create' | 'if_empty'
  clearWhen: boolean
  sentinel: boolean
  maxLength?: number
  /** The form in which the CRM holds a value: sent in it, so that what is read back is what was sent. */
  stored: (value: string) => string
}

export interface Mapping {
  crm: Crm
  mode: 'upsert' | 'update' | 'create'
  firstSync: 'hold' | 'fill_blank' | 'overwrite'
  fields: readonly FieldRule[]
}

export type Row = Readonly<Record<string, string | null>>
/** Canonical values by API name; null is empty. */
export interface CrmRecord {
  id: string
  match: string
  values: Record<string, string | null>
}
export type Fault = 'none' | 'lost' | 'refused'

interface FieldMemory {
  known: boolean
  acked: string | null
  /** An attempt whose fate is not known wrote it. */
  unsettled: boolean
}

interface Memory {
  recordId?: string
  match?: string
  disposition: string
  seen?: string
  sent?: string
  payload?: string
  notBefore: number
  fields: Record<string, FieldMemory>
  /** The write whose answer never came. */
  lost?: Lost
}

interface Lost {
  match: string
  isCreate: boolean
  payload: Record<string, string | null>
  base: Record<string, FieldMemory>
  fingerprint: string
  somethingHeld: boolean
}

export interface Counts {
  send: number
  create: number
  update: number
  clears: number
  noop: number
  held: number
  skipped: number
  quarantined: number
  removed: number
}

export interface Sent {
  match: string
  values: Record<string, string | null>
}

export interface RunInput {
  rows: readonly Row[]
  records: readonly CrmRecord[]
  fault: Fault
  nowMs: number
}

export interface RunOutput {
  counts: Counts
  sent: Sent[]
  /** Match values whose record belonged to another key when the run began; it may be free when the next one does. */
  claimed: string[]
  /** What the CRM holds afterwards; a record that was created has the id `new:<match>`. */
  records: CrmRecord[]
}

const SETTLE_MS = 150_000
const BACKOFF_MS = 3_600_000
/** An id of the right shape that no record has: Salesforce refuses it, and nothing in its description could say so. */
export const REFUSED_ID = '001000000000001AAA'
export const SENTINEL = '__CLEAR__'

export const isBlank = (value: string | null | undefined): boolean =>
  value === null || value === undefined || value.replace(/^[ \t\r\n\f\v]+/, '') === ''

export const fold = (value: string): string => value.replace(/^ +| +$/g, '').toLowerCase()

/** The value a field should have: undefined is absent, null is Clear. */
type Wanted = { intent: 'set'; value: string } | { intent: 'clear' | 'absent' | 'reject' }

function wanted(field: FieldRule, row: Row): Wanted {
  const value = row[field.column] ?? null
  if (field.clearWhen && row.flag === 'true') return { intent: 'clear' }
  if (field.sentinel && value === SENTINEL) return { intent: 'clear' }
  if (value !== null && !(field.kind === 'text' && isBlank(value))) return { intent: 'set', value: field.stored(value) }
  return { intent: field.onNull === 'ignore' ? 'absent' : field.onNull }
}

type Action = 'none' | 'set' | 'clear' | 'adopt' | 'drift' | 'kept' | 'held'

export class Reference {
  readonly #memory = new Map<string, Memory>()
  readonly #mapping: Mapping

  constructor(mapping: Mapping) {
    this.#mapping = mapping
  }

  run(input: RunInput): RunOutput {
    const output: RunOutput = {
      counts: { send: 0, create: 0, update: 0, clears: 0, noop: 0, held: 0, skipped: 0, quarantined: 0, removed: 0 },
      sent: [],
      claimed: [],
      records: input.records.map((record) => ({ ...record, values: { ...record.values } })),
    }
    for (const memory of this.#memory.values()) if (memory.disposition === 'unknown') this.#resolve(memory, input)
    const byKey = rowsByKey(input.rows)
    // Everybody decides on what was known before the run.
    const claims = new Map(
      [...this.#memory].filter(([, one]) => one.disposition !== 'removed').map(([key, one]) => [key, one.recordId]),
    )
    for (const [key, rows] of byKey) {
      if (key === undefined) output.counts.quarantined += 1
      else this.#runKey({ key, rows, claims, input, output })
    }
    for (const [key, memory] of this.#memory) {
      if (byKey.has(key) || memory.disposition === 'removed') continue
      memory.disposition = 'removed'
      output.counts.removed += 1
    }
    return output
  }

  /** The CRM gives ids; until it has, a record is known by its match value. */
  learnIds(records: readonly CrmRecord[]): void {
    for (const memory of this.#memory.values()) {
      const { recordId } = memory
      if (!recordId?.startsWith('new:')) continue
      memory.recordId = records.find((record) => `new:${fold(record.match)}` === recordId)?.id ?? recordId
    }
  }

  /** Read back: what was sent is there, which proves it at once; or it is not, which proves something once it cannot land any more. */
  #resolve(memory: Memory, { records, nowMs }: RunInput): void {
    const { lost } = memory
    if (!lost) return
    const [record, another] = records.filter(({ match }) => fold(match) === lost.match)
    if (another) return
    const fields = this.#mapping.fields.filter(({ to }) => to in lost.payload)
    const isSent = (field: FieldRule): boolean => {
      const value = lost.payload[field.to] ?? null
      const live = record?.values[field.to] ?? null
      return value === null ? isBlank(live) : same(field, value, { live, crm: this.#mapping.crm })
    }
    const isApplied = record !== undefined && fields.every(isSent)
    if (!isApplied && memory.notBefore > nowMs) return
    if (record) memory.recordId = record.id
    memory.notBefore = 0
    delete memory.lost
    for (const { to } of fields)
      memory.fields[to] = isApplied
        ? { known: true, acked: lost.payload[to] ?? null, unsettled: false }
        : { known: false, acked: null, ...lost.base[to], unsettled: false }
    const failed = record === undefined && !lost.isCreate ? 'rejected' : 'retryable'
    memory.disposition = isApplied ? (lost.somethingHeld ? 'held' : 'synced') : failed
    if (isApplied) memory.seen = lost.fingerprint
  }

  #runKey(context: KeyContext): void {
    const { key, rows, input, output } = context
    const before = this.#memory.get(key)
    const [row] = rows
    if (!row) return
    if (before?.disposition === 'synced' && rows.every((one) => JSON.stringify(one) === before.seen)) return
    const memory: Memory = before ?? { disposition: 'new', notBefore: 0, fields: {} }
    const decided = this.#decide(context, memory, row)
    const fingerprint = JSON.stringify(row)
    const moving = memory.disposition === 'unknown' && memory.notBefore > input.nowMs
    if (moving && (decided.decision === 'send' || (decided.decision === 'noop' && memory.sent !== fingerprint))) {
      output.counts.held += 1
      return
    }
    this.#memory.set(key, memory)
    if (decided.decision === 'quarantined' || decided.decision === 'skipped') {
      output.counts[decided.decision] += 1
      memory.disposition = decided.decision
      return
    }
    memory.seen = fingerprint
    if (decided.record) memory.recordId = decided.record.id
    if (decided.read) {
      memory.match = fold(row.m ?? '')
      this.#forgetOtherRecord(memory, decided)
    }
    this.#adopt(memory, decided, row)
    const somethingHeld = Object.values(decided.actions).includes('held')
    if (decided.decision !== 'send') {
      output.counts[decided.decision] += 1
      memory.disposition = somethingHeld ? 'held' : 'synced'
      return
    }
    const address = this.#mapping.mode === 'update' ? decided.record?.id : row.m?.trim()
    const payload = JSON.stringify([address, decided.payload])
    if (memory.disposition === 'rejected' && memory.payload === payload && memory.notBefore > input.nowMs) {
      output.counts.held += 1
      return
    }
    memory.payload = payload
    this.#send({ memory, decided, row, input, output, somethingHeld, fingerprint })
  }

  #send({ memory, decided, row, input, output, somethingHeld, fingerprint }: SendContext): void {
    const { counts } = output
    counts.send += 1
    counts[decided.record ? 'update' : 'create'] += 1
    counts.clears += Object.values(decided.payload).filter((value) => value === null).length
    output.sent.push({ match: fold(row.m ?? ''), values: decided.payload })
    const refused = this.#mapping.crm === 'salesforce' && Object.values(decided.payload).includes(REFUSED_ID)
    const applied = input.fault !== 'refused' && !refused
    const record = applied ? apply(output, decided, row) : decided.record
    if (input.fault !== 'none') {
      memory.disposition = 'unknown'
      memory.notBefore = input.nowMs + SETTLE_MS
      memory.sent = fingerprint
      memory.lost = {
        match: fold(row.m ?? ''),
        isCreate: decided.record === undefined,
        payload: decided.payload,
        base: { ...memory.fields },
        fingerprint,
        somethingHeld,
      }
      for (const field of this.#mapping.fields) {
        if (!(field.to in decided.payload)) continue
        memory.fields[field.to] = { known: false, acked: null, unsettled: field.write !== 'on_create' }
      }
    } else if (refused) {
      memory.disposition = 'rejected'
      memory.notBefore = input.nowMs + BACKOFF_MS
    } else {
      memory.disposition = somethingHeld ? 'held' : 'synced'
      if (record) memory.recordId = record.id
      for (const [to, acked] of Object.entries(decided.payload))
        memory.fields[to] = { known: true, acked, unsettled: false }
    }
  }

  #decide(context: KeyContext, memory: Memory, row: Row): Decided {
    const { mode, fields } = this.#mapping
    const previous = memory.recordId === undefined ? {} : { previousRecordId: memory.recordId }
    const none: Decided = { decision: 'noop', read: false, actions: {}, payload: {}, ...previous }
    if (this.#isBroken(context, row)) return { ...none, decision: 'quarantined' }
    const match = fold(row.m ?? '')
    const wants = fields.some((field) => field.write !== 'on_create' && this.#wantsChange(field, memory, row))
    const mustRead =
      memory.recordId === undefined ||
      memory.disposition === 'unknown' ||
      memory.disposition === 'held' ||
      memory.match !== match ||
      wants
    if (!mustRead) return none
    const found = context.input.records.filter((record) => fold(record.match) === match)
    const [record] = found
    if (found.length > 1) return { ...none, decision: 'quarantined' }
    if (!record) {
      if (mode === 'update') return { ...none, decision: 'skipped' }
      if (memory.recordId !== undefined) return { ...none, decision: 'quarantined' }
      return { decision: 'send', read: true, actions: {}, payload: this.#createPayload(row) }
    }
    if (mode === 'create') return { ...none, decision: 'skipped' }
    const isClaimed = [...context.claims].some(([key, id]) => key !== context.key && id === record.id)
    if (isClaimed) {
      context.output.claimed.push(match)
      return { ...none, decision: 'quarantined' }
    }
    const actions = Object.fromEntries(
      fields.map((field) => [field.to, this.#action(field, memory, { row, record })]),
    ) as Record<string, Action>
    const payload: Record<string, string | null> = {}
    for (const field of fields) {
      const want = wanted(field, row)
      if (actions[field.to] === 'set' && want.intent === 'set') payload[field.to] = want.value
      if (actions[field.to] === 'clear') payload[field.to] = null
    }
    const held = Object.values(actions).includes('held')
    const decision = Object.keys(payload).length > 0 ? 'send' : held ? 'held' : 'noop'
    return { ...none, decision, read: true, record, actions, payload }
  }

  #isBroken({ rows, input }: KeyContext, row: Row): boolean {
    if (rows.length > 1 || isBlank(row.m)) return true
    const sameMatch = input.rows.filter((one) => !isBlank(one.m) && fold(one.m ?? '') === fold(row.m ?? ''))
    if (sameMatch.length > 1) return true
    return this.#mapping.fields.some((field) => {
      const want = wanted(field, row)
      return (
        want.intent === 'reject' || (want.intent === 'set' && [...want.value].length > (field.maxLength ?? Infinity))
      )
    })
  }

  #wantsChange(field: FieldRule, memory: Memory, row: Row): boolean {
    const want = wanted(field, row)
    const base = memory.fields[field.to]
    if (want.intent === 'set') return !base?.known || base.acked !== want.value
    return want.intent === 'clear' && (!base?.known || base.acked !== null)
  }

  #createPayload(row: Row): Record<string, string | null> {
    const entries = this.#mapping.fields.flatMap((field) => {
      const want = wanted(field, row)
      return want.intent === 'set' ? [[field.to, want.value] as const] : []
    })
    return Object.fromEntries(entries)
  }

  /** The table of A12; B is the acknowledged value on this very record. */
  #action(field: FieldRule, memory: Memory, { row, record }: { row: Row; record: CrmRecord }): Action {
    const want = wanted(field, row)
    if (field.write === 'on_create' || want.intent === 'absent' || want.intent === 'reject') return 'none'
    const live = record.values[field.to] ?? null
    const base = memory.fields[field.to]
    const known = base?.known === true && memory.recordId === record.id
    const ours = base?.unsettled === true && (memory.recordId === undefined || memory.recordId === record.id)
    const sameAsBase = known && base.acked === (want.intent === 'set' ? want.value : null)
    const sameAsLive = want.intent === 'set' ? same(field, want.value, { live, crm: this.#mapping.crm }) : isBlank(live)
    if (sameAsLive) return sameAsBase ? 'none' : 'adopt'
    if (sameAsBase) return 'drift'
    if (field.write === 'if_empty' && !isBlank(live)) return 'kept'
    if (!known && !ours && !isBlank(live)) {
      const { firstSync } = this.#mapping
      return firstSync === 'overwrite' ? want.intent : firstSync === 'hold' ? 'held' : 'kept'
    }
    return want.intent
  }

  #forgetOtherRecord(memory: Memory, decided: Decided): void {
    if (decided.previousRecordId === undefined || decided.previousRecordId === memory.recordId) return
    memory.fields = {}
  }

  #adopt(memory: Memory, decided: Decided, row: Row): void {
    for (const field of this.#mapping.fields) {
      if (decided.actions[field.to] !== 'adopt') continue
      const want = wanted(field, row)
      const acked = want.intent === 'set' ? want.value : null
      memory.fields[field.to] = { known: true, acked, unsettled: false }
    }
  }
}

interface KeyContext {
  key: string
  rows: readonly Row[]
  claims: ReadonlyMap<string, string | undefined>
  input: RunInput
  output: RunOutput
}

interface SendContext {
  memory: Memory
  decided: Decided
  row: Row
  input: RunInput
  output: RunOutput
  somethingHeld: boolean
  fingerprint: string
}

interface Decided {
  decision: 'send' | 'noop' | 'held' | 'skipped' | 'quarantined'
  read: boolean
  record?: CrmRecord
  previousRecordId?: string
  actions: Record<string, Action>
  payload: Record<string, string | null>
}

function rowsByKey(rows: readonly Row[]): Map<string | undefined, Row[]> {
  const byKey = new Map<string | undefined, Row[]>()
  for (const row of rows) byKey.set(keyOf(row), [...(byKey.get(keyOf(row)) ?? []), row])
  return byKey
}

function keyOf(row: Row): string | undefined {
  const parts = [row.id, row.id2].filter((part) => part !== undefined).map((part) => part?.replace(/^ +| +$/g, ''))
  return parts.some((part) => !part) ? undefined : JSON.stringify(parts)
}

/** Does the CRM's value mean the wanted one? */
export function same(field: FieldRule, value: string, { live, crm }: { live: string | null; crm: Crm }): boolean {
  if (live === null) return false
  if (field.kind === 'number') return Number(value) === Number(live)
  if (field.kind === 'text') return value.replace(/^ +| +$/g, '') === live.replace(/^ +| +$/g, '')
  if (field.kind === 'timestamp') {
    const unit = crm === 'salesforce' ? 1_000 : 1
    return Math.floor(Date.parse(value) / unit) === Math.floor(Date.parse(live) / unit)
  }
  return value === live
}

function apply(output: RunOutput, decided: Decided, row: Row): CrmRecord {
  const existing = output.records.find((record) => record.id === decided.record?.id)
  const record = existing ?? { id: `new:${fold(row.m ?? '')}`, match: (row.m ?? '').trim(), values: {} }
  if (!existing) output.records.push(record)
  for (const [to, value] of Object.entries(decided.payload)) record.values[to] = value
  return record
}
