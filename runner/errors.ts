/** Errors users see. One shape everywhere: stable code, what, where, what to do next. Never a secret or a row value. */

/** Process exit codes (DESIGN: command line). Orchestrators branch on them, so a meaning never changes. */
export const ExitCode = {
  ok: 0,
  rowFailures: 1,
  cannotRun: 2,
  refused: 3,
  unknownOutcomes: 5,
  leaseHeld: 6,
  changesPresent: 10,
  temporary: 75,
  skippedLocked: 99,
  interrupted: 130,
  terminated: 143,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** `E-…` stops the phase, `W-…` is reported and the phase goes on. The catalogue is runner/explain-code.ts. */
export type ProblemCode = `E-${string}` | `W-${string}`

/** A place in a file of the project. Lines and columns are 1-based; `length` is the width of the underline. */
export interface Position {
  /** Path relative to the project folder, with forward slashes. */
  file: string
  line: number
  column: number
  length?: number
}

export interface Problem {
  code: ProblemCode
  /** What is wrong, in one line, without a trailing period. */
  message: string
  at?: Position
  /** What to write or run instead. A static sentence: it may name identifiers, never values of rows. */
  help?: string
  /** Shown under the underline: "did you mean …", "expected one of …". */
  hint?: string
}

/** One or more problems of one phase, all reported together. */
export class BackfeedError extends Error {
  readonly problems: readonly Problem[]
  readonly exitCode: ExitCode

  constructor(problems: Problem | readonly Problem[], options: { exitCode?: ExitCode; cause?: unknown } = {}) {
    const list: readonly Problem[] = Array.isArray(problems) ? problems : [problems as Problem]
    super(
      list.map((p) => `${p.code} ${p.message}`).join('\n'),
      options.cause === undefined ? {} : { cause: options.cause },
    )
    this.name = 'BackfeedError'
    this.problems = list
    this.exitCode = options.exitCode ?? ExitCode.cannotRun
  }

  /** Code of the first problem: what a caller branches on. */
  get code(): ProblemCode {
    return this.problems[0]?.code ?? 'E-INTERNAL'
  }
}

/** A broken promise of our own code, never a user's mistake. */
export function invariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new BackfeedError({ code: 'E-INTERNAL', message: `bug in the runner: ${what}` })
}

export function unreachable(value: never): never {
  throw new BackfeedError({ code: 'E-INTERNAL', message: `bug in the runner: unhandled case ${String(value)}` })
}
