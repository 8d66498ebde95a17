import type { Change, FieldDescription, FieldValues, Outcome, WriteRequest } from '../destination.ts'
import { foreignType, isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'
import { sentCells } from '../redact-message.ts'
import { classifyRowError, type HubspotError, toHubspotError } from './hubspot-errors.ts'
import { outcomeOf } from './hubspot-outcome.ts'
import { canonicalCell } from './hubspot-read.ts'
import { inputsOf } from './sent-input.ts'

export interface Attribution {
  request: WriteRequest
  fields: ReadonlyMap<string, FieldDescription>
}

type Json = Readonly<Record<string, unknown>>

/**
 * One outcome per change from a 2xx body. Results come in no order, so a row's result is the one with its trace id;
 * errors may sit in any 2xx, name their row by trace id or by record id, and one error may name many rows.
 */
export function attributeResults(answer: RawAnswer, attribution: Attribution): readonly Outcome[] {
  const body = jsonOf(answer)
  const { request } = attribution
  const { changes } = request
  if (!isRecord(body) || !Array.isArray(body.results)) return allUnknown(changes, 'E-CRM-ANSWER', foreignType(answer))
  if (body.status !== 'COMPLETE') return allUnknown(changes, 'NOT_COMPLETE')
  const results = resultsByChange(body.results.filter(isRecord), request)
  const errors = errorsByChange(body.errors, changes)
  return changes.map((change) => {
    const { changeId } = change
    const result = results.get(changeId)
    const error = errors.get(changeId)
    if (result !== undefined && error !== undefined) return { changeId, status: 'unknown', code: 'CONTRADICTION' }
    if (error !== undefined) return failed(change, error)
    const recordId = textOf(result?.id) ?? ''
    if (result === undefined || recordId === '') return { changeId, status: 'unknown', code: 'NO_RESULT' }
    const created = request.path === 'create' || (request.path === 'upsert' && result.new === true)
    return { changeId, status: 'succeeded', recordId, created, stored: storedValues(change, result, attribution) }
  })
}

function allUnknown(changes: readonly Change[], code: string, reason?: string): readonly Outcome[] {
  return changes.map(({ changeId }) => ({ changeId, status: 'unknown', code, ...(reason && { reason }) }))
}

/** A change that two results claim is proven by neither. */
function resultsByChange(results: readonly Json[], request: WriteRequest): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>()
  const twice = new Set<string>()
  const byRecord = recordOwner(results, request)
  for (const result of results) {
    const changeId = textOf(result.objectWriteTraceId) ?? byRecord.get(textOf(result.id) ?? '')
    if (changeId === undefined) continue
    if (found.has(changeId)) twice.add(changeId)
    found.set(changeId, result)
  }
  for (const changeId of twice) found.delete(changeId)
  return found
}

/** An update names its record, so its result is recognised by the record id too should the trace id not come back. */
function recordOwner(results: readonly Json[], { path, changes }: WriteRequest): ReadonlyMap<string, string> {
  const traced = results.every((result) => textOf(result.objectWriteTraceId) !== undefined)
  if (path !== 'update' || traced) return new Map()
  return new Map(inputsOf(changes).map(({ changeId, input }) => [input.id ?? '', changeId]))
}

function errorsByChange(list: unknown, changes: readonly Change[]): ReadonlyMap<string, HubspotError> {
  const errors = (Array.isArray(list) ? list : []).filter(isRecord).map(toHubspotError)
  const found = new Map<string, HubspotError>()
  const inputs = errors.some((error) => error.ids.length > 0) ? inputsOf(changes) : []
  for (const error of errors) {
    for (const traceId of error.traceIds) found.set(traceId, error)
    const ids = new Set(error.ids)
    for (const { changeId, input } of inputs) if (ids.has(input.id ?? '')) found.set(changeId, error)
  }
  return found
}

function failed({ changeId, body }: Change, error: HubspotError): Outcome {
  return { changeId, ...outcomeOf(classifyRowError(error), { error, sent: sentCells([body]) }) }
}

/** HubSpot returns more properties than were sent, and may store other values than were sent: both matter to the caller. */
function storedValues({ body }: Change, result: Json, { fields }: Attribution): FieldValues {
  const stored: Record<string, string | null> = {}
  if (!isRecord(result.properties)) return stored
  for (const [name, value] of Object.entries(result.properties)) {
    // Looked for, not parsed: parsing every row again costs as much as the answer. Inside a value its quotes would be escaped.
    if (value !== undefined && body.includes(`"${name}":`)) stored[name] = canonicalCell(value, fields.get(name)?.kind)
  }
  return stored
}
