/** What a revert leaves alone, and why, in words. */
import type { PlanNotes } from '../purpose.ts'
import type { SyncRun } from '../sync-run.ts'

const reasons: Readonly<Record<string, string>> = {
  changed_since: 'changed since the run wrote it',
  not_kept: 'the audit kept no values of it',
  not_exact: 'its earlier value cannot be written exactly',
  not_comparable: 'the CRM does not give back what was written',
  not_clearable: 'it was blank, and the CRM refuses a blank',
  not_applied: 'the CRM takes no step back',
  not_mapped: 'the sync does not map it any more',
  match_field: 'the records are matched on it',
  outcome_unknown: 'nobody knows yet whether it was written: reconcile first',
  created: 'the run created the record, which stays',
  record_unknown: 'nobody knows which record was written',
  record_changed: 'the row has another record by now',
  record_gone: 'the record is gone',
  record_merged: 'the record was merged into another one',
}

export function reasonInWords(reason: string): string {
  return reasons[reason] ?? reason.replaceAll('_', ' ')
}

/** After a run they are listed too: what was not put back is what somebody has to look at. */
const listedAfterRun = 20

export async function revertNotes(run: SyncRun, limit: number): Promise<PlanNotes> {
  const counts = await countsByReason(run)
  const undecided = await leftAlone(run, run.verb === 'run' ? Math.max(limit, listedAfterRun) : limit)
  if (counts.length === 0) return { undecided }
  const told = counts.map(([reason, count]) => `${count} ${reasonInWords(reason)}`)
  return { note: `left alone: ${told.join('; ')}`, undecided }
}

/** Fields, and rows as a whole where the reason is the row's. */
function leftAloneQuery({ context }: SyncRun): string {
  const { ledger, plan_id } = context.run
  return `select row_key, field, reason from ${ledger.sync_plan_field} where plan_id = '${plan_id}' and action = 'kept'
union all
select row_key, null, reason from ${ledger.sync_plan_row}
where plan_id = '${plan_id}' and decision in ('kept', 'held') and reason not in ('already_restored', 'changed_since', 'not_restorable')`
}

async function countsByReason(run: SyncRun): Promise<[string, number][]> {
  const sql = `select reason, count(*) from (${leftAloneQuery(run)}) as left_alone group by reason order by 2 desc, 1`
  const rows = await run.warehouse.rows(sql, { ...run.options('report'), max: 1_000 })
  return rows.map(([reason, count]) => [reason ?? '', Number(count)])
}

async function leftAlone(run: SyncRun, limit: number): Promise<PlanNotes['undecided']> {
  if (limit === 0) return []
  const sql = `select row_key, field, reason from (${leftAloneQuery(run)}) as left_alone order by row_key, field limit ${limit}`
  const rows = await run.warehouse.rows(sql, { ...run.options('report'), max: limit })
  return rows.map(([key, field, reason]) => {
    const why = reasonInWords(reason ?? '')
    return { key: key ?? '', rule: reason ?? '', message: field === null ? why : `${field}: ${why}` }
  })
}
