/** `drift`: what people changed in the CRM since it was written; with `--repair` it is written again. */
import { BackfeedError, type ExitCode } from '../errors.ts'
import type { CommandContext } from './command.ts'
import { execute } from './execute.ts'
import { answerPlan, planAndAnswer } from './plan.ts'
import { answerRun } from './run.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { driftPurpose, repairPurpose } = await import('../sync/drift-purpose.ts')
  const { args } = context
  if (args.flag('repair') && args.flag('apply'))
    return answerRun(context, await execute(context, 'run', { purpose: repairPurpose }))
  if (args.flag('repair')) return planAndAnswer(context, { purpose: repairPurpose })
  if (args.text('out') !== undefined) throw onlyRepair()
  return answerPlan(
    context,
    await execute(context, 'plan', { purpose: driftPurpose }),
    (report) => report.counts.drift > 0,
  )
}

function onlyRepair(): BackfeedError {
  const message = '--out keeps a plan, and drift without --repair plans nothing'
  return new BackfeedError({ code: 'E-CLI-OPTION', message, help: 'add --repair' })
}
