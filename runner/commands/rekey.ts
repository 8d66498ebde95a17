/** `rekey`: rows go on under another primary key; shows how many first, and does it with `--apply`. */
import type { ExitCode } from '../errors.ts'
import type { CommandContext } from './command.ts'
import { execute } from './execute.ts'
import { oneSync } from './one-sync.ts'
import { answerPlan } from './plan.ts'
import { answerRun } from './run.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { rekeyPurpose } = await import('../sync/rekey-purpose.ts')
  const { withAssociations } = await import('../sync/associations/association-syncs.ts')
  const choose: ReturnType<typeof oneSync> = async (project) => withAssociations(await oneSync(context)(project))
  const options = { choose, purpose: rekeyPurpose(context.args.list('from').flatMap((text) => text.split(','))) }
  if (context.args.flag('apply')) return answerRun(context, await execute(context, 'run', options))
  return answerPlan(context, await execute(context, 'plan', options))
}
