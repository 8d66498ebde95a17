/**
 * The invariants of the protocol as SQL over our own tables (models/audit/checks). Each returns no row when it holds; a row names
 * the sync and what is wrong by plan, row number, key or run, never by a value.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TemplateEnvironment } from '../compile/compile.ts'
import { invariant } from '../errors.ts'
import { packageDir } from '../package-dir.ts'
import type { StatementOptions, Warehouse } from '../warehouse/warehouse.ts'
import { ledgerRelations } from './ledger.ts'
import { auditViews } from './views.ts'

export interface Check {
  /** `INV-01`. */
  number: string
  title: string
  meaning: string
  /** Path in the package. */
  file: string
  text: string
}

export interface ChecksRequest {
  warehouse: Pick<Warehouse, 'name' | 'rows' | 'columns'>
  environment: TemplateEnvironment
  schema: string
  auditSchema: string
  options: (step: string) => StatementOptions
  /** Findings of these syncs only; default: of all. */
  only?: readonly string[]
  /** ISO, UTC; findings about something earlier are left out. */
  since?: string
  /** Only these, `INV-01`; default: all. */
  invariants?: readonly string[]
  /** Findings listed per invariant; default 10. All are counted. */
  keys?: number
}

export interface CheckResult extends Omit<Check, 'file' | 'text'> {
  /** Rows found. */
  found: number
  findings: { sync: string | null; finding: string }[]
}

const defaultKeys = 10

/** All invariants in the order of their numbers. */
export async function runChecks(request: ChecksRequest): Promise<CheckResult[]> {
  const states = await stateTables(request)
  const results: CheckResult[] = []
  const { invariants } = request
  const wanted = allChecks().filter(({ number }) => invariants?.includes(number) ?? true)
  for (const check of wanted) results.push(await runCheck(request, check, states))
  return results
}

const folder = 'models/audit/checks'

export function allChecks(): Check[] {
  return readdirSync(join(packageDir(), folder))
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => readCheck(`${folder}/${name}`))
}

function readCheck(file: string): Check {
  const text = readFileSync(join(packageDir(), file), 'utf8')
  const [, number, title, meaning] = /^-- (INV-\d\d) (.+)\n-- (.+)\n/.exec(text) ?? []
  invariant(number && title && meaning, `${file} begins with its number, its title and what it means`)
  return { number, title, meaning, file, text }
}

export interface StateTable {
  sync: string
  relation: string
}

/** Of every sync that ever ran and still has one. */
async function stateTables({ warehouse, schema, options }: ChecksRequest): Promise<StateTable[]> {
  const { sync_run } = ledgerRelations(schema)
  const names = await warehouse.rows(`select distinct sync_name from ${sync_run}`, {
    ...options('checks'),
    max: 10_000,
  })
  const found: StateTable[] = []
  for (const [sync] of names) {
    if (sync && (await warehouse.columns({ schema, name: `state_${sync}` })))
      found.push({ sync, relation: `${schema}.state_${sync}` })
  }
  return found
}

export function renderCheck(
  {
    environment,
    schema,
    auditSchema,
    warehouse,
  }: Pick<ChecksRequest, 'environment' | 'schema' | 'auditSchema'> & {
    warehouse: Pick<Warehouse, 'name'>
  },
  check: Check,
  states: readonly StateTable[],
): string {
  const audit = Object.fromEntries(auditViews.map((view) => [view, `${auditSchema}.${view}`]))
  const context = {
    run: { ledger: ledgerRelations(schema), audit, states },
    target: { name: '', type: warehouse.name, schema, audit_schema: auditSchema },
  }
  return environment.render({ file: `backfeed:${check.file}`, text: check.text, context }).sql
}

async function runCheck(request: ChecksRequest, check: Check, states: readonly StateTable[]): Promise<CheckResult> {
  const { warehouse, options, keys = defaultKeys } = request
  const conditions = filters(request)
  const sql = `select count(*) over (), sync_name, finding
from (
${renderCheck(request, check, states)}
) as findings${conditions.length > 0 ? `\nwhere ${conditions.join(' and ')}` : ''}
order by found_at desc, finding
limit ${Math.max(keys, 1)}`
  const rows = await warehouse.rows(sql, { ...options(check.number), max: Math.max(keys, 1) })
  const { number, title, meaning } = check
  return {
    number,
    title,
    meaning,
    found: Number(rows[0]?.[0] ?? 0),
    findings: rows.slice(0, keys).map(([, sync, finding]) => ({ sync: sync ?? null, finding: finding ?? '(no key)' })),
  }
}

function filters({ environment, only, since }: ChecksRequest): string[] {
  const names = only?.map((name) => environment.call('sql.text_literal', [name])).join(', ')
  const from = since && environment.call('sql.cast', [`'${since.replace('Z', '')}'`, { kind: 'timestamp' }])
  return [...(names ? [`sync_name in (${names})`] : []), ...(from ? [`found_at >= ${from}`] : [])]
}
