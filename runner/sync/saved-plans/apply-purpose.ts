/** `apply`: the rows of saved plans, and of those only what would still be written exactly as planned. */
import { BackfeedError, ExitCode, invariant } from '../../errors.ts'
import type { Sync } from '../../project/project.ts'
import { materialize, planModels } from '../materialize.ts'
import type { PlanCounts } from '../plan-counts.ts'
import type { Purpose, SourceCounts } from '../purpose.ts'
import type { SyncRun } from '../sync-run.ts'
import { problemsBefore, problemsNow } from './apply-problems.ts'
import { approvedVerdicts } from './plan-guards.ts'
import type { PlanFile, SavedEntry } from './saved-plan.ts'

export function applyPurpose(file: PlanFile): Purpose {
  const entryOf = ({ name }: Pick<Sync, 'name'>): SavedEntry => {
    const entry = file.saved.plans.find(({ sync }) => sync === name)
    invariant(entry, `sync ${name} is in the plan file`)
    return entry
  }
  return {
    name: 'apply',
    check: (session, request) => problemsBefore(session, { ...request, file, entry: entryOf(request.sync) }),
    source: (sync) => ({ planId: entryOf(sync).plan_id, trace: entryOf(sync).trace }),
    prepare: (run) => prepare(run, file, entryOf(run.sync)),
    decide: (run) => decide(run, entryOf(run.sync)),
    records: ['plan_row', 'plan_field'],
    countSource: async (run) => sourceCounts(entryOf(run.sync)),
    readsSource: false,
    judge: (run, verdicts) => approvedVerdicts(verdicts, entryOf(run.sync)),
    note,
  }
}

async function prepare(run: SyncRun, file: PlanFile, entry: SavedEntry): Promise<void> {
  const problems = await problemsNow(run, file, entry)
  if (problems.length > 0) throw new BackfeedError(problems, { exitCode: ExitCode.refused })
  await materialize(run, planModels)
}

async function decide(run: SyncRun, entry: SavedEntry): Promise<void> {
  await materialize(underAnotherName(run), ['decisions'])
  await materialize(run, ['applied', 'changes'])
  const { changes } = run.context.sync.work
  const sql = `select count(*) from ${changes} where decision in ('send', 'held')`
  const rows = await run.warehouse.rows(sql, { ...run.options('applied'), max: 1 })
  invariant(Number(rows[0]?.[0] ?? 0) === entry.send, 'every row of the saved plan is decided again, and no other')
}

/** The decisions of all rows, for `applied` to choose from. */
function underAnotherName(run: SyncRun): SyncRun {
  const { sync } = run.context
  const work = { ...sync.work, decisions: sync.work.met }
  return { ...run, context: { ...run.context, sync: { ...sync, work } } }
}

function sourceCounts({ source_rows, send }: SavedEntry): SourceCounts {
  return { source: source_rows, candidates: send, candidateRows: send }
}

function note({ heldByReason }: PlanCounts): string | undefined {
  const drifted = heldByReason.drifted_since_plan ?? 0
  const changed = heldByReason.changed_since_plan ?? 0
  const parts = [
    ...(drifted > 0 ? [`${drifted} ${rows(drifted)} edited in the CRM since the plan`] : []),
    ...(changed > 0 ? [`${changed} ${rows(changed)} no longer what was planned`] : []),
  ]
  return parts.length === 0 ? undefined : `${parts.join(', ')}; nothing was sent for them`
}

function rows(count: number): string {
  return count === 1 ? 'row was' : 'rows were'
}
