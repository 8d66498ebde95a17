/** The common run: what the model wants now against what was acknowledged and what the CRM holds. */
import { decisionModels, ledgerModels, materialize, planModels } from './materialize.ts'
import type { Purpose, SourceCounts } from './purpose.ts'
import { refuseUnapproved } from './saved-plans/approval.ts'
import type { SyncRun } from './sync-run.ts'

export const syncPurpose: Purpose = {
  name: 'sync',
  prepare: (run) => materialize(run, planModels),
  decide: (run) => materialize(run, decisionModels),
  records: ledgerModels,
  countSource,
  readsSource: true,
  check: refuseUnapproved,
}

export async function countSource(run: SyncRun): Promise<SourceCounts> {
  const { work, relation } = run.context.sync
  const removed = run.environment.call('sql.count_where', ["decision = 'removed'"])
  const sql = `select (select count(*) from ${relation}), (select count(*) from ${work.staging}), (select coalesce(sum(candidate_rows), 0) from ${work.staging}), (select ${removed} from ${work.changes})`
  const rows = await run.warehouse.rows(sql, { ...run.options('count'), max: 1 })
  const [source = 0, staged = 0, candidateRows = 0, gone = 0] = (rows[0] ?? []).map(Number)
  return { source, candidates: staged + gone, candidateRows }
}
