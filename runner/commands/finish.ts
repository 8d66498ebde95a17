/** The last thing a verb does: print its result in the form asked for, and the result file. */
import { resolve } from 'node:path'
import { ExitCode } from '../errors.ts'
import { writeAtomically } from '../output/write-atomically.ts'
import type { CommandContext } from './command.ts'

export interface Finish {
  exit: ExitCode
  /** Facts of the JSON line beside verb, invocation_id, status and exit. No row values. */
  facts?: object
  /** A ready line instead of head + facts, for results with a size limit of their own. */
  line?: object
  /** Printed unless JSON was asked for. */
  text?: () => string
}

export function finish(context: CommandContext, result: Finish): ExitCode {
  const line = result.line ?? { ...resultHead(context, result.exit), ...result.facts }
  context.onResult?.(line)
  if (context.global.resultFile !== undefined) {
    const path = resolve(context.cwd, context.global.resultFile)
    writeAtomically(path, context.console.redactor.text(`${JSON.stringify(line)}\n`))
  }
  if (context.global.output === 'json') context.console.json(line)
  else if (result.text !== undefined) context.console.print(result.text())
  return result.exit
}

export function resultHead(context: CommandContext, exit: ExitCode) {
  return { verb: context.verb, invocation_id: context.invocationId, status: statusOf(exit), exit }
}

function statusOf(exit: ExitCode): string {
  switch (exit) {
    case ExitCode.ok:
    case ExitCode.changesPresent:
      return 'success'
    case ExitCode.refused:
      return 'refused'
    case ExitCode.rowFailures:
    case ExitCode.unknownOutcomes:
      return 'partial'
    case ExitCode.skippedLocked:
      return 'skipped'
    case ExitCode.interrupted:
    case ExitCode.terminated:
      return 'interrupted'
    default:
      return 'error'
  }
}
