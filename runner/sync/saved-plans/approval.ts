/** Who must have approved what before a sync may write. */
import { ledgerRelations } from '../../audit/ledger.ts'
import type { Problem } from '../../errors.ts'
import type { ApprovalRule, Sync, Target } from '../../project/project.ts'
import type { ReachedCrm } from '../open-sync-run.ts'
import type { Session } from '../session.ts'
import { type ApplyContext, ask } from './apply-context.ts'

export function approvalRule(
  sync: Pick<Sync, 'requireApproval'>,
  target: Pick<Target, 'requireApproval'>,
): ApprovalRule {
  return sync.requireApproval ?? target.requireApproval ?? 'never'
}

/** Of `apply`: the plan must have been approved, this very file. */
export async function approvalProblems(apply: ApplyContext): Promise<Problem[]> {
  const { sync, target, entry, file, ledger } = apply
  if (!(await isNeeded(apply, approvalRule(sync, target)))) return []
  const sql = `select count(*) from ${ledger.sync_approval} where file_digest = '${file.digest}' and plan_id = '${entry.plan_id}' and rows_digest = '${entry.rows_digest}'`
  if (Number((await ask(apply, 'approval', sql))[0]?.[0] ?? 0) > 0) return []
  return [
    {
      code: 'E-RUN-APPROVAL',
      message: `${sync.name}: nobody has approved this plan`,
      at: sync.requireApprovalAt ?? sync.at,
      help: 'somebody other than its maker types: backfeed approve plan.json --reason "…"',
    },
  ]
}

/** Of `run`: it makes its own plan, which nobody can have approved. */
export async function refuseUnapproved(
  session: Session,
  { sync, crm }: { sync: Sync; crm: ReachedCrm },
): Promise<Problem[]> {
  const rule = approvalRule(sync, session.target)
  if (session.verb !== 'run') return []
  const asking = {
    ...session,
    sync,
    entry: { org_id: crm.org.orgId },
    ledger: ledgerRelations(session.target.schema),
    options: (step: string) => session.options({ run: session.invocationId, sync: sync.name, step }),
  }
  if (!(await isNeeded(asking, rule))) return []
  const name = writtenName(sync)
  const when = rule === 'always' ? 'every run' : 'the first run'
  return [
    {
      code: 'E-RUN-APPROVAL',
      message: `${sync.name}: ${when} must be approved as a saved plan (require_approval: ${rule})`,
      at: sync.requireApprovalAt ?? sync.at,
      help: `backfeed plan -s ${name} --out plan.json, then somebody else: backfeed approve plan.json --reason "…", then: backfeed apply plan.json`,
    },
  ]
}

type Asking = Pick<ApplyContext, 'warehouse' | 'options' | 'ledger' | 'sync'> & { entry: { org_id: string } }

async function isNeeded(asking: Asking, rule: ApprovalRule): Promise<boolean> {
  if (rule === 'never') return false
  return rule === 'always' || !(await hasApprovedRun(asking))
}

/** One approved plan with something to send went through, in this org. */
async function hasApprovedRun(asking: Asking): Promise<boolean> {
  const { ledger, sync, entry } = asking
  const sql = `select count(*) from ${ledger.sync_run} as r
join ${ledger.sync_plan} as p on p.plan_id = r.plan_id and p.send_rows > 0
join ${ledger.sync_approval} as a on a.plan_id = p.source_plan_id
join ${ledger.sync_run_event} as e on e.run_id = r.run_id and e.event = 'succeeded'
where r.kind = 'run' and r.sync_name = '${writtenName(sync)}' and r.org_id = '${entry.org_id}'`
  return Number((await ask(asking, 'approved runs', sql))[0]?.[0] ?? 0) > 0
}

/** Links and associations go by the approval of the sync they belong to. */
function writtenName({ name, link, association }: Sync): string {
  return link?.of ?? association?.of ?? name
}
