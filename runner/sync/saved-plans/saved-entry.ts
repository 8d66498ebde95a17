/** What a plan file holds about the plan of one sync. */
import type { Plan } from '../build-plan.ts'
import { schemaHash } from '../describe-crm.ts'
import { configHashOf } from '../record-run.ts'
import type { SyncRun } from '../sync-run.ts'
import type { SavedEntry } from './saved-plan.ts'

export function savedEntry(run: SyncRun, { planId, counts, guards, rowsDigest }: Plan): SavedEntry {
  return {
    sync: run.sync.name,
    ...(run.sync.link && { link: { of: run.sync.link.of, by: run.sync.link.by } }),
    connection: run.sync.connection,
    destination: run.context.sync.destination === 'hubspot' ? 'hubspot' : 'salesforce',
    object: run.sync.object,
    org_id: run.org.orgId,
    org_env: run.org.environment,
    run_id: run.context.run.id,
    plan_id: planId,
    trace: run.context.run.trace,
    base_epoch: run.lease.epoch,
    config_hash: configHashOf(run.sync),
    mapping_hash: run.context.sync.mapping_hash,
    crm_schema_hash: schemaHash(run.sync, run),
    rows_digest: rowsDigest,
    source_rows: counts.source,
    send: counts.send,
    creates: counts.create,
    updates: counts.update,
    clears: counts.clears,
    guards: guards.map(({ name, code, limit, actual, verdict, allow }) => ({
      name,
      code,
      limit: Number.isFinite(limit) ? limit : null,
      actual,
      verdict,
      ...(allow === undefined ? {} : { allow }),
    })),
  }
}
