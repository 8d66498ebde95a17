import type { StoredRecord } from '../core/record-store.ts'
import type { Field } from './field.ts'
import type { ObjectSchema } from './object-schema.ts'

/** A field as the API shows it: null where nothing is stored, false for a boolean, an object for a compound address. */
export function shownValue(record: StoredRecord, field: Field): unknown {
  if (field.type === 'id') return record.id
  if (field.name === 'IsDeleted') return record.removed
  if (field.type === 'address') return shownAddress(record, field.name.replace(/Address$/, ''))
  const value = record.fields[field.name]
  if (value !== undefined && value !== null) return value
  return field.type === 'boolean' ? false : null
}

export function rowUrl(version: string, object: ObjectSchema, id: string): string {
  return `/services/data/v${version}/sobjects/${object.name}/${id}`
}

export function attributes(version: string, object: ObjectSchema, id: string): { type: string; url: string } {
  return { type: object.name, url: rowUrl(version, object, id) }
}

/** The record with every field, as `GET /sobjects/{object}/{id}` without `fields`. */
export function wholeRow(version: string, object: ObjectSchema, record: StoredRecord): Record<string, unknown> {
  const row: Record<string, unknown> = { attributes: attributes(version, object, record.id) }
  for (const field of object.fields) row[field.name] = shownValue(record, field)
  return row
}

function shownAddress(record: StoredRecord, prefix: string): Record<string, unknown> | null {
  const part = (name: string): unknown => record.fields[`${prefix}${name}`] ?? null
  const address = {
    city: part('City'),
    country: part('Country'),
    geocodeAccuracy: part('GeocodeAccuracy'),
    latitude: part('Latitude'),
    longitude: part('Longitude'),
    postalCode: part('PostalCode'),
    state: part('State'),
    street: part('Street'),
  }
  return Object.values(address).every((value) => value === null) ? null : address
}
