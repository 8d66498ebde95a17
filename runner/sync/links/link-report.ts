/** What a plan says about links: which rows wait for one, and of a link itself, which rows a person must decide about. */
import type { PlanCounts } from '../plan-counts.ts'
import type { SyncRun } from '../sync-run.ts'

export interface UndecidedRow {
  key: string
  rule: string
  /** Names the records by id. */
  message: string
}

const reasons = ['link_first', 'link_ambiguous', 'link_taken', 'link_shared']

export function linkWarnings({ sync, context }: SyncRun, counts: PlanCounts): string[] {
  const { twins } = context.sync
  if (twins === null) return []
  if (twins.adopts) {
    const rows = counts.skippedByReason.record_not_found ?? 0
    return rows === 0
      ? []
      : [`${rows} rows have no record by ${twins.field}: with mode upsert or create the next run creates them`]
  }
  const byReason = { ...counts.heldByReason, ...counts.quarantineByReason }
  const rows = reasons.reduce((sum, reason) => sum + (byReason[reason] ?? 0), 0)
  if (rows === 0) return []
  const command = `backfeed link ${sync.object} --by ${twins.field} -s ${sync.name}`
  return [`${rows} rows are not created, because another record or row has their ${twins.field}: see ${command}`]
}

export async function undecidedRows(run: SyncRun, limit: number): Promise<UndecidedRow[]> {
  if (limit === 0) return []
  const { work } = run.context.sync
  const sql = `select row_key, rule, message from ${work.quarantine}
where rule in ('link_ambiguous', 'link_taken', 'match_claimed_twice') order by rule, row_key limit ${limit}`
  const rows = await run.warehouse.rows(sql, { ...run.options('sample'), max: limit })
  return rows.map(([key, rule, message]) => ({ key: key ?? '', rule: rule ?? '', message: message ?? '' }))
}
