/** Pages the changes of a plan back into batches. Memory holds one page; every page is counted. */
import type { Change, WireRequest, WriteRequest } from '../destination/destination.ts'
import { BackfeedError, ExitCode, invariant } from '../errors.ts'
import type { PageRange } from '../warehouse/warehouse.ts'
import { workRef } from './snapshot-crm.ts'
import type { SyncRun } from './sync-run.ts'

/** One change with what the log needs beside it. */
export interface PlannedChange extends Change {
  rowNo: number
  rowKey: string
  crmId: string | null
  payloadHash: string
  /** The record that is locked with this one; rows of one parent stand together. */
  parent: string | null
}

export interface Batch {
  batchNo: number
  changes: PlannedChange[]
}

const columns = ['seq', 'change_id', 'row_key', 'crm_id', 'batch_no', 'body', 'payload_hash', 'parent', 'plan_id']
const pageRows = 5_000

/** Batches 1..n in order; `total` is the number of rows that go by request, as the warehouse counted them. */
export async function* batchesOf(run: SyncRun, total: number): AsyncGenerator<Batch> {
  let batch: Batch | undefined
  for await (const page of changePages(run, { from: 1, to: total })) {
    for (const { batchNo, change } of page) {
      if (batch && batch.batchNo !== batchNo) {
        yield batch
        batch = undefined
      }
      batch ??= { batchNo, changes: [] }
      batch.changes.push(change)
    }
  }
  if (batch) yield batch
}

/** Every change of a range of places, page by page. */
export async function* changePages(
  run: SyncRun,
  range: PageRange,
): AsyncGenerator<{ batchNo: number; change: PlannedChange }[]> {
  for (let from = range.from; from <= range.to; from += pageRows) {
    const to = Math.min(from + pageRows - 1, range.to)
    const rows = await run.warehouse.page(workRef(run, 'changes'), columns, { from, to }, run.options('changes'))
    await run.warehouse.release()
    if (rows.some((row) => row.at(-1) !== run.context.run.plan_id)) throw replaced(run)
    yield rows.map(plannedChange)
  }
}

/** The table is shared by all runs of a sync: one that slept through its lease may plan into it when it wakes up. */
function replaced(run: SyncRun): BackfeedError {
  return new BackfeedError(
    {
      code: 'E-RUN-FENCED',
      message: `another run of ${run.sync.name} has replaced the changes of this one, so nothing more was sent`,
      help: 'run again: what was sent is recorded, the rest is planned afresh',
    },
    { exitCode: ExitCode.leaseHeld },
  )
}

function plannedChange(row: readonly (string | null)[]): { batchNo: number; change: PlannedChange } {
  const [seq, changeId, rowKey, crmId, batchNo, body, payloadHash, parent] = row
  invariant(seq && changeId && rowKey && batchNo && body && payloadHash, 'a row to send has a key, a batch and a body')
  const change = {
    rowNo: Number(seq),
    changeId,
    rowKey,
    crmId: crmId ?? null,
    body,
    payloadHash,
    parent: parent ?? null,
  }
  return { batchNo: Number(batchNo), change }
}

export function writeRequestOf(run: SyncRun, batch: Pick<Batch, 'changes'>): WriteRequest {
  const { object, path, match, association } = run.context.sync
  const { writeOptions } = run.sync
  return {
    object,
    path,
    changes: batch.changes,
    ...(path === 'upsert' ? { matchField: match.field } : {}),
    ...(association && { association: { to: association.to, labelled: association.types !== null } }),
    ...(writeOptions === undefined ? {} : { options: writeOptions }),
  }
}

export function wireOf(run: SyncRun, batch: Batch): WireRequest {
  return run.destination.wire(writeRequestOf(run, batch))
}
