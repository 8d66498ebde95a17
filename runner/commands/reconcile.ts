/** `reconcile`: reads back what runs may have written before they died or lost an answer, and records what became of it. */
import type { ExitCode } from '../errors.ts'
import type { CommandContext } from './command.ts'
import { execute } from './execute.ts'
import { answerRun } from './run.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { reconcilePurpose } = await import('../sync/reconcile.ts')
  const purpose = reconcilePurpose({ waits: !context.args.flag('no-wait') })
  return answerRun(context, await execute(context, 'run', { purpose }))
}
