/** Results that the process which died had written to this machine's disk and not to the warehouse yet. */
import type { TextRow } from '../warehouse/warehouse.ts'
import type { OpenRun } from './recover.ts'
import { type ResultEntry, resultSteps } from './result-log.ts'
import { type JournalLine, outcomeOf, readJournal } from './run-journal.ts'
import type { SyncRun } from './sync-run.ts'

/** Returns the number of rows that need no read-back because the journal knows what became of them. */
export async function replayJournal(run: SyncRun, open: OpenRun): Promise<number> {
  const { journal } = run.ports
  if (journal === undefined) return 0
  const owner = { runId: open.runId, orgId: run.org.orgId, planId: open.planId }
  const lines = await readJournal(journal, run.project.dir, owner)
  if (lines.length === 0) return 0
  const planned = await unansweredRows(run, open)
  const entries = lines.flatMap((line) => entryOf(open, line, planned.get(String(line.row_no))))
  if (entries.length > 0) await run.warehouse.atomic(run.log.sealed(resultSteps(run, entries)), run.options('recover'))
  return entries.length
}

/** More than a window of them means that the journal is not worth it; they are read back. */
const mostRows = 100_000

/** Rows of an announced window that have no result, by number. */
async function unansweredRows(run: SyncRun, open: OpenRun): Promise<ReadonlyMap<string, TextRow>> {
  const { ledger } = run.context.run
  const sql = `select planned.row_no, planned.row_key, planned.crm_id, planned.payload_hash
from ${ledger.sync_plan_row} as planned
where planned.plan_id = '${open.planId}' and planned.decision = 'send'
  and exists (select 1 from ${ledger.sync_intent} as intent where intent.plan_id = planned.plan_id and planned.batch_no between intent.batch_from and intent.batch_to)
  and not exists (select 1 from ${ledger.sync_result} as result where result.plan_id = planned.plan_id and result.row_no = planned.row_no)
order by planned.row_no limit ${mostRows}`
  const rows = await run.warehouse.rows(sql, { ...run.options('recover'), max: mostRows })
  return new Map(rows.map((row) => [row[0] ?? '', row]))
}

function entryOf(open: OpenRun, line: JournalLine, planned: TextRow | undefined): ResultEntry[] {
  const outcome = outcomeOf(line)
  const [rowNo, rowKey, crmId = null, payloadHash] = planned ?? []
  if (outcome === undefined || !rowNo || !rowKey || !payloadHash) return []
  return [
    {
      row: { rowNo: Number(rowNo), rowKey, crmId, payloadHash },
      outcome,
      batchNo: line.batch_no,
      attempt: line.attempt,
      ...(line.http_status === undefined ? {} : { httpStatus: line.http_status }),
      ...(line.request_id === undefined ? {} : { requestId: line.request_id }),
      of: { runId: open.runId, planId: open.planId, epoch: open.epoch },
    },
  ]
}
