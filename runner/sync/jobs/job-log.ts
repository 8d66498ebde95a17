/** The phases of bulk jobs in the log: every step is durable before the next, so that whoever comes after a crash knows which came. */
import { z } from 'zod'
import type { BulkRequest, PreparedLoad } from '../../destination/bulk.ts'
import type { AtomicStep } from '../../warehouse/warehouse.ts'
import type { SyncRun } from '../sync-run.ts'
import { nowText } from '../warehouse-clock.ts'

/**
 * intent: a job may be made. created: it exists and has no data. closing: it has all its data and may be started at any moment.
 * closed: it runs. recorded: every row has its result. abandoned: it never started, and cannot any more.
 */
export type JobPhase = 'intent' | 'created' | 'closing' | 'closed' | 'recorded' | 'abandoned'

const requestSchema = z.object({
  object: z.string(),
  path: z.enum(['upsert', 'update']),
  matchField: z.string().optional(),
})

export interface LoggedJob {
  /** The plan whose changes it carries. */
  planId: string
  batchNo: number
  windowNo: number
  /** Null before the CRM gave one. */
  jobId: string | null
  request: BulkRequest
  file?: Pick<PreparedLoad, 'rows' | 'bytes' | 'sha256'>
}

export function jobStep(run: SyncRun, job: LoggedJob, phase: JobPhase): AtomicStep {
  const seq = run.log.nextSeq()
  const cells: Record<string, string | null> = {
    run_id: run.context.run.id,
    epoch: String(run.lease.epoch),
    seq: String(seq),
    window_no: String(job.windowNo),
    plan_id: job.planId,
    batch_no: String(job.batchNo),
    job_id: job.jobId,
    phase,
    request: JSON.stringify(job.request),
    rows: job.file ? String(job.file.rows) : null,
    bytes: job.file ? String(job.file.bytes) : null,
    file_sha256: job.file?.sha256 ?? null,
    logged_at: nowText(run),
  }
  return run.log.rows('sync_job', Object.keys(cells), [Object.values(cells)])
}

export interface OpenJob extends LoggedJob {
  phase: JobPhase
}

/** Jobs of a plan that have neither results nor been given up, in the order of the plan. */
export async function openJobs(run: SyncRun, planId: string): Promise<OpenJob[]> {
  const sql = `select batch_no, window_no, job_id, phase, request
from (
  select job.*, row_number() over (partition by batch_no order by epoch desc, seq desc) as place
  from ${run.context.run.ledger.sync_job} as job
  where plan_id = '${planId}'
) as ranked
where place = 1 and phase not in ('recorded', 'abandoned')
order by batch_no`
  const rows = await run.warehouse.rows(sql, { ...run.options('jobs'), max: 100_000 })
  return rows.map(([batchNo, windowNo, jobId, phase, request]) => {
    const { object, path, matchField } = requestSchema.parse(JSON.parse(request ?? '{}'))
    return {
      planId,
      batchNo: Number(batchNo),
      windowNo: Number(windowNo),
      jobId: jobId ?? null,
      phase: phase as JobPhase,
      request: { object, path, ...(matchField === undefined ? {} : { matchField }) },
    }
  })
}
