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
import { type ExecuteOptions, execute } from './execute.ts'
import { finish, resultHead } from './finish.ts'
import { type PlanOut, readPlanOut, sealedPlan, writePlanFile } from './save-plan.ts'
import { noteSyncErrors, saveRunResults } from './sync-results.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  return planAndAnswer(context, {})
}

export interface PlanOptions extends ExecuteOptions {
  /** What `--detailed-exitcode` is about. */
  changed?: (report: PlanReport) => boolean
}

export async function planAndAnswer(
  context: CommandContext,
  { changed = hasChanges, ...options }: PlanOptions,
): Promise<ExitCode> {
  const out = readPlanOut(context)
  const lineOf = (told: ExecuteResult, values: boolean) =>
    resultLine(context, told, { values, exit: exitOf(context, told, changed) })
  let planFile: string | undefined
  const { project, result } = await execute(context, 'plan', {
    ...options,
    beforeClose: async (session, planned) => {
      if (out?.form !== 'plan') return
      const report = lineOf(planned, false)
      planFile = await sealedPlan(context, session, { ...out, syncs: planned.syncs, report })
    },
  })
  saveRunResults(context, project, result)
  noteSyncErrors(context, result.syncs)
  const showValues = context.args.flag('show-values')
  const reports = reportsOf(result)
  const markdown = () => planMarkdown(reports, { showValues })
  if (out) writeOut(context, out, { report: lineOf(result, false), markdown, planFile })
  return finish(context, {
    exit: exitOf(context, result, changed),
    line: lineOf(result, showValues),
    text: () =>
      context.global.output === 'markdown'
        ? markdown()
        : reports.map((report) => planText(report, context.console.style)).join('\n\n'),
  })
}

function reportsOf({ syncs }: Pick<ExecuteResult, 'syncs'>): PlanReport[] {
  return syncs.flatMap((sync) => (sync.plan === undefined ? [] : [sync.plan]))
}

function exitOf({ args }: CommandContext, result: ExecuteResult, changed: (report: PlanReport) => boolean): ExitCode {
  const changes = result.exitCode === ExitCode.ok && reportsOf(result).some(changed)
  return changes && args.flag('detailed-exitcode') ? ExitCode.changesPresent : result.exitCode
}

function resultLine(
  context: CommandContext,
  result: ExecuteResult,
  { values, exit }: { values: boolean; exit: ExitCode },
): object {
  const head = { ...resultHead(context, exit), invocation_id: result.invocationId }
  return { ...planResultLine(head, reportsOf(result), values), ...problemFacts(result.syncs) }
}

function problemFacts(syncs: readonly SyncResult[]): object {
  const problems = syncs.flatMap((sync) => sync.error?.problems ?? [])
  return problems.length === 0 ? {} : { problems: problemsToJson(problems) }
}

interface Out {
  report: object
  markdown: () => string
  planFile: string | undefined
}

function writeOut(context: CommandContext, out: PlanOut, { report, markdown, planFile }: Out): void {
  const { redactor } = context.console
  const path = resolve(context.cwd, out.file)
  if (out.form === 'markdown') {
    writeAtomically(path, redactor.text(markdown()))
    return
  }
  if (planFile !== undefined) {
    writePlanFile(context, out.file, planFile)
    context.console.note(`Saved: ${out.file}. To send exactly this: backfeed apply ${out.file}\n`)
    return
  }
  writePlanFile(context, out.file, redactor.text(`${JSON.stringify(report, null, 2)}\n`))
  context.console.note(`${out.file} is a report only: not every sync could be planned, so it cannot be applied\n`)
}
