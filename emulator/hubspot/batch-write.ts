import type { CrmResponse } from '../core/crm.ts'
import { newAssociations, unknownAssociation } from './associations/create-with.ts'
import type { ApiVersion } from './check-value.ts'
import { findRecord, refuseDuplicates, requireUnique } from './id-property.ts'
import type { Claims, RowPlan, RowWrite } from './plan-row.ts'
import { applyRow, planRow, renderWritten } from './plan-row.ts'
import type { Portal } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import type { BatchInput, JsonObject } from './request-body.ts'
import { writeInputs } from './request-body.ts'
import { RequestRefused, validationError } from './request-refused.ts'
import type { ItemError, RowFailure } from './row-errors.ts'
import { itemError, notFoundItem, wholeRefusal } from './row-errors.ts'

export interface BatchCall {
  portal: Portal
  object: ObjectSchema
  version: ApiVersion
}

interface Rows {
  planned: { input: BatchInput; plan: RowPlan }[]
  missingIds: string[]
}

export function batchCreate(call: BatchCall, body: JsonObject): CrmResponse {
  const inputs = writeInputs(body, { id: false })
  const claims = new Map<string, string>()
  const planned = inputs.map((input) => ({ input, plan: planCreate(call, input, claims) }))
  return finish(call, { planned, missingIds: [] }, { status: 201 })
}

function planCreate(call: BatchCall, input: BatchInput, claims: Claims): RowPlan {
  const planned = plan(call, { input, existing: undefined, claims })
  if (planned.kind !== 'write' || input.associations === undefined) return planned
  const associations = newAssociations(call.portal, call.object, input.associations)
  const error = unknownAssociation(call.portal, associations)
  return error === undefined ? { ...planned, associations } : { kind: 'unassociable', error }
}

export function batchUpdate(call: BatchCall, body: JsonObject): CrmResponse {
  const inputs = writeInputs(body, { id: true })
  for (const idProperty of idProperties(inputs)) requireUpdateKey(call, idProperty)
  refuseDuplicates(call, inputs)
  const rows: Rows = { planned: [], missingIds: [] }
  const claims = new Map<string, string>()
  for (const input of inputs) {
    const { id = '', idProperty } = input
    const existing = findRecord(call.portal, call.object, { id, idProperty })
    if (existing !== undefined) rows.planned.push({ input, plan: plan(call, { input, existing, claims }) })
    // An id that is no record id, such as an e-mail without idProperty, is answered by silence: neither result nor error.
    else if (idProperty !== undefined || /^\d+$/.test(id)) rows.missingIds.push(id)
  }
  return finish(call, rows, { status: 200, updates: true })
}

export function batchUpsert(call: BatchCall, body: JsonObject): CrmResponse {
  const inputs = writeInputs(body, { id: true })
  if (inputs.some((input) => input.idProperty === undefined)) throw validationError('idProperty is required for upsert')
  for (const idProperty of idProperties(inputs)) {
    requireUnique(call, idProperty, 'update/upsert')
  }
  refuseDuplicates(call, inputs)
  const claims = new Map<string, string>()
  const planned = inputs.map((input) => {
    const { id = '', idProperty = '' } = input
    const existing = findRecord(call.portal, call.object, { id, idProperty })
    const keyed = existing === undefined ? { ...input, properties: { [idProperty]: id, ...input.properties } } : input
    return { input, plan: plan(call, { input: keyed, existing, claims }) }
  })
  return finish(call, { planned, missingIds: [] }, { status: 200, upsert: true })
}

/** batch/update takes custom unique properties; e-mail is refused there although it is unique. */
function requireUpdateKey({ portal, object }: BatchCall, idProperty: string): void {
  if (idProperty === 'email') {
    throw validationError(`Unable to perform update/upsert by non-unique ${object.typeId} property email`)
  }
  requireUnique({ portal, object }, idProperty, 'update/upsert')
}

