/** The bulk jobs of a plan, as the warehouse cut them. */
import type { BulkRequest } from '../../destination/bulk.ts'
import { invariant } from '../../errors.ts'
import type { PageRange } from '../../warehouse/warehouse.ts'
import { changePages, type PlannedChange } from '../read-batches.ts'
import type { SyncRun } from '../sync-run.ts'

export interface PlannedJob {
  batchNo: number
  /** Places of its changes in the plan. */
  range: PageRange
}

export async function plannedJobs(run: SyncRun): Promise<PlannedJob[]> {
  const { work } = run.context.sync
  const sql = `select batch_no, min(seq), max(seq), count(*) from ${work.changes} where transport = 'bulk' group by batch_no order by batch_no`
  const rows = await run.warehouse.rows(sql, { ...run.options('jobs'), max: 100_000 })
  return rows.map((row) => {
    const [batchNo = 0, from = 0, to = 0, count = 0] = row.map(Number)
    invariant(to - from + 1 === count, 'the changes of a job stand together')
    return { batchNo, range: { from, to } }
  })
}

/** What a job's file is made of, page by page; the same for the prediction and the run. */
export async function* changesOf(run: SyncRun, { range }: PlannedJob): AsyncGenerator<PlannedChange[]> {
  for await (const page of changePages(run, range)) yield page.map(({ change }) => change)
}

export function bulkRequestOf(run: SyncRun): BulkRequest {
  const { object, path, match } = run.context.sync
  invariant(path !== 'create', 'creates never go by job')
  invariant(path !== 'delete', 'deletes go by request')
  invariant(path !== 'associate', 'associations go by request')
  return { object, path, ...(path === 'upsert' ? { matchField: match.field } : {}) }
}
