/** What a run came to. planned = succeeded + rejected + retryable + unknown + held. */
import type { ExitCode } from '../errors.ts'

export interface RunReport {
  sync: string
  run_id: string
  /** succeeded, nothing to do, partial, refused, failed, interrupted, skipped, already applied. */
  status: string
  planned: number
  succeeded: number
  rejected: number
  retryable: number
  unknown: number
  held: number
  /** Of the succeeded ones. */
  created: number
  updated: number
  /** Waiting in quarantine after this run. */
  quarantined: number
  write_calls: number
  read_calls: number
  seconds: number
  exit: ExitCode
  /** One sentence, without row values. */
  message?: string
}

/** Several syncs, one exit code: what a human must see first wins. Interruption says the process was told to stop. */
const SEVERITY: readonly ExitCode[] = [143, 130, 2, 3, 5, 1, 6, 75, 10, 99, 0]

export function worstExit(exits: readonly ExitCode[]): ExitCode {
  return SEVERITY.find((code) => exits.includes(code)) ?? 0
}

/** `41 changed, 2 quarantined`: the end of a sync's line in the log. */
export function runDetail(report: RunReport): string {
  const parts: [number, string][] = [
    [report.created, 'created'],
    [report.updated, 'updated'],
    [report.rejected, 'rejected'],
    [report.retryable, 'to retry'],
    [report.unknown, 'unknown'],
    [report.held, 'held'],
    [report.quarantined, 'quarantined'],
  ]
  const said = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  return said.length === 0 ? 'nothing to do' : said.join(', ')
}
