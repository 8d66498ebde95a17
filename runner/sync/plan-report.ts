/** What people, pull requests and orchestrators read about a plan. Values appear only as the audit may keep them. */
import type { ApiUsage } from '../destination/destination.ts'
import { type Plan, type PredictedRequest, predictRequests } from './build-plan.ts'
import type { GuardVerdict } from './guard-plan.ts'
import { linkWarnings, type UndecidedRow, undecidedRows } from './links/link-report.ts'
import type { PlanCounts } from './plan-counts.ts'
import type { SyncRun } from './sync-run.ts'

export interface SampledField {
  field: string
  action: 'set' | 'clear' | 'adopt' | 'base' | 'held' | 'kept' | 'conflict' | 'drift' | 'not_applied'
  /** Live value, or null when empty or not kept. */
  before: string | null
  after: string | null
}

export interface SampledRow {
  key: string
  op: 'create' | 'update'
  decision: string
  fields: SampledField[]
}

export interface PlanReport {
  sync: string
  destination: string
  connection: string
  object: string
  mode: string
  match: string
  target: string
  org: string
  run_id: string
  plan_id: string
  counts: Omit<PlanCounts, 'quarantineByReason' | 'heldByReason' | 'skippedByReason' | 'failingRules'>
  quarantineByReason: Record<string, number>
  heldByReason: Record<string, number>
  skippedByReason: Record<string, number>
  samples: SampledRow[]
  /** Of a link: rows that somebody must decide about, with the ids of the records. */
  undecided?: UndecidedRow[]
  /** `usage`: the org's calls when the plan was made, where the CRM tells. */
  predicted: { writeCalls: number; readCalls: number; requests: PredictedRequest[]; usage?: ApiUsage }
  guards: GuardVerdict[]
  warnings: string[]
}

export interface ReportOptions {
  /** Rows shown with their fields. */
  samples: number
  /** Page through the plan for the hash of every request; `plan` does, `run` need not. */
  requests: boolean
}

export async function reportPlan(run: SyncRun, plan: Plan, options: ReportOptions): Promise<PlanReport> {
  const { sync } = run
  const usage = await run.destination.usage(run.signal)
  const { quarantineByReason, heldByReason, skippedByReason, failingRules: _, ...counts } = plan.counts
  return {
    sync: sync.name,
    destination: run.context.sync.destination,
    connection: sync.connection,
    object: sync.object,
    mode: sync.mode,
    match: sync.match.field,
    target: run.target.name,
    org: run.org.label,
    run_id: run.context.run.id,
    plan_id: plan.planId,
    counts,
    quarantineByReason,
    heldByReason,
    skippedByReason,
    samples: await sampleRows(run, options.samples),
    ...(sync.link && { undecided: await undecidedRows(run, options.samples) }),
    predicted: {
      writeCalls: plan.counts.writeCalls,
      readCalls: plan.readCalls,
      requests: options.requests ? await predictRequests(run, plan) : [],
      ...(usage && { usage }),
    },
    guards: plan.guards,
    warnings: [...warningsOf(run, plan), ...beyondBudget(callsToCome(run, plan), usage)],
  }
}

/** A run has read the live values by now; after a plan it will read them again. */
function callsToCome(run: SyncRun, { counts, readCalls }: Plan): number {
  if (counts.writeCalls === 0) return 0
  return counts.writeCalls + (run.verb === 'plan' ? readCalls : 0)
}

/** Nothing is refused for it: others may make fewer calls until the run, and a run that stops there goes on the next time. */
function beyondBudget(needed: number, usage: ApiUsage | undefined): string[] {
  if (usage === undefined || needed <= usage.remaining) return []
  const limit = usage.allowed < usage.max ? 'within daily_api_budget' : 'of the day'
  return [
    `${needed} API calls are needed and ${usage.remaining} are left ${limit}: the run would stop there and the rest stay planned`,
  ]
}

function warningsOf(run: SyncRun, plan: Plan): string[] {
  const { counts } = plan
  const drift =
    counts.drift > 0
      ? [
          `${counts.drift} values were changed in the CRM since they were written; they are left alone until the warehouse changes them`,
        ]
      : []
  const held = counts.heldByReason.first_contact ?? 0
  return [
    ...drift,
    ...(held > 0 ? [`${held} rows wait because the CRM already holds other values (first_sync: hold)`] : []),
    ...linkWarnings(run, counts),
  ]
}

/** Updates first: their before and after is what a reviewer wants to see. */
async function sampleRows(run: SyncRun, limit: number): Promise<SampledRow[]> {
  if (limit === 0) return []
  const { ledger, plan_id } = run.context.run
  const sql = `select f.row_key, r.op, r.decision, f.field, f.action, f.before_value, f.desired_value
from ${ledger.sync_plan_field} as f
join (
  select row_no, row_key, op, decision, row_number() over (order by case when decision = 'send' then 0 else 1 end, case when op = 'update' then 0 else 1 end, row_no) as place
  from ${ledger.sync_plan_row} where plan_id = '${plan_id}' and (decision in ('send', 'held') or reason in ('adopted', 'drifted'))
) as r on r.row_no = f.row_no
where f.plan_id = '${plan_id}' and r.place <= ${limit}
order by r.place, f.field`
  const rows = await run.warehouse.rows(sql, {
    ...run.options('sample'),
    max: limit * Math.max(1, run.sync.fields.length),
  })
  const byKey = new Map<string, SampledRow>()
  for (const [key, op, decision, field, action, before, after] of rows) {
    const row = byKey.get(key ?? '') ?? {
      key: key ?? '',
      op: op === 'update' ? 'update' : 'create',
      decision: decision ?? '',
      fields: [],
    }
    row.fields.push({ field: field ?? '', action: sampledAction(action), before: before ?? null, after: after ?? null })
    byKey.set(row.key, row)
  }
  return [...byKey.values()]
}

function sampledAction(action: string | null | undefined): SampledField['action'] {
  switch (action) {
    case 'clear':
    case 'adopt':
    case 'base':
    case 'conflict':
    case 'held':
    case 'kept':
    case 'drift':
    case 'not_applied':
      return action
    default:
      return 'set'
  }
}
