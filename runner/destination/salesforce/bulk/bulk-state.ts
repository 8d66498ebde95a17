import type { BulkPhase, BulkState } from '../../bulk.ts'
import { isRecord, textOf } from '../../raw-answer.ts'
import { redactMessage } from '../../redact-message.ts'
import { classifyJobError } from '../salesforce-errors.ts'

/** Job states of the Bulk API 2.0 guide, "Get job info". `Failed` does not mean that nothing was written. */
const PHASES: Readonly<Record<string, BulkPhase>> = {
  Open: 'open',
  UploadComplete: 'queued',
  InProgress: 'running',
  JobComplete: 'complete',
  Failed: 'failed',
  Aborted: 'aborted',
}

/** undefined when the answer is no job info. */
export function toBulkState(info: unknown): BulkState | undefined {
  const phase = isRecord(info) ? PHASES[textOf(info.state) ?? ''] : undefined
  if (!isRecord(info) || phase === undefined) return undefined
  const said = textOf(info.errorMessage)
  return {
    phase,
    ...count('processed', info.numberRecordsProcessed),
    ...count('failed', info.numberRecordsFailed),
    ...(said === undefined ? {} : { message: redactMessage(said) }),
    ...(phase === 'failed' ? { verdict: failureVerdict(said ?? '') } : {}),
  }
}

function count<K extends string>(name: K, value: unknown): { [name in K]?: number } {
  const known = typeof value === 'number' || typeof value === 'string'
  return known && /^\d+$/.test(String(value)) ? ({ [name]: Number(value) } as { [name in K]: number }) : {}
}

/** For rows that a failed job did not process: they were not applied, whatever ended the job. */
function failureVerdict(message: string): NonNullable<BulkState['verdict']> {
  const verdict = classifyJobError(message)
  if (verdict.status === 'unknown') return { status: 'retryable', code: verdict.code }
  const stops = verdict.stops === undefined ? {} : { stops: verdict.stops }
  return { status: verdict.status, code: verdict.code, ...stops }
}
