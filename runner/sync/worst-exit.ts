import { ExitCode } from '../errors.ts'

const severity: readonly ExitCode[] = [
  ExitCode.interrupted,
  ExitCode.cannotRun,
  ExitCode.refused,
  ExitCode.unknownOutcomes,
  ExitCode.leaseHeld,
  ExitCode.temporary,
  ExitCode.rowFailures,
  ExitCode.skippedLocked,
]

/** The one code of a command whose syncs ended differently: 2 before 3 before the rest. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return severity.find((code) => codes.includes(code)) ?? ExitCode.ok
}
