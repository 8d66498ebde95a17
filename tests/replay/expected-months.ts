/**
 * What a replay must do, computed from the CSV files alone: no code of the runner is used here, not even its CSV parser.
 * The CRM keeps what it has when a cell is empty (on_null: ignore) and when a row disappears (on_removed: nothing).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Row = Readonly<Record<string, string>>

/** CRM field -> column of the file. */
export type Mapping = Readonly<Record<string, string>>

export interface Step {
  month: string
  mapping: Mapping
}

export interface ExpectedStep {
  month: string
  creates: string[]
  updates: string[]
  /** `key field=value` of every field that travels, creates included. */
  fieldChanges: string[]
  /** Keys that were in the step before and are gone now. */
  removals: string[]
  /** Rows, not keys: every row of a key that occurs more than once. */
  quarantinedRows: number
}

export type ExpectedCrm = ReadonlyMap<string, Readonly<Record<string, string>>>

export function readMonths(folder: string): Map<string, Row[]> {
  const files = readdirSync(folder).filter((name) => /^\d{4}-\d\d\.csv$/.test(name))
  return new Map(files.sort().map((name) => [name.slice(0, 7), parseCsv(readFileSync(join(folder, name), 'utf8'))]))
}

export function parseCsv(text: string): Row[] {
  const [header = [], ...lines] = text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((m) => m[1]?.replaceAll('""', '"') ?? m[2] ?? ''),
    )
  return lines.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])))
}

export function expectSteps(
  months: ReadonlyMap<string, Row[]>,
  key: string,
  steps: readonly Step[],
): { steps: ExpectedStep[]; crm: ExpectedCrm } {
  const crm = new Map<string, Record<string, string>>()
  let before = new Set<string>()
  const expected = steps.map(({ month, mapping }) => {
    const rows = months.get(month) ?? []
    const keys = rows.map((row) => row[key] ?? '')
    const once = rows.filter((row) => keys.filter((k) => k === row[key]).length === 1)
    const step = applyMonth(crm, once, { key, month, mapping })
    const removals = [...before].filter((k) => !keys.includes(k))
    before = new Set(keys)
    return { ...step, removals, quarantinedRows: rows.length - once.length }
  })
  return { steps: expected, crm }
}

/** What a cell says; in the date column some cells are no dates, and the model makes them empty. */
export function cellOf(row: Row, column: string): string {
  const cell = row[column] ?? ''
  return column === 'Date added' && !/^\d{4}-\d\d-\d\d$/.test(cell) ? '' : cell
}

function applyMonth(crm: Map<string, Record<string, string>>, rows: readonly Row[], step: Step & { key: string }) {
  const result = { month: step.month, creates: [] as string[], updates: [] as string[], fieldChanges: [] as string[] }
  for (const row of rows) {
    const key = row[step.key] ?? ''
    const known = crm.get(key)
    const changed = Object.entries(step.mapping).filter(
      ([field, column]) => cellOf(row, column) !== '' && known?.[field] !== cellOf(row, column),
    )
    if (known === undefined) result.creates.push(key)
    else if (changed.length > 0) result.updates.push(key)
    for (const [field, column] of changed) result.fieldChanges.push(`${key} ${field}=${row[column]}`)
    crm.set(key, { ...known, ...Object.fromEntries(changed.map(([field, column]) => [field, row[column] ?? ''])) })
  }
  return result
}
