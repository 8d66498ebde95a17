import type { FieldType } from './warehouse.ts'

type Kind = 'text' | 'bool' | 'integer' | 'date' | 'timestamp' | 'float'

const kinds: ReadonlyMap<string, Kind> = new Map([
  ...names('text', 'varchar text string character_varying character char bpchar'),
  ...names('bool', 'boolean bool'),
  ...names('integer', 'tinyint smallint integer int bigint int2 int4 int8'),
  ...names('integer', 'utinyint usmallint uinteger'),
  ...names('date', 'date'),
  ...names('timestamp', 'timestamp timestamptz datetime timestamp_s timestamp_ms'),
  ...names('timestamp', 'timestamp_with_time_zone timestamp_without_time_zone'),
  ...names('float', 'double double_precision real float float4 float8'),
])

function names(kind: Kind, spellings: string): [string, Kind][] {
  return spellings.split(' ').map((spelling) => [spelling.replaceAll('_', ' '), kind])
}

/** Field type of a declared column type, as DuckDB or Postgres spells it. Nanosecond timestamps are `other`: they do not fit. */
export function fieldType(declared: string): FieldType {
  const spelled = declared.toLowerCase().trim()
  const decimal = /^(?:decimal|numeric)(?:\((\d+)(?:,(-?\d+))?\))?$/.exec(spelled)
  if (decimal) return decimalType(decimal[1], decimal[2])
  // Wider than 64 bits: a decimal without a fraction keeps every digit.
  if (/^(?:hugeint|ubigint|uhugeint)$/.test(spelled)) return { kind: 'decimal', precision: 38, scale: 0 }
  const kind = kinds.get(spelled.replace(/\(\d+\)/, '').replaceAll('_', ' '))
  if (kind === undefined) return { kind: 'other', declared }
  return kind === 'float' ? { kind, declared } : { kind }
}

function decimalType(precision: string | undefined, scale: string | undefined): FieldType {
  if (precision === undefined) return { kind: 'decimal' }
  return { kind: 'decimal', precision: Number(precision), scale: Number(scale ?? 0) }
}
