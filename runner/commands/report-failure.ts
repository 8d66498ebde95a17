/** Failures as people and programs read them. Stack traces only with --debug. */
import { BackfeedError, ExitCode, type Problem } from '../errors.ts'
import { writeAtomically } from '../output/write-atomically.ts'
import { escapeData, type Redactor } from '../redact.ts'
import type { GlobalOptions } from './command.ts'

export interface FailureContext {
  verb: string
  argv: readonly string[]
  process: NodeJS.Process
  redactor: Redactor
  version: string
  /** Absent when the command line itself could not be read. */
  global?: GlobalOptions
}

export function reportFailure(error: unknown, context: FailureContext): ExitCode {
  const { process, redactor } = context
  const problems = problemsOf(error, context.version)
  const exit = exitCodeOf(error, context.verb)
  process.stderr.write(redactor.text(`${problems.map(problemText).join('\n')}\n`))
  if (context.argv.includes('--debug') || context.global?.debug === true)
    process.stderr.write(redactor.text(`${traceOf(error)}\n`))
  const result = { verb: context.verb, status: exit === ExitCode.refused ? 'refused' : 'error', exit, problems }
  if (context.global?.output === 'json' || (context.global === undefined && asksForJson(context)))
    process.stdout.write(redactor.text(`${JSON.stringify(result)}\n`))
  if (context.global?.resultFile !== undefined) writeResultFile(context.global.resultFile, result, context)
  return exit
}

/** 2 promises that nothing was contacted, which nobody can promise for an unexpected error in the middle of a run. */
export function exitCodeOf(error: unknown, verb: string): ExitCode {
  if (error instanceof BackfeedError) return error.exitCode
  return verb === 'run' || verb === 'demo' ? ExitCode.rowFailures : ExitCode.cannotRun
}

export function problemsOf(error: unknown, version: string): readonly Problem[] {
  if (error instanceof BackfeedError) return error.problems
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return [
    {
      code: 'E-INTERNAL',
      message: `unexpected error in backfeed ${version}: ${what.slice(0, 500)}`,
      help: 'please report it with the output of the same command and --debug; logs/backfeed.log has the details',
    },
  ]
}

function problemText(problem: Problem): string {
  const at = problem.at === undefined ? '' : `  ${problem.at.file}:${problem.at.line}:${problem.at.column}`
  const lines = [
    `${problem.code.startsWith('W-') ? 'warning' : 'error'} ${problem.code}${at}  ${escapeData(problem.message)}`,
  ]
  if (problem.hint !== undefined) lines.push(`       ${escapeData(problem.hint)}`)
  const help = problem.help === undefined ? '' : `help: ${escapeData(problem.help)}   `
  lines.push(`  ${help}more: backfeed explain ${problem.code}`)
  return lines.join('\n')
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${traceOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}

function asksForJson({ argv, process }: FailureContext): boolean {
  return (
    argv.includes('--output=json') ||
    argv[argv.indexOf('--output') + 1] === 'json' ||
    process.env['BACKFEED_OUTPUT'] === 'json'
  )
}

function writeResultFile(path: string, result: unknown, { process, redactor }: FailureContext): void {
  try {
    writeAtomically(path, redactor.text(`${JSON.stringify(result)}\n`))
  } catch (error) {
    process.stderr.write(
      `${error instanceof BackfeedError ? problemText(error.problems[0] ?? unwritable) : String(error)}\n`,
    )
  }
}

const unwritable: Problem = { code: 'E-CFG-PATH', message: 'the result file cannot be written' }
