import type { Change } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import type { HubspotError, PropertyError } from './hubspot-errors.ts'
import { inputsOf } from './sent-input.ts'

/** Rows a refusal names: by trace id, or by the record id or key in their input (duplicates are named that way, folded). */
export function namedRows(error: HubspotError, changes: readonly Change[]): ReadonlySet<string> {
  const traces = new Set(error.traceIds)
  const named = changes.filter(({ changeId }) => traces.has(changeId)).map(({ changeId }) => changeId)
  if (error.ids.length === 0) return new Set(named)
  const ids = new Set(error.ids.map((id) => id.toLowerCase()))
  const byId = inputsOf(changes).filter(({ input }) => input.id !== undefined && ids.has(input.id.toLowerCase()))
  return new Set([...named, ...byId.map(({ changeId }) => changeId)])
}

/**
 * Rows a refusal seems to be about: HubSpot names properties and quotes their values, but not whose they are. A guess,
 * so whoever uses it has to prove it.
 */
export function suspectRows(error: HubspotError, changes: readonly Change[]): ReadonlySet<string> {
  if (error.details.length === 0) return new Set()
  const rows = changes.map(({ changeId, body }) => ({ changeId, properties: propertiesOf(body) }))
  const suspects = error.details.flatMap((detail) =>
    rows.filter(({ properties }) => isAbout(detail, properties)).map(({ changeId }) => changeId),
  )
  return new Set(suspects)
}

/** The error as it stands for one row: the first of its details that is about the row, else the first of all. */
export function ownDetail(error: HubspotError, change: Change): HubspotError {
  const own = error.details.find((detail) => isAbout(detail, propertiesOf(change.body)))
  if (own === undefined) return error
  return { ...error, code: own.code ?? error.code, field: own.field, message: own.message }
}

/** About the property itself, whatever its value. */
const OF_THE_PROPERTY = new Set(['PROPERTY_DOESNT_EXIST', 'READ_ONLY_VALUE'])

function isAbout({ field, message, code }: PropertyError, properties: Readonly<Record<string, unknown>>): boolean {
  const value = textOf(properties[field])
  if (value === undefined) return false
  if (OF_THE_PROPERTY.has(code ?? '')) return true
  return value !== '' && message.toLowerCase().includes(value.toLowerCase())
}

function propertiesOf(fragment: string): Readonly<Record<string, unknown>> {
  const input: unknown = JSON.parse(fragment)
  return isRecord(input) && isRecord(input.properties) ? input.properties : {}
}
