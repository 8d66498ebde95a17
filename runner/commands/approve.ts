/** `approve plan.json --reason "…"`: lets a saved plan go where a sync asks for it. Reaches no CRM. */
import { BackfeedError, ExitCode } from '../errors.ts'
import { activeTarget } from './active-target.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'
import { openPlanFile } from './plan-file.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const reason = requiredReason(context)
  const project = await openProject(context)
  const target = activeTarget(project)
  const file = await openPlanFile(context, target.name)
  const { openSession } = await import('../sync/open-session.ts')
  const { approvePlan } = await import('../sync/saved-plans/approve-plan.ts')
  const { env, ports, signal } = context
  const session = await openSession({ verb: 'plan', project, target, env, ports, signal, onEvent: () => {} })
  try {
    const approved = await approvePlan(session, file, { reason, self: context.args.flag('self') })
    const path = context.args.required('plan')
    const syncs = file.saved.plans.map(({ sync, plan_id, send }) => ({ sync, plan_id, send }))
    const { approver, selfApproved, before } = approved
    return finish(context, {
      exit: ExitCode.ok,
      facts: { approver, self_approved: selfApproved, approved_before: before, plan_digest: file.digest, syncs },
      text: () =>
        [
          ...syncs.map(({ sync, send }) => `${sync}: ${send} changes`),
          `${before ? 'Approved before' : 'Approved'} by ${approver}${selfApproved ? ' (own plan)' : ''}. To send: backfeed apply ${path}`,
        ].join('\n'),
    })
  } finally {
    await session.close()
  }
}

function requiredReason({ args }: CommandContext): string {
  const reason = args.text('reason')?.trim() ?? ''
  if (reason !== '') return reason
  throw new BackfeedError({
    code: 'E-CLI-OPTION',
    message: 'approve needs --reason: it goes into the audit',
    help: 'write for example: --reason "checked 20 rows with Sales Ops"',
  })
}