function idProperties(inputs: readonly BatchInput[]): Set<string> {
  return new Set(inputs.flatMap((input) => (input.idProperty === undefined ? [] : [input.idProperty])))
}

function plan(
  { portal, object, version }: BatchCall,
  row: { input: BatchInput; existing: ReturnType<typeof findRecord>; claims: Claims },
): RowPlan {
  const input = { properties: row.input.properties, existing: row.existing }
  return planRow(portal, object, { input, claims: row.claims, rules: { version } })
}

/** Without a trace id of its own on every input, one bad row refuses them all. */
function finish(
  call: BatchCall,
  rows: Rows,
  how: { status: number; upsert?: boolean; updates?: boolean },
): CrmResponse {
  const { writes } = call.portal.policies
  const failures = rows.planned.flatMap(({ plan }): RowFailure[] => (plan.kind === 'write' ? [] : [plan]))
  const partial = separateTraceIds(rows) && (how.updates !== true || writes.update_by_trace)
  if (failures.length > 0 && !partial) throw new RequestRefused(wholeRefusal(call.portal, failures))
  if (writes.status === 'CANCELED')
    return batchResponse(call, { results: [], errors: [], status: how.status, written: true })
  const results: unknown[] = []
  const errors: ItemError[] = []
  for (const { input, plan } of rows.planned) {
    if (isSilent(call, input)) continue
    if (plan.kind === 'write') results.push(written(call, { input, plan, upsert: how.upsert === true }))
    else errors.push(itemError(call.portal, plan, input.objectWriteTraceId ?? ''))
  }
  if (rows.missingIds.length > 0) errors.push(notFoundItem(call.object, rows.missingIds))
  // Upsert results come in an order of their own.
  if (how.upsert === true) shuffle(results, call)
  if (writes.status !== 'COMPLETE') results.length = 0
  return batchResponse(call, { results, errors, status: how.status, written: true })
}

function written(
  { portal, object }: BatchCall,
  { input, plan, upsert }: { input: BatchInput; plan: RowWrite; upsert: boolean },
): unknown {
  const body = renderWritten(object, applyRow(portal, object, plan), plan)
  if (upsert) body.new = plan.created
  if (input.objectWriteTraceId !== undefined) body.objectWriteTraceId = input.objectWriteTraceId
  return body
}

/** The silent no-op that has been seen in the wild, for the ids and key values the policy names. */
function isSilent({ portal }: BatchCall, { id, properties }: BatchInput): boolean {
  const { silent } = portal.policies.writes
  if (silent.length === 0) return false
  return [id, ...Object.values(properties)].some((value) => silent.includes(String(value)))
}

function separateTraceIds({ planned }: Rows): boolean {
  const traceIds = new Set(planned.flatMap(({ input }) => input.objectWriteTraceId ?? []))
  return traceIds.size === planned.length
}

function shuffle(results: unknown[], { portal }: BatchCall): void {
  for (let last = results.length - 1; last > 0; last -= 1) {
    const pick = Math.floor(portal.context.random.next() * (last + 1))
    const held = results[last]
    results[last] = results[pick]
    results[pick] = held
  }
}

/** `written`: the policies of writes decide how it says what it says. `errors` is absent without one. */
export function batchResponse(
  { portal }: { portal: Portal },
  answer: { results: unknown[]; errors: readonly ItemError[]; status: number; written?: boolean },
): CrmResponse {
  const { results, errors, status, written: isWrite = false } = answer
  const at = new Date(portal.context.clock.nowMs()).toISOString()
  const { writes } = portal.policies
  const body = { status: isWrite ? writes.status : 'COMPLETE', results, startedAt: at, completedAt: at }
  if (errors.length === 0) return { status, body }
  const partial = isWrite && writes.partial === 'in_2xx' ? status : 207
  return { status: partial, body: { ...body, numErrors: errors.length, errors } }
}
