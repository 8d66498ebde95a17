/** `plan`: everything a run does up to the first write call, printed. */
import { extname, resolve } from 'node:path'
import { BackfeedError, ExitCode } from '../errors.ts'
import { planMarkdown } from '../output/plan-markdown.ts'
import { hasChanges, type PlanReport } from '../output/plan-report.ts'
import { planText } from '../output/plan-text.ts'
import { planResultLine } from '../output/result-line.ts'
import { writeAtomically } from '../output/write-atomically.ts'
import { problemsToJson } from '../render-problems.ts'
import type { SyncResult } from '../sync/execute-sync.ts'
import type { CommandContext } from './command.ts'
import { type Executed, execute } from './execute.ts'
import { finish, resultHead } from './finish.ts'
import { noteSyncErrors, saveRunResults } from './sync-results.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  return answerPlan(context, await execute(context, 'plan'))
}

/** `changed` says what `--detailed-exitcode` is about. */
export async function answerPlan(
  context: CommandContext,
  { project, result }: Executed,
  changed: (report: PlanReport) => boolean = hasChanges,
): Promise<ExitCode> {
  const reports = result.syncs.flatMap((sync) => (sync.plan === undefined ? [] : [sync.plan]))
  saveRunResults(context, project, result)
  noteSyncErrors(context, result.syncs)
  const changes = result.exitCode === ExitCode.ok && reports.some(changed)
  const exit = changes && context.args.flag('detailed-exitcode') ? ExitCode.changesPresent : result.exitCode
  const showValues = context.args.flag('show-values')
  const head = { ...resultHead(context, exit), invocation_id: result.invocationId }
  const line = { ...planResultLine(head, reports, showValues), ...problemFacts(result.syncs) }
  writeOut(context, { reports, line, showValues })
  return finish(context, {
    exit,
    line,
    text: () =>
      context.global.output === 'markdown'
        ? planMarkdown(reports, { showValues })
        : reports.map((report) => planText(report, context.console.style)).join('\n\n'),
  })
}

function problemFacts(syncs: readonly SyncResult[]): object {
  const problems = syncs.flatMap((sync) => sync.error?.problems ?? [])
  return problems.length === 0 ? {} : { problems: problemsToJson(problems) }
}

interface Out {
  reports: readonly PlanReport[]
  line: object
  showValues: boolean
}

function writeOut(context: CommandContext, { reports, line, showValues }: Out): void {
  const out = context.args.text('out')
  if (out === undefined) return
  const { redactor } = context.console
  writeAtomically(resolve(context.cwd, out), redactor.text(outText(out, { reports, line, showValues })))
}

/** The ending decides the form, so that what is written is what the name says. */
function outText(out: string, { reports, line, showValues }: Out): string {
  switch (extname(out)) {
    case '.md':
      return planMarkdown(reports, { showValues })
    case '.json':
      return `${JSON.stringify(line, null, 2)}\n`
    default:
      throw new BackfeedError({
        code: 'E-CLI-OPTION',
        message: `--out: ${JSON.stringify(out)} ends in neither .md nor .json`,
      })
  }
}
