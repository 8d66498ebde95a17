/** Writes a plan: rows and fields first, the header last, so that a plan without a header never counts. */
import { planDigest } from '../audit/plan-digest.ts'
import { sha256 } from '../audit/run-log.ts'
import type { WireRequest } from '../destination/destination.ts'
import { invariant } from '../errors.ts'
import { findTargets } from './associations/find-targets.ts'
import { canaryRowsOf } from './canary.ts'
import { type GuardVerdict, guardPlan } from './guard-plan.ts'
import { bulkRequestOf, changesOf, plannedJobs } from './jobs/planned-jobs.ts'
import { keepingLease } from './keep-lease.ts'
import { findTwins } from './links/find-twins.ts'
import type { MappingChanges } from './mapping-changes.ts'
import { bulkModels, materialize } from './materialize.ts'
import { countPlan, type PlanCounts } from './plan-counts.ts'
import { batchesOf, wireOf } from './read-batches.ts'
import { readRemovals } from './removals/read-removals.ts'
import { matchIsUnique, snapshotCrm } from './snapshot-crm.ts'
import type { Allowance, SyncRun } from './sync-run.ts'
import { nowText } from './warehouse-clock.ts'

export interface PredictedRequest extends Pick<WireRequest, 'path'> {
  method: WireRequest['method'] | 'PUT'
  rows: number
  /** sha256 of the body that will be sent; absent for calls that only steer a job. */
  sha256?: string
}

export interface Plan {
  planId: string
  counts: PlanCounts
  guards: GuardVerdict[]
  /** Order and content of what would be sent, in one value. */
  rowsDigest: string
  readRows: number
  /** Requests needed to read the live values again. */
  readCalls: number
  /** Rows that are sent first and read back; 0: none. */
  canaryRows: number
  mapping?: MappingChanges
}

export async function buildPlan(run: SyncRun, allowance: Allowance): Promise<Plan> {
  const { readRows, lookupCalls } = await keepingLease(run, () => decideChanges(run))
  const counts = await countPlan(run)
  const lastSourceRows = await lastSourceRowsOf(run)
  const judged = guardPlan({
    counts,
    guards: run.sync.guards,
    aboutSource: run.purpose.readsSource,
    allowance,
    ...(lastSourceRows === undefined ? {} : { lastSourceRows }),
  })
  const guards = run.purpose.judge?.(run, judged) ?? judged
  await keepingLease(run, () => materialize(run, run.purpose.records))
  const digest = await rowsDigest(run, `${run.context.sync.work.changes} where decision = 'send'`, 'seq')
  run.ports.crashPoints.at('CP06')
  await writeHeader(run, { counts, guards, allowance, digest })
  run.ports.crashPoints.at('CP07')
  const keyed = run.context.run.reads_by === 'id' || matchIsUnique(run)
  const perCall = run.traits.readBatchSize[keyed ? 'unique' : 'search']
  return {
    planId: run.context.run.plan_id,
    counts,
    guards,
    rowsDigest: digest,
    readRows,
    readCalls: Math.ceil(readRows / perCall) + lookupCalls,
    canaryRows: await canaryRowsOf(run, counts.send),
  }
}

/** What happens to which row: the part of a plan that may take longer than a lease lives. */
async function decideChanges(run: SyncRun): Promise<Pick<Plan, 'readRows'> & { lookupCalls: number }> {
  await run.purpose.prepare(run)
  if (run.purpose.isOffline) {
    await run.purpose.decide(run)
    return { readRows: 0, lookupCalls: 0 }
  }
  const readRows = (await snapshotCrm(run)) + (await readRemovals(run))
  const lookupCalls = (await findTwins(run)) + (await findTargets(run))
  await run.lease.confirm()
  await run.purpose.decide(run)
  if (await isWorthJobs(run)) await materialize(run, bulkModels)
  return { readRows, lookupCalls }
}

/** A first look at the number of rows to send; how many of them really go by job is decided in the warehouse. */
async function isWorthJobs(run: SyncRun): Promise<boolean> {
  const { bulk, work } = run.context.sync
  if (!bulk || !run.destination.bulk) return false
  const sql = `select count(*) from ${work.changes} where decision = 'send'`
  const rows = await run.warehouse.rows(sql, { ...run.options('jobs'), max: 1 })
  return Number(rows[0]?.[0] ?? 0) > bulk.above
}

/** Every write request of this plan in order. Reads the plan table page by page; nothing is sent. */
export async function predictRequests(run: SyncRun, plan: Plan): Promise<PredictedRequest[]> {
  const requests: PredictedRequest[] = []
  for await (const batch of batchesOf(run, plan.counts.sendByRequest)) {
    const wire = wireOf(run, batch)
    requests.push({ method: wire.method, path: wire.path, rows: batch.changes.length, sha256: sha256(wire.body) })
  }
  return plan.counts.jobs > 0 ? [...requests, ...(await predictJobs(run))] : requests
}

