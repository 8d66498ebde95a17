/**
 * Brings the results of an ended job back to the rows it carried. Result files come in any order, so a row is found by its key
 * alone; a row that no file names, or that two lines name, has an unknown outcome (protocol A10).
 */
import type { BulkLoader, BulkState } from '../../destination/bulk.ts'
import type { RowOutcome } from '../../destination/destination.ts'
import { invariant } from '../../errors.ts'
import type { PageRange } from '../../warehouse/warehouse.ts'
import { type ResultEntry, type ResultRow, resultSteps } from '../result-log.ts'
import { workRef } from '../snapshot-crm.ts'
import type { SyncRun } from '../sync-run.ts'
import { sealedWhileHeld } from '../while-held.ts'
import type { LoggedJob } from './job-log.ts'

export interface EndedJob {
  job: LoggedJob & { jobId: string }
  state: BulkState
  /** Places of its changes in the plan. */
  range: PageRange
  /** Row numbers that have a result already. */
  answered: ReadonlySet<number>
  sent?: ResultEntry['sent']
  of?: ResultEntry['of']
  /** Called for every outcome; `before` is what had been said of the row, when a second line contradicts it. */
  onOutcome(outcome: RowOutcome, before?: RowOutcome['status']): void
}

const pageRows = 5_000

/** Results become durable page by page; recording them again changes nothing that counts. */
export async function recordResults(run: SyncRun, bulk: BulkLoader, ended: EndedJob): Promise<void> {
  const { job, state } = ended
  const rows = await rowsByKey(run, ended)
  const recorder = resultRecorder(run, ended)
  if (state.phase !== 'gone') {
    for await (const results of bulk.results({ id: job.jobId, request: job.request, state }, run.signal)) {
      for (const { key, outcome } of results) {
        const row = rows.get(key)
        if (row) recorder.add(row, outcome)
      }
      await recorder.flush(pageRows)
    }
  }
  const code = state.phase === 'gone' ? 'E-BULK-GONE' : 'NO_RESULT'
  for (const row of rows.values()) if (row.status === undefined) recorder.add(row, { status: 'unknown', code })
  await recorder.flush(1)
}

interface JobRow extends ResultRow {
  status?: RowOutcome['status']
}

/** At most as many rows as one job may have. */
async function rowsByKey(run: SyncRun, { job, range, answered }: EndedJob): Promise<Map<string, JobRow>> {
  const key = job.request.path === 'update' ? 'crm_id' : 'match_value'
  const columns = ['seq', 'row_key', 'crm_id', 'payload_hash', key]
  const rows = new Map<string, JobRow>()
  for (let from = range.from; from <= range.to; from += pageRows) {
    const to = Math.min(range.to, from + pageRows - 1)
    const page = await run.warehouse.page(workRef(run, 'changes'), columns, { from, to }, run.options('jobs'))
    for (const [seq, rowKey, crmId, payloadHash, value] of page) {
      invariant(seq && rowKey && payloadHash && value, 'a change of a job has a key')
      if (answered.has(Number(seq))) continue
      rows.set(value, { rowNo: Number(seq), rowKey, crmId: crmId ?? null, payloadHash })
    }
  }
  return rows
}

interface Recorder {
  add(row: JobRow, outcome: RowOutcome): void
  /** Makes durable what has gathered, when it is this much. */
  flush(atLeast: number): Promise<void>
}

function resultRecorder(run: SyncRun, { job, sent, of, onOutcome }: EndedJob): Recorder {
  let waiting: ResultEntry[] = []
  const call = { batchNo: job.batchNo, attempt: 1, ...(sent ? { sent } : {}), ...(of ? { of } : {}) }
  return {
    add(row, said) {
      // Two lines for one row: nothing may be concluded from either.
      const outcome: RowOutcome = row.status === undefined ? said : { status: 'unknown', code: 'TWO_RESULTS' }
      onOutcome(outcome, row.status)
      row.status = outcome.status
      waiting.push({ row, outcome, ...call })
    },
    async flush(atLeast) {
      if (waiting.length < atLeast) return
      run.ports.crashPoints.at('CP23')
      const startedMs = run.ports.clock.nowMs()
      const steps = [...sealedWhileHeld(run, resultSteps(run, waiting)), run.lease.renewStatement()]
      await run.warehouse.atomic(steps, { ...run.options('results'), signal: new AbortController().signal })
      run.lease.renewed(startedMs)
      waiting = []
    },
  }
}
