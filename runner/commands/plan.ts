/** `plan`: everything a run does up to the first write call, printed. */
import { resolve } from 'node:path'
import { ExitCode } from '../errors.ts'
import { planMarkdown } from '../output/plan-markdown.ts'
import { hasChanges, type PlanReport } from '../output/plan-report.ts'
import { planText } from '../output/plan-text.ts'
import { planResultLine } from '../output/result-line.ts'
import { writeAtomically } from '../output/write-atomically.ts'
import { problemsToJson } from '../render-problems.ts'
import type { SyncResult } from '../sync/execute-sync.ts'
import type { ExecuteResult } from '../sync/run-sync.ts'
import type { CommandContext } from './command.ts'
import { type Executed, type ExecuteOptions, execute } from './execute.ts'
import { finish, resultHead } from './finish.ts'
import { type PlanOut, readPlanOut, sealedPlan, writePlanFile } from './save-plan.ts'
import { noteSyncErrors, saveRunResults } from './sync-results.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  return planAndAnswer(context)
}

/** Of verbs that take `--out`: what is planned can be kept. */
export async function planAndAnswer(context: CommandContext, options: ExecuteOptions = {}): Promise<ExitCode> {
  const out = readPlanOut(context)
  let planFile: string | undefined
  const executed = await execute(context, 'plan', {
    ...options,
    beforeClose: async (session, planned) => {
      if (out?.form !== 'plan') return
      const report = lineOf(context, planned, { showValues: false, changed: hasChanges })
      planFile = await sealedPlan(context, session, { ...out, syncs: planned.syncs, report })
    },
  })
  if (out) writeOut(context, out, { result: executed.result, planFile })
  return answerPlan(context, executed)
}

/** `changed` says what `--detailed-exitcode` is about. */
export async function answerPlan(
  context: CommandContext,
  { project, result }: Executed,
  changed: (report: PlanReport) => boolean = hasChanges,
): Promise<ExitCode> {
  saveRunResults(context, project, result)
  noteSyncErrors(context, result.syncs)
  const showValues = context.args.flag('show-values')
  const reports = reportsOf(result)
  return finish(context, {
    exit: exitOf(context, result, changed),
    line: lineOf(context, result, { showValues, changed }),
    text: () =>
      context.global.output === 'markdown'
        ? planMarkdown(reports, { showValues })
        : reports.map((report) => planText(report, context.console.style)).join('\n\n'),
  })
}

function reportsOf({ syncs }: Pick<ExecuteResult, 'syncs'>): PlanReport[] {
  return syncs.flatMap((sync) => (sync.plan === undefined ? [] : [sync.plan]))
}

type Changed = (report: PlanReport) => boolean

function exitOf({ args }: CommandContext, result: ExecuteResult, changed: Changed): ExitCode {
  const changes = result.exitCode === ExitCode.ok && reportsOf(result).some(changed)
  return changes && args.flag('detailed-exitcode') ? ExitCode.changesPresent : result.exitCode
}

interface Shown {
  showValues: boolean
  changed: Changed
}

function lineOf(context: CommandContext, result: ExecuteResult, { showValues, changed }: Shown): object {
  const head = { ...resultHead(context, exitOf(context, result, changed)), invocation_id: result.invocationId }
  return { ...planResultLine(head, reportsOf(result), showValues), ...problemFacts(result.syncs) }
}

function problemFacts(syncs: readonly SyncResult[]): object {
  const problems = syncs.flatMap((sync) => sync.error?.problems ?? [])
  return problems.length === 0 ? {} : { problems: problemsToJson(problems) }
}

interface Out {
  result: ExecuteResult
  planFile: string | undefined
}

function writeOut(context: CommandContext, out: PlanOut, { result, planFile }: Out): void {
  const { redactor } = context.console
  if (out.form === 'markdown') {
    const showValues = context.args.flag('show-values')
    writeAtomically(resolve(context.cwd, out.file), redactor.text(planMarkdown(reportsOf(result), { showValues })))
    return
  }
  if (planFile !== undefined) {
    writePlanFile(context, out.file, planFile)
    context.console.note(`Saved: ${out.file}. To send exactly this: backfeed apply ${out.file}\n`)
    return
  }
  const line = lineOf(context, result, { showValues: false, changed: hasChanges })
  writePlanFile(context, out.file, redactor.text(`${JSON.stringify(line, null, 2)}\n`))
  context.console.note(`${out.file} is a report only: not every sync could be planned, so it cannot be applied\n`)
}
