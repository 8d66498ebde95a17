/** The one JSON object at the end of stdout. Orchestrators keep it (an Airflow XCom): small, and without row values. */
import type { PlanReport } from './plan-report.ts'
import { withoutValues } from './plan-report.ts'
import type { RunReport } from './run-report.ts'

/** Airflow's metadata database and shell pipelines take this without pain. */
export const RESULT_LINE_BYTES = 4096

export interface ResultHead {
  verb: string
  invocation_id: string
  status: string
  exit: number
}

export interface BriefProblem {
  code: string
  message: string
  severity?: 'error' | 'warning'
  file?: string
  line?: number
  column?: number
}

const SUMMED = ['planned', 'succeeded', 'rejected', 'retryable', 'unknown', 'held', 'created', 'updated'] as const

/**
 * At most 4 KB whatever the number of syncs: totals always, then failed syncs, then as many others as fit.
 * `omitted` says how many syncs are not listed; target/run_results.json lists all.
 */
export function runResultLine(
  head: ResultHead,
  reports: readonly RunReport[],
  problems: readonly BriefProblem[] = [],
): object {
  const totals: Record<string, number> = {}
  for (const key of SUMMED) totals[key] = reports.reduce((sum, report) => sum + report[key], 0)
  totals.write_calls = reports.reduce((sum, report) => sum + report.write_calls, 0)
  totals.read_calls = reports.reduce((sum, report) => sum + report.read_calls, 0)
  const base = { ...head, syncs_total: reports.length, ...totals }
  const entries = [...reports].sort((a, b) => Number(b.exit !== 0) - Number(a.exit !== 0))
  const listed: object[] = []
  const brief = problems.slice(0, 5).map(({ code, message, severity, file, line, column }) => ({
    ...{ code, severity, message: message.slice(0, 200), file, line, column },
  }))
  const line = () => ({
    ...base,
    ...(brief.length === 0 ? {} : { problems: brief }),
    ...(listed.length === reports.length ? {} : { omitted: reports.length - listed.length }),
    syncs: listed,
  })
  for (const report of entries) {
    const { message, ...facts } = report
    listed.push(message === undefined ? facts : { ...facts, message: message.slice(0, 200) })
    if (byteLength(line()) > RESULT_LINE_BYTES) {
      listed.pop()
      break
    }
  }
  return line()
}

/** Every predicted request is listed, so that `run` can be compared with it; samples only when asked for. */
export function planResultLine(head: ResultHead, reports: readonly PlanReport[], showValues: boolean): object {
  return { ...head, syncs: reports.map((report) => (showValues ? report : withoutValues(report))) }
}

function byteLength(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
