/** `run`: plan, guard, send, audit; `--dry-run` is plan. */
import type { ExitCode } from '../errors.ts'
import { planText, undecidedLines } from '../output/plan-text.ts'
import { runResultLine } from '../output/result-line.ts'
import { runText } from '../output/run-text.ts'
import { problemsToJson } from '../render-problems.ts'
import type { CommandContext } from './command.ts'
import { type Executed, execute } from './execute.ts'
import { finish, resultHead } from './finish.ts'
import { runCommand as planCommand } from './plan.ts'
import { noteSyncErrors, runReports, saveRunResults } from './sync-results.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  if (context.args.flag('dry-run')) return planCommand({ ...context, verb: 'plan' })
  return answerRun(context, await execute(context, 'run'))
}

export async function answerRun(context: CommandContext, { project, result }: Executed): Promise<ExitCode> {
  saveRunResults(context, project, result)
  noteSyncErrors(context, result.syncs)
  const reports = runReports(result.syncs)
  const problems = problemsToJson(result.syncs.flatMap((sync) => sync.error?.problems ?? []))
  const head = { ...resultHead(context, result.exitCode), invocation_id: result.invocationId }
  const refused = result.syncs.flatMap((sync) =>
    sync.status === 'refused' && sync.plan !== undefined ? [sync.plan] : [],
  )
  const undecided = result.syncs.flatMap((sync) => (sync.status === 'refused' ? [] : (sync.plan?.undecided ?? [])))
  return finish(context, {
    exit: result.exitCode,
    line: runResultLine(head, reports, problems),
    text: () =>
      [
        ...refused.map((plan) => planText(plan, context.console.style)),
        ...(undecided.length === 0 ? [] : [undecidedLines(undecided).join('\n')]),
        runText(reports, context.console.style),
      ].join('\n\n'),
  })
}
