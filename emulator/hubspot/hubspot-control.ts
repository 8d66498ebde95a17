import type { RecordVersion } from '../core/crm.ts'
import { ControlError } from '../core/crm.ts'
import type { StoredRecord } from '../core/record-store.ts'
import type { RowPlan, RowWrite } from './plan-row.ts'
import { applyRow, planRow, recordTimes } from './plan-row.ts'
import type { Portal } from './portal.ts'
import { storedValue } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import { parsePropertyPart } from './property-routes.ts'
import type { JsonObject } from './request-body.ts'
import { isObject } from './request-body.ts'
import { RequestRefused } from './request-refused.ts'

type ControlRow = Readonly<Record<string, unknown>>

/** Live records with what is stored: a cleared property is '', one that was never set is not there. */
export function controlRecords(portal: Portal, name: string): ControlRow[] {
  const object = controlObject(portal, name)
  return [...portal.store.all(object.name)].map((record) => {
    const properties: Record<string, unknown> = {}
    for (const system of ['createdate', 'hs_object_id', object.lastModified]) {
      properties[system] = storedValue(object, record, system)
    }
    return { id: record.id, properties: { ...properties, ...record.fields }, ...recordTimes(record) }
  })
}

/** All rows or none: what the portal could not hold is refused with the row's number. */
export function putControlRecords(portal: Portal, name: string, rows: readonly ControlRow[]): string[] {
  const object = controlObject(portal, name)
  const claims = new Map<string, string>()
  const taken = new Set<string>()
  const edits = rows.map((row, position) => {
    const { id, archived, properties } = controlRow(row)
    const existing = matchRow(portal, object, { id, properties })
    const input = { properties, existing, ...(id === undefined ? {} : { newId: id }) }
    const plan = planRow(portal, object, { input, claims, rules: { version: '2026-09', byHand: true } })
    const problem = plan.kind === 'write' ? idProblem(id, taken) : rowProblem(plan)
    if (plan.kind === 'write' && problem === undefined) return { archived, plan }
    throw new ControlError(400, `row ${position + 1} of ${object.name}: ${problem}`)
  })
  return edits.map(({ archived, plan }) => {
    if (plan.created) portal.claimId(object, plan.id)
    applyRow(portal, object, plan)
    if (archived) portal.store.remove(object.name, plan.id)
    return plan.id
  })
}

function rowProblem(plan: Exclude<RowPlan, RowWrite>): string {
  if (plan.kind === 'invalid') return plan.problems.map((found) => found.message).join(' ')
  return plan.kind === 'conflict' ? plan.message : plan.error.message
}

function idProblem(id: string | undefined, taken: Set<string>): string | undefined {
  if (id === undefined) return undefined
  if (!/^\d{1,15}$/.test(id)) return `a record id is a number, not "${id}"`
  if (taken.has(id)) return `the id ${id} is there twice`
  taken.add(id)
  return undefined
}

export function controlHistory(portal: Portal, name: string, id: string): RecordVersion[] {
  const object = controlObject(portal, name)
  const versions = portal.store.versions(object.name, id)
  if (versions.length === 0) throw new ControlError(404, `${object.name} has no record ${id}`)
  return versions
}

export function controlSchema(portal: Portal, name: string): unknown {
  return { properties: [...controlObject(portal, name).properties.values()] }
}

export function putControlSchema(portal: Portal, name: string, schema: unknown): void {
  const listed = isObject(schema) ? schema.properties : undefined
  if (!Array.isArray(listed))
    throw new ControlError(400, 'a HubSpot schema is {"properties": [{"name": …, "type": …}]}')
  const parts = listed.map((part: unknown) => asControlError(() => parsePropertyPart(part)))
  const object = portal.schema.find(name) ?? portal.schema.addCustom(name)
  for (const part of parts) portal.schema.merge(object, part)
  portal.declareIndexes()
}

function controlObject(portal: Portal, name: string): ObjectSchema {
  const object = portal.schema.find(name)
  if (object === undefined) throw new ControlError(404, `HubSpot has no object ${name}`)
  return object
}

/** `{id?, archived?, properties}` or the properties themselves; null empties, as a person would. */
function controlRow(row: ControlRow): { id: string | undefined; archived: boolean; properties: JsonObject } {
  const { id, archived, properties, ...flat } = row
  const given = isObject(properties) ? properties : flat
  const emptied = Object.entries(given).map(([name, value]) => [name, value === null ? '' : value])
  const ownId = id === undefined || id === null ? undefined : String(id)
  return { id: ownId, archived: archived === true, properties: Object.fromEntries(emptied) }
}

/** By id, otherwise by the first unique property with a value, contact e-mail first. */
function matchRow(
  portal: Portal,
  object: ObjectSchema,
  { id, properties }: { id: string | undefined; properties: JsonObject },
): StoredRecord | undefined {
  if (id !== undefined) return portal.store.get(object.name, id)
  for (const name of object.unique) {
    const value = properties[name]
    if (value === undefined || value === '') continue
    const found = portal.findByUnique(object, name, String(value))
    if (found !== undefined) return found
  }
  return undefined
}

function asControlError<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RequestRefused) throw new ControlError(400, error.message)
    throw error
  }
}
