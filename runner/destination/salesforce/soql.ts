/** SOQL text. The only place that puts values into a query. */

import { canonicalNumber } from '../canonical-text.ts'
import type { FieldDescription } from '../destination.ts'

/** Requests beyond 16,384 bytes of address and headers are refused with 414 or 431; headers and token need their share. */
const MAX_URI_BYTES = 12_000
const MAX_VALUES = 200

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
}

/** A SOQL string literal. Backslash and quote end or alter it, control characters are not allowed inside. */
export function soqlString(value: string): string {
  return `'${value.replace(/[\\'\n\r\t\b\f]/g, (character) => ESCAPES[character] ?? character)}'`
}

const RECORD_ID = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/

/** Literals of the values that can exist in the field at all; a value that cannot has no record. */
export function soqlLiterals(values: readonly string[], field: FieldDescription | 'id'): readonly string[] {
  const distinct = [...new Set(values)]
  if (field === 'id') return distinct.filter((value) => RECORD_ID.test(value)).map(soqlString)
  if (field.kind === 'number') return distinct.map(canonicalNumber).filter((value) => /^-?\d+(\.\d+)?$/.test(value))
  if (field.kind === 'reference') return distinct.filter((value) => RECORD_ID.test(value)).map(soqlString)
  return distinct.filter((value) => isStorable(value, field.length ?? Infinity)).map(soqlString)
}

/** Half a surrogate pair is no character: no CRM stores it and no address can carry it. */
function isStorable(value: string, length: number): boolean {
  return value !== '' && [...value].length <= length && !/\p{Surrogate}/u.test(value)
}

export interface Lookup {
  /** Path up to and including `?q=`. */
  path: string
  object: string
  field: string
  select: readonly string[]
}

/** As few queries as the address length allows, in the order of the literals. */
export function lookupPaths(lookup: Lookup, literals: readonly string[]): readonly string[] {
  const head = `${lookup.path}${encodeURIComponent(`SELECT ${lookup.select.join(', ')} FROM ${lookup.object} WHERE ${lookup.field} IN (`)}`
  const tail = encodeURIComponent(')')
  const comma = encodeURIComponent(',')
  const paths: string[] = []
  let batch: string[] = []
  let bytes = 0
  const flush = (): void => {
    if (batch.length > 0) paths.push(head + batch.join(comma) + tail)
    batch = []
    bytes = head.length + tail.length
  }
  flush()
  for (const literal of literals) {
    const encoded = encodeURIComponent(literal)
    if (batch.length === MAX_VALUES || bytes + encoded.length + comma.length > MAX_URI_BYTES) flush()
    batch.push(encoded)
    bytes += encoded.length + comma.length
  }
  flush()
  return paths
}