/** The files are made as the run will make them, and thrown away. */
async function predictJobs(run: SyncRun): Promise<PredictedRequest[]> {
  const { bulk } = run.destination
  invariant(bulk, 'a plan with jobs was made for a destination that has them')
  const requests: PredictedRequest[] = []
  for (const job of await plannedJobs(run)) {
    const load = await bulk.prepare(bulkRequestOf(run), changesOf(run, job), run.signal)
    for (const { method, path, carries } of bulk.wire('{id}')) {
      requests.push({ method, path, ...(carries ? { rows: load.rows, sha256: load.sha256 } : { rows: 0 }) })
    }
    await load.discard()
  }
  return requests
}

async function lastSourceRowsOf(run: SyncRun): Promise<number | undefined> {
  const { ledger } = run.context.run
  const sql = `select p.source_rows from ${ledger.sync_plan} as p
join ${ledger.sync_run} as r on r.plan_id = p.plan_id
join ${ledger.sync_run_event} as e on e.run_id = r.run_id and e.event in ('succeeded', 'partial')
where r.kind = 'run' and coalesce(r.purpose, 'sync') in ('sync', 'apply') and r.sync_name = '${run.sync.name}' and r.target = '${run.target.name}'
order by r.epoch desc limit 1`
  const rows = await run.warehouse.rows(sql, { ...run.options('guards'), max: 1 })
  const value = rows[0]?.[0]
  return value === undefined || value === null ? undefined : Number(value)
}

async function writeHeader(
  run: SyncRun,
  plan: { counts: PlanCounts; guards: GuardVerdict[]; allowance: Allowance; digest: string },
): Promise<void> {
  const { counts, guards, digest } = plan
  const limit = (name: GuardVerdict['name']) => {
    const verdict = guards.find((guard) => guard.name === name)
    const allowed = verdict?.verdict === 'allowed' ? verdict.actual : verdict?.limit
    // Without a limit everything there is was let through; a row may have several fields to clear.
    const limitless = allowed === undefined || allowed === Number.POSITIVE_INFINITY
    return String(limitless ? Math.max(counts.source, verdict?.actual ?? 0) : allowed)
  }
  const cells: Record<string, string | null> = {
    plan_id: run.context.run.plan_id,
    run_id: run.context.run.id,
    sync_name: run.sync.name,
    org_id: run.org.orgId,
    plan_serial: String(run.lease.epoch),
    source_rows: String(counts.source),
    candidate_rows: String(counts.candidates),
    unchanged_rows: String(counts.unchanged),
    planned_rows: String(counts.send + counts.held),
    send_rows: String(counts.send),
    creates: String(counts.create),
    updates: String(counts.update),
    clears: String(counts.clears),
    held_rows: String(counts.held),
    quarantined_rows: String(counts.quarantined),
    approved_creates: limit('creates'),
    approved_updates: limit('updates'),
    approved_clears: limit('clears'),
    approved_deletes: limit('deletes'),
    deletes: String(counts.deletes),
    allow_reason: plan.allowance.reason ?? null,
    allowed_guards: allowedGuards(guards),
    write_calls: String(counts.writeCalls),
    rows_digest: digest,
    created_at: nowText(run),
    fields_digest: await planDigest(run, run.context.run.plan_id),
    source_plan_id: run.context.run.source_plan_id,
  }
  const header = run.log.rows('sync_plan', Object.keys(cells), [Object.values(cells)])
  const { send, held, quarantined } = counts
  const planned = run.log.event('planned', { plan_id: run.context.run.plan_id, send, held, quarantined }, [header])
  await run.lease.confirm()
  await run.warehouse.atomic([header, planned], run.options('plan'))
}

/** What was let through by --allow, as JSON: guard -> what the plan came to. Null when nothing had to be. */
function allowedGuards(guards: readonly GuardVerdict[]): string | null {
  const allowed = guards.filter(({ verdict }) => verdict === 'allowed')
  return allowed.length === 0
    ? null
    : JSON.stringify(Object.fromEntries(allowed.map((each) => [each.name, each.actual])))
}

/** Order and content of what will be sent, in one value; `order` is the column with the place of a row. */
export async function rowsDigest(
  run: Pick<SyncRun, 'environment' | 'warehouse' | 'options'>,
  from: string,
  order: string,
): Promise<string> {
  const digest = run.environment.call('sql.md5', [`coalesce(string_agg(payload_hash, '' order by ${order}), '')`])
  const rows = await run.warehouse.rows(`select ${digest} from ${from}`, { ...run.options('plan'), max: 1 })
  return sha256(rows[0]?.[0] ?? '')
}
