/** Records that somebody has looked at a plan file and lets it go. What is approved is this very file, for every sync in it. */
import { ledgerRelations } from '../../audit/ledger.ts'
import { BackfeedError, ExitCode, type Problem } from '../../errors.ts'
import type { Session } from '../session.ts'
import { ask } from './apply-context.ts'
import { ledgerProblems } from './ledger-problems.ts'
import { blockedGuards } from './plan-guards.ts'
import type { PlanFile } from './saved-plan.ts'

export interface Approval {
  reason: string
  /** The maker of the plan approves it, and says so. */
  self: boolean
}

export interface Approved {
  approver: string
  selfApproved: boolean
  /** This person had approved the file before; nothing was written again. */
  before: boolean
}

/** @throws BackfeedError, exit 3: E-RUN-APPROVAL for the maker's own plan, else why the plan cannot be applied anyway. */
export async function approvePlan(session: Session, file: PlanFile, { reason, self }: Approval): Promise<Approved> {
  const approver = session.actor
  const { planner } = file.saved
  const selfApproved = personOf(approver) === personOf(planner)
  const problems = [...(selfApproved && !self ? [ownPlan(planner)] : []), ...(await planProblems(session, file))]
  if (problems.length > 0) throw new BackfeedError(problems, { exitCode: ExitCode.refused })
  if (await hasApproved(session, file)) return { approver, selfApproved, before: true }
  const at = new Date(session.ports.clock.nowMs()).toISOString()
  const rows = file.saved.plans.map(({ plan_id, sync, org_id, rows_digest }) => [
    ...[file.digest, plan_id, sync, file.saved.target, org_id, rows_digest],
    ...[approver, planner, String(selfApproved), reason, session.gitSha ?? null, at],
  ])
  const table = { schema: session.target.schema, name: 'sync_approval' }
  await session.warehouse.atomic([{ table, columns, rows }], optionsOf(session)('approve'))
  return { approver, selfApproved, before: false }
}

const columns = [
  'file_digest', 'plan_id', 'sync_name', 'target', 'org_id', 'rows_digest', 'approver', 'planner', 'self_approved', 'reason', 'git_sha', 'logged_at',
] // biome-ignore format: as the rows above

function ownPlan(planner: string): Problem {
  return {
    code: 'E-RUN-APPROVAL',
    message: `${planner} made this plan; somebody else must approve it`,
    help: 'if nobody else can: --self, which is recorded as such',
  }
}

async function planProblems(session: Session, file: PlanFile): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const entry of file.saved.plans) {
    const asking = {
      ...session,
      file,
      entry,
      ledger: ledgerRelations(session.target.schema),
      options: optionsOf(session),
    }
    problems.push(...blockedGuards(entry), ...(await ledgerProblems(asking)))
  }
  return problems
}

async function hasApproved(session: Session, { digest }: PlanFile): Promise<boolean> {
  const { sync_approval: table } = ledgerRelations(session.target.schema)
  const approver = session.actor.replaceAll("'", "''")
  const sql = `select count(*) from ${table} where file_digest = '${digest}' and approver = '${approver}'`
  const [row] = await ask({ ...session, options: optionsOf(session) }, 'approve', sql)
  return Number(row?.[0] ?? 0) > 0
}

function optionsOf(session: Session) {
  return (step: string) => session.options({ run: session.invocationId, sync: '', step })
}

/** Who, apart from the machine or the job: `ada@laptop` and `ada@desktop` are one person, and so are two jobs of one GitHub user. */
export function personOf(actor: string): string {
  const [system = '', name = ''] = actor.split(':')
  return name === '' ? (actor.split('@')[0] ?? '') : `${system}:${name}`
}
