import type { TemplateEnvironment } from '../compile/compile.ts'
import { BackfeedError } from '../errors.ts'
import type { ColumnProperties, Seed } from '../project/project.ts'
import type { TextRow } from '../warehouse/warehouse.ts'

export interface SeedColumn {
  name: string
  /** As the warehouse spells it. */
  type: string
  /** The cell as it is appended. */
  written: (cell: string | null) => string | null
}

export interface SeedColumnsRequest {
  header: readonly string[]
  rows: readonly TextRow[]
  seed: Pick<Seed, 'columns'>
  environment: TemplateEnvironment
}

/** `kind` as the dialects' type_name knows it. */
export interface InferredType {
  kind: 'text' | 'bool' | 'bigint' | 'decimal' | 'date' | 'timestamp'
  precision: number | null
  scale: number | null
}

/** The data_type of the property file, else a type that every cell of the column has without losing anything, else text. */
export function seedColumns({ header, rows, seed, environment }: SeedColumnsRequest): SeedColumn[] {
  const properties = new Map([...seed.columns.values()].map((column) => [column.name.toLowerCase(), column]))
  return header.map((name, index) => {
    const declared = properties.get(name)
    const type = declared?.dataType === undefined ? undefined : declaredType(declared)
    if (typeof type === 'string') return { name, type, written: (cell) => cell }
    const inferred = type ?? inferType(cells(rows, index))
    const written = inferred.kind === 'bool' ? (cell: string | null) => cell?.toLowerCase() ?? null : same
    return { name, type: environment.call('sql.type_name', [inferred]), written }
  })
}

function same(cell: string | null): string | null {
  return cell
}

function* cells(rows: readonly TextRow[], index: number): Generator<string> {
  for (const row of rows) {
    const cell = row[index]
    if (cell !== null && cell !== undefined) yield cell
  }
}

/** In doubt it is text: a leading zero or plus, an exponent, a zone, a blank around the value. */
const SHAPES: readonly [InferredType['kind'], (cell: string) => boolean][] = [
  ['bool', (cell) => /^(true|false)$/i.test(cell)],
  ['bigint', (cell) => /^(0|-?[1-9]\d{0,18})$/.test(cell) && fitsBigint(cell)],
  ['decimal', (cell) => /^-?(0|[1-9]\d*)(\.\d+)?$/.test(cell)],
  ['date', isDate],
  ['timestamp', isTimestamp],
]

export function inferType(values: Iterable<string>): InferredType {
  const list = [...values]
  const kind = list.length === 0 ? undefined : SHAPES.find(([, fits]) => list.every(fits))?.[0]
  if (kind === 'decimal') return decimalType(list)
  return { kind: kind ?? 'text', precision: null, scale: null }
}

/** The widest whole part and the longest fraction must fit together in 38 digits. */
function decimalType(values: readonly string[]): InferredType {
  let whole = 1
  let scale = 0
  for (const value of values) {
    const [before = '', after = ''] = value.replace('-', '').split('.')
    whole = Math.max(whole, before.length)
    scale = Math.max(scale, after.length)
  }
  if (whole + scale > 38) return { kind: 'text', precision: null, scale: null }
  return { kind: 'decimal', precision: 38, scale }
}

function fitsBigint(cell: string): boolean {
  const value = BigInt(cell)
  return value >= -(2n ** 63n) && value < 2n ** 63n
}

function isDate(cell: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(cell) || cell.startsWith('0000')) return false
  const date = new Date(`${cell}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(cell)
}

function isTimestamp(cell: string): boolean {
  const match = /^(\d{4}-\d{2}-\d{2})[ T]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z?$/.exec(cell)
  return match !== null && isDate(match[1] ?? '')
}

const PORTABLE: Readonly<Record<string, InferredType['kind']>> = {
  text: 'text',
  string: 'text',
  varchar: 'text',
  bool: 'bool',
  boolean: 'bool',
  int: 'bigint',
  integer: 'bigint',
  bigint: 'bigint',
  date: 'date',
  timestamp: 'timestamp',
  datetime: 'timestamp',
}

/** A portable word becomes the dialect's type; anything else that looks like a type is given to the warehouse as written. */
function declaredType({ name, dataType = '', at }: ColumnProperties): InferredType | string {
  const written = dataType.trim().toLowerCase()
  const kind = PORTABLE[written]
  if (kind !== undefined) return { kind, precision: null, scale: null }
  const decimal = /^(?:decimal|numeric|number)\s*\(\s*(\d{1,2})\s*(?:,\s*(\d{1,2})\s*)?\)$/.exec(written)
  if (decimal !== null) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2] ?? 0) }
  if (/^[a-z][a-z0-9_]*( [a-z][a-z0-9_]*){0,3}(\s*\(\s*\d+\s*(,\s*\d+\s*)?\))?$/.test(written)) return written
  throw new BackfeedError({
    code: 'E-CFG-TYPE',
    message: `the data_type of column "${name}" is not the name of a type`,
    at,
    help: 'write a type of the warehouse, for example text, bigint, decimal(18, 2), boolean, date or timestamp',
  })
}
