/** One value over all rows and fields of a plan, made in the warehouse: whoever changes one of them afterwards is found. */
import type { TemplateEnvironment } from '../compile/compile.ts'
import type { StatementOptions, Warehouse } from '../warehouse/warehouse.ts'
import type { LedgerTable } from './ledger.ts'
import { sha256 } from './run-log.ts'

export interface DigestContext {
  warehouse: Warehouse
  environment: TemplateEnvironment
  options: (step: string) => StatementOptions
  context: { run: { ledger: Record<LedgerTable, string> } }
}

/** Values are not among them: they may be erased one day, and their hashes stay. */
const rowColumns = [
  'row_no', 'change_id', 'row_key', 'op', 'crm_id', 'decision', 'reason', 'batch_no', 'payload_hash', 'body_hash', 'key_hash', 'fingerprint',
] // biome-ignore format: one line reads better
const fieldColumns = ['row_no', 'field', 'action', 'before_hash', 'base_hash', 'desired_hash', 'null_policy', 'owner']

export async function planDigest(source: DigestContext, planId: string): Promise<string> {
  const { sync_plan_row: rows, sync_plan_field: fields } = source.context.run.ledger
  const parts = [
    digestOf(source, { table: rows, planId, columns: rowColumns, order: 'row_no' }),
    digestOf(source, { table: fields, planId, columns: fieldColumns, order: 'row_no, field' }),
  ]
  const sql = `select ${parts.map((part) => `(${part})`).join(', ')}`
  const [digests = []] = await source.warehouse.rows(sql, { ...source.options('digest'), max: 1 })
  return sha256(digests.map((digest) => digest ?? '').join('\n'))
}

interface Part {
  table: string
  planId: string
  columns: readonly string[]
  order: string
}

/** In pieces of a thousand rows, so that no text grows with the plan. */
function digestOf({ environment }: DigestContext, { table, planId, columns, order }: Part): string {
  const call = (macro: string, args: readonly unknown[]) => environment.call(macro, args)
  const texts = columns.map((column) => `coalesce(${call('sql.cast', [column, { kind: 'text' }])}, '~')`)
  const digest = call('sql.md5', [texts.join(" || '|' || ")])
  return `select ${call('sql.ordered_digest', ['digest', 'piece'])} from (
  select piece, ${call('sql.ordered_digest', ['digest', order])} as digest
  from (select ${call('sql.quotient', ['row_no', '1000'])} as piece, ${order}, ${digest} as digest from ${table} where plan_id = '${planId}') as texts
  group by piece
) as pieces`
}
