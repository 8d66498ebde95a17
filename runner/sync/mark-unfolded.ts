/**
 * What a run that died had sent, when its plan cannot be folded any more because the mapping changed or its changes are gone.
 * State then says: these fields may hold something of ours, read them. The log still has the plan, field by field.
 */
import { timestampOf } from './settle-run.ts'
import type { SyncRun } from './sync-run.ts'

/** As long as a request may still be on its way. */
const settleMs = 150_000

export async function markUnfolded(run: SyncRun, { planId }: { planId: string }): Promise<void> {
  const { state, fields } = run.context.sync
  const { ledger } = run.context.run
  const sent = `select row_no from ${ledger.sync_result} where plan_id = '${planId}' and outcome in ('succeeded', 'unknown')`
  const rows = `from ${ledger.sync_plan_row} where plan_id = '${planId}' and row_no in (${sent})`
  const settledAt = timestampOf(run, new Date(run.lease.clock.latestMs() + settleMs).toISOString())
  const cast = (expression: string, kind: string) => run.environment.call('sql.cast', [expression, { kind }])
  const steps = [
    `insert into ${state} (key_hash, row_key) select ${cast('key_hash', 'hash')}, row_key ${rows} and row_key not in (select row_key from ${state})`,
    `update ${state} set disposition = 'unknown', is_open = true, fingerprint = null, sent_fingerprint = null, next_attempt_at = ${settledAt} where row_key in (select row_key ${rows})`,
    ...fields.map(
      (field) =>
        `update ${state} set known_${field.slug} = false, acked_${field.slug} = null, stored_${field.slug} = null, unsettled_${field.slug} = true where row_key in (select row_key from ${ledger.sync_plan_field} where plan_id = '${planId}' and field = '${field.to}' and action in ('set', 'clear') and row_no in (${sent}))`,
    ),
  ]
  await run.warehouse.atomic(steps, run.options('recover'))
}
