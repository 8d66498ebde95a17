/** The end of a run, for people. */
import type { RunReport } from './run-report.ts'
import { plainStyle, type Style } from './style.ts'
import { renderTable } from './table.ts'

const COLUMNS = [
  { title: 'sync' },
  { title: 'status' },
  ...['planned', 'succeeded', 'rejected', 'retryable', 'unknown', 'held', 'write calls'].map((title) => ({
    title,
    align: 'right' as const,
  })),
  { title: 'run' },
]

export function runText(reports: readonly RunReport[], style: Style = plainStyle): string {
  const rows = reports.map((r) => [
    ...[r.sync, r.status, r.planned, r.succeeded, r.rejected, r.retryable, r.unknown, r.held, r.write_calls],
    r.run_id,
  ])
  const messages = reports.filter((r) => r.message !== undefined).map((r) => `${r.sync}: ${r.message}`)
  return [renderTable(COLUMNS, rows, { style }), ...messages, doneLine(tally(reports), style)].join('\n')
}

export interface Tally {
  pass: number
  warn: number
  error: number
  skip: number
}

/** dbt's last line. A sync with rejected or quarantined rows within its limits is a warning. */
export function doneLine(t: Tally, style: Style = plainStyle): string {
  const paint = t.error > 0 ? style.red : t.warn > 0 ? style.yellow : style.green
  const total = t.pass + t.warn + t.error + t.skip
  return paint(`Done. PASS=${t.pass} WARN=${t.warn} ERROR=${t.error} SKIP=${t.skip} TOTAL=${total}`)
}

export function tally(reports: readonly RunReport[]): Tally {
  const counts: Tally = { pass: 0, warn: 0, error: 0, skip: 0 }
  for (const report of reports) counts[verdictOf(report)] += 1
  return counts
}

export function verdictOf(report: RunReport): keyof Tally {
  if (report.exit === 99 || report.status === 'skipped' || report.status === 'already applied') return 'skip'
  if (report.exit !== 0) return 'error'
  return report.rejected + report.retryable + report.held > 0 ? 'warn' : 'pass'
}
