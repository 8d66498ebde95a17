import { BackfeedError, ExitCode, type Problem } from '../errors.ts'
import type { WarehouseErrorKind } from './warehouse.ts'

/**
 * A failure of one warehouse call. `kind` decides retry; the message carries no row values as far as the engine lets us
 * tell them apart, but `cause` is the driver's own error and does: never print it.
 */
export class WarehouseError extends BackfeedError {
  readonly kind: WarehouseErrorKind
  /** 1-based line of the statement, where the engine tells. */
  readonly line?: number
  /** 1-based column in that line. */
  readonly column?: number

  constructor(
    kind: WarehouseErrorKind,
    problem: Problem,
    options: { line?: number | undefined; column?: number | undefined; cause?: unknown } = {},
  ) {
    super(problem, { exitCode: exitCodeOf(kind), cause: options.cause })
    this.name = 'WarehouseError'
    this.kind = kind
    if (options.line !== undefined) this.line = options.line
    if (options.column !== undefined) this.column = options.column
  }
}

function exitCodeOf(kind: WarehouseErrorKind): ExitCode {
  const passesByItself = kind === 'locked' || kind === 'transient' || kind === 'conflict' || kind === 'unknown'
  return passesByItself ? ExitCode.temporary : ExitCode.cannotRun
}

export function oneLine(message: string): string {
  return message.replace(/\s+/g, ' ').trim().replace(/[.]$/, '')
}
