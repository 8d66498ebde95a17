/** `status`: one line per sync and target. */
import { statusReport } from '../audit/queries.ts'
import type { ExitCode } from '../errors.ts'
import { answerFromAudit } from './audit-session.ts'
import type { CommandContext } from './command.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  return answerFromAudit(context, async ({ audit }) => ({
    ...(await statusReport(audit)),
    empty: 'No sync has been planned or run',
  }))
}
