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
  return new Set(error.details.flatMap((detail) => suspectsOf(detail, rows)))
}

interface Row {
  changeId: string
  properties: Readonly<Record<string, unknown>>
}

/** Of several values in a message the one that comes first is meant: the allowed ones are listed behind it. */
function suspectsOf(detail: PropertyError, rows: readonly Row[]): readonly string[] {
  const found = rows.flatMap(({ changeId, properties }) => {
    const place = placeIn(detail, properties)
    return place === undefined ? [] : [{ changeId, ...place }]
  })
  const first = found.toSorted((a, b) => a.at - b.at || b.length - a.length)[0]
  return found.filter(({ at, length }) => at === first?.at && length === first.length).map(({ changeId }) => changeId)
}

/** The error as it stands for one row: the first of its details that is about the row, else the first of all. */
export function ownDetail(error: HubspotError, change: Change): HubspotError {
  const own = error.details.find((detail) => placeIn(detail, propertiesOf(change.body)) !== undefined)
  if (own === undefined) return error
  return { ...error, code: own.code ?? error.code, field: own.field, message: own.message }
}

/** About the property itself, whatever its value. */
const OF_THE_PROPERTY = new Set(['PROPERTY_DOESNT_EXIST', 'READ_ONLY_VALUE'])

/** Where a message speaks of the row's value; undefined when it does not. */
function placeIn(
  { field, message, code }: PropertyError,
  properties: Readonly<Record<string, unknown>>,
): { at: number; length: number } | undefined {
  const value = textOf(properties[field])
  if (value === undefined) return undefined
  if (OF_THE_PROPERTY.has(code ?? '')) return { at: 0, length: 0 }
  const at = value === '' ? -1 : message.toLowerCase().indexOf(value.toLowerCase())
  return at < 0 ? undefined : { at, length: value.length }
}

function propertiesOf(fragment: string): Readonly<Record<string, unknown>> {
  const input: unknown = JSON.parse(fragment)
  return isRecord(input) && isRecord(input.properties) ? input.properties : {}
}
