/** Failures as people and programs read them. Stack traces only with --debug. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BackfeedError, ExitCode, type Problem } from '../errors.ts'
import { plainStyle, wantsColour } from '../output/style.ts'
import { writeAtomically } from '../output/write-atomically.ts'
import type { Redactor } from '../redact.ts'
import { problemsToJson, renderProblems } from '../render-problems.ts'
import { WarehouseError } from '../warehouse/warehouse-error.ts'
import type { CommandContext, GlobalOptions } from './command.ts'

export interface FailureContext {
  verb: string
  argv: readonly string[]
  process: NodeJS.Process
  redactor: Redactor
  version: string
  projectDir?: string
  /** Absent when the command line itself could not be read. */
  global?: GlobalOptions
}

export function reportFailure(error: unknown, context: FailureContext): ExitCode {
  const { process, redactor } = context
  const problems = problemsOf(error, context.version)
  const exit = exitCodeOf(error, context.verb)
  const { stderr } = process
  const colour = wantsColour({
    env: process.env,
    isTty: stderr.isTTY === true,
    off: context.argv.includes('--no-color'),
  })
  stderr.write(redactor.text(renderProblems(problems, { source: sourceReader(context.projectDir), colour })))
  if (context.argv.includes('--debug') || context.global?.debug === true)
    process.stderr.write(redactor.text(`${traceOf(error)}\n`))
  const result = {
    verb: context.verb,
    status: exit === ExitCode.refused ? 'refused' : 'error',
    exit,
    problems: problemsToJson(problems),
  }
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

/** Problems with their source lines, for stderr. */
export function renderForConsole(
  problems: readonly Problem[],
  { projectDir, console }: Pick<CommandContext, 'projectDir' | 'console'>,
): string {
  return renderProblems(problems, { source: sourceReader(projectDir), colour: console.noteStyle !== plainStyle })
}

function sourceReader(projectDir: string | undefined): (file: string) => string | undefined {
  return (file) => {
    if (projectDir === undefined) return undefined
    try {
      return readFileSync(resolve(projectDir, file), 'utf8')
    } catch {
      return undefined
    }
  }
}

function traceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A driver's own words quote values.
  const isTold = error.cause !== undefined && !(error instanceof WarehouseError)
  const cause = isTold ? `\ncaused by ${traceOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}

function asksForJson({ argv, process }: FailureContext): boolean {
  return (
    argv.includes('--output=json') ||
    argv[argv.indexOf('--output') + 1] === 'json' ||
    process.env.BACKFEED_OUTPUT === 'json'
  )
}

function writeResultFile(path: string, result: unknown, { process, redactor, version }: FailureContext): void {
  try {
    writeAtomically(path, redactor.text(`${JSON.stringify(result)}\n`))
  } catch (error) {
    process.stderr.write(redactor.text(renderProblems(problemsOf(error, version))))
  }
}
