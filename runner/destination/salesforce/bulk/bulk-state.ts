import type { BulkPhase, BulkState } from '../../bulk.ts'
import { isRecord, textOf } from '../../raw-answer.ts'
import { redactMessage } from '../../redact-message.ts'

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

type JobVerdict = NonNullable<BulkState['verdict']>

/**
 * What a failed job says about rows it did not process. Rejected: the file as such, so it would fail again. Retryable:
 * the org's load and limits. A sentence that is not listed is retryable: those rows were proven not processed.
 * Source: Bulk API 2.0 guide, "Errors", and messages reported in the field.
 */
const FAILURES: readonly (readonly [RegExp, JobVerdict['status'], string])[] = [
  [/Field name (?:not found|duplicate)/i, 'rejected', 'INVALID_FIELD'],
  [
    /Unable to find relationship|foreign key references?|Invalid (?:reference|relationship)/i,
    'rejected',
    'INVALID_FIELD',
  ],
  [/LineEnding is invalid|ColumnDelimiter is invalid/i, 'rejected', 'LINE_ENDING'],
  [/TooManyLockFailure/i, 'retryable', 'TooManyLockFailure'],
  [/ExceededQuota|exceeded.*(?:quota|limit)/i, 'retryable', 'ExceededQuota'],
  [/InvalidUser|InvalidSessionId|InvalidJobState|ServerError|Timeout|InternalServerError/i, 'retryable', 'JOB_FAILED'],
  [/ClientInputError/i, 'rejected', 'ClientInputError'],
  [/InvalidBatch/i, 'rejected', 'InvalidBatch'],
  [/Invalid(?:Entity|FieldName|TypeFor)\w*/i, 'rejected', 'InvalidEntity'],
]

function failureVerdict(message: string): JobVerdict {
  const [, status, code] = FAILURES.find(([pattern]) => pattern.test(message)) ?? [undefined, 'retryable', 'JOB_FAILED']
  return { status: status === 'rejected' ? 'rejected' : 'retryable', code: code ?? 'JOB_FAILED' }
}
