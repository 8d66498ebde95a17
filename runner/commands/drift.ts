/** `drift`: what people changed in the CRM since it was written; with `--repair` it is written again. */
import type { ExitCode } from '../errors.ts'
import type { CommandContext } from './command.ts'
import { execute } from './execute.ts'
import { planAndAnswer } from './plan.ts'
import { answerRun } from './run.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { driftPurpose, repairPurpose } = await import('../sync/drift-purpose.ts')
  const { args } = context
  if (!args.flag('repair'))
    return planAndAnswer(context, { purpose: driftPurpose, changed: (report) => report.counts.drift > 0 })
  if (args.flag('apply')) return answerRun(context, await execute(context, 'run', { purpose: repairPurpose }))
  return planAndAnswer(context, { purpose: repairPurpose })
}
