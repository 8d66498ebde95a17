/** What the warehouse's log says against a saved plan: unknown file, applied before, overtaken by another run, rows gone. */
import { terminalEvents } from '../../audit/run-log.ts'
import type { Problem } from '../../errors.ts'
import { rowsDigest } from '../build-plan.ts'
import { type ApplyContext, ask } from './apply-context.ts'
import { stale } from './read-plan-file.ts'

type Asked = Pick<
  ApplyContext,
  'file' | 'entry' | 'target' | 'warehouse' | 'environment' | 'ledger' | 'options' | 'runId'
>

export async function ledgerProblems(apply: Asked): Promise<Problem[]> {
  const recorded = await recordOf(apply)
  if (recorded === undefined) return [unknownFile(apply)]
  const used = await appliedBy(apply)
  if (used !== undefined) return [alreadyApplied(apply, used)]
  return [...expired(apply, recorded), ...(await overtaken(apply)), ...(await rowsMissing(apply))]
}

interface Recorded {
  isExpired: boolean
  expiresAt: string
}

/** The clock of the warehouse decides: the one that made the file and the one that applies it may both be wrong. */
async function recordOf(apply: Asked): Promise<Recorded | undefined> {
  const { ledger, entry, file, environment } = apply
  const now = environment.call('sql.now_utc', [])
  const sql = `select case when max(expires_at) <= ${now} then 'yes' else 'no' end, max(expires_at) from ${ledger.sync_saved_plan}
where file_digest = '${file.digest}' and plan_id = '${entry.plan_id}'`
  const [row] = await ask(apply, 'saved plan', sql)
  return row?.[1] ? { isExpired: row[0] === 'yes', expiresAt: row[1] } : undefined
}

function expired({ entry }: Asked, { isExpired, expiresAt }: Recorded): Problem[] {
  const at = expiresAt.slice(0, 19).replace('T', ' ')
  return isExpired ? [stale(`${entry.sync}: the plan expired at ${at} UTC, by the clock of the warehouse`)] : []
}

function unknownFile({ entry, target }: Asked): Problem {
  return {
    code: 'E-PLAN-DIGEST',
    message: `${entry.sync}: the warehouse of target ${target.name} does not know this file; it was edited, or made against another warehouse`,
    help: 'make a new plan: backfeed plan --out plan.json',
  }
}

interface Use {
  runId: string
  status: string
}

/** The run that sent this plan, or tried to: a plan whose header was written counts as used, whatever became of it (INV-23). */
async function appliedBy(apply: Asked): Promise<Use | undefined> {
  const { ledger, entry } = apply
  const sql = `select p.run_id, e.event from ${ledger.sync_plan} as p
left join ${ledger.sync_run_event} as e on e.run_id = p.run_id and e.event in (${terminal()})
where p.source_plan_id = '${entry.plan_id}' order by p.created_at limit 1`
  const [row] = await ask(apply, 'applied before', sql)
  return row?.[0] ? { runId: row[0], status: row[1] ?? 'still running, or died' } : undefined
}

function alreadyApplied({ entry }: Asked, { runId, status }: Use): Problem {
  const help = 'a plan is applied once; what it did not send is in a new plan: backfeed plan --out plan.json'
  return stale(`${entry.sync}: the plan was already applied by ${runId} (${status})`, help)
}

function terminal(): string {
  return terminalEvents.map((event) => `'${event}'`).join(', ')
}

/** Runs since the plan that sent something, or died before they said whether they did. */
async function overtaken(apply: Asked): Promise<Problem[]> {
  const { ledger, entry, runId = '' } = apply
  const sql = `select r.run_id, (select count(distinct row_key) from ${ledger.sync_result} as result where result.plan_id = r.plan_id)
from ${ledger.sync_run} as r
where r.kind = 'run' and r.sync_name = '${entry.sync}' and r.org_id = '${entry.org_id}' and r.epoch > ${entry.base_epoch} and r.run_id <> '${runId}'
  and (
    exists (select 1 from ${ledger.sync_intent} as intent where intent.plan_id = r.plan_id)
    or exists (select 1 from ${ledger.sync_result} as result where result.plan_id = r.plan_id)
    or exists (select 1 from ${ledger.sync_plan} as p where p.plan_id = r.plan_id and p.send_rows > 0)
      and not exists (select 1 from ${ledger.sync_run_event} as e where e.run_id = r.run_id and e.event in (${terminal()}))
  )
order by r.epoch`
  const runs = await ask(apply, 'runs since', sql)
  const [first] = runs
  if (!first) return []
  const changes = runs.reduce((sum, [, count]) => sum + Number(count), 0)
  const which = runs.length === 1 ? `run ${first[0]}` : `${runs.length} runs, ${first[0]} first`
  return [stale(`${entry.sync}: ${which} of this sync went by since the plan, with ${changes} changes`)]
}

async function rowsMissing(apply: Asked): Promise<Problem[]> {
  const { ledger, entry } = apply
  const from = `${ledger.sync_plan_row} where plan_id = '${entry.plan_id}' and decision = 'send'`
  if ((await rowsDigest(apply, from, 'row_no')) === entry.rows_digest) return []
  return [stale(`${entry.sync}: the rows of the plan are not in the warehouse any more, or were changed there`)]
}
