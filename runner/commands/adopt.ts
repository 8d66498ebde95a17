/** `adopt`: takes the CRM's values of waiting rows as acknowledged; shows them first, and does it with `--apply`. */
import type { ExitCode } from '../errors.ts'
import type { CommandContext } from './command.ts'
import { execute } from './execute.ts'
import { oneSync } from './one-sync.ts'
import { planAndAnswer } from './plan.ts'
import { answerRun } from './run.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { adoptPurpose } = await import('../sync/adopt-purpose.ts')
  const keys = context.args.list('keys').flatMap((text) => text.split(','))
  const options = { choose: oneSync(context), purpose: adoptPurpose(keys) }
  if (context.args.flag('apply')) return answerRun(context, await execute(context, 'run', options))
  return planAndAnswer(context, options)
}
