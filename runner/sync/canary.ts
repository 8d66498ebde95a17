/**
 * The first rows of a run go out in a window of their own and are read back by id: what the CRM holds must be what was sent
 * before any other row follows (protocol A14). Compared in the warehouse, as the field's kind compares.
 */
import { ExitCode } from '../errors.ts'
import type { Plan } from './build-plan.ts'
import type { StopReason } from './delivery-totals.ts'
import { materialize } from './materialize.ts'
import type { SentBatch } from './send-batch.ts'
import { referenceReads, workRef } from './snapshot-crm.ts'
import { type StoredCell, storedColumns, storedRows } from './stored-values.ts'
import type { SyncRun } from './sync-run.ts'

export interface Canary {
  /** Batches of the next window, at most `most`. */
  windowSize(most: number): number
  /** After every window; reads once, when the last of the first rows is out. */
  after(window: readonly SentBatch[]): Promise<StopReason | undefined>
}

/** Rows to read back; 0: none. A run with no rows behind its first ones is read back when its mapping was never sent before. */
export async function canaryRowsOf(run: SyncRun, send: number): Promise<number> {
  const { canaryRows } = run.sync.guards
  if (canaryRows === 0 || send === 0 || run.context.sync.path === 'associate' || run.sync.link !== undefined) return 0
  if (send > canaryRows) return canaryRows
  return (await wasSentBefore(run)) ? 0 : send
}

async function wasSentBefore(run: SyncRun): Promise<boolean> {
  const { ledger, id } = run.context.run
  const sql = `select count(*) from ${ledger.sync_run} as r
join ${ledger.sync_run_event} as e on e.run_id = r.run_id and e.event in ('succeeded', 'partial')
join ${ledger.sync_plan} as p on p.plan_id = r.plan_id and p.send_rows > 0
where r.kind = 'run' and r.sync_name = '${run.sync.name}' and r.org_id = '${run.org.orgId}' and r.mapping_hash = '${run.context.sync.mapping_hash}' and r.run_id <> '${id}'`
  const rows = await run.warehouse.rows(sql, { ...run.options('canary'), max: 1 })
  return Number(rows[0]?.[0] ?? 0) > 0
}

export function canaryOf(run: SyncRun, { canaryRows, counts }: Plan): Canary {
  const places = new Map<string, number>()
  let left = Math.min(canaryRows, counts.sendByRequest)
  return {
    windowSize: (most) => (left > 0 ? Math.min(most, Math.ceil(left / run.context.sync.batch_size)) : most),
    async after(window) {
      if (left <= 0) return undefined
      for (const batch of window) {
        left -= batch.final.size
        for (const [recordId, rowNo] of written(batch)) places.set(recordId, rowNo)
      }
      return left > 0 || places.size === 0 ? undefined : compare(run, places)
    },
  }
}

function written({ attempts }: SentBatch): [recordId: string, rowNo: number][] {
  return attempts.flatMap(({ results }) =>
    results.flatMap(({ change, outcome }): [string, number][] =>
      outcome.status === 'succeeded' ? [[outcome.recordId, change.rowNo]] : [],
    ),
  )
}

async function compare(run: SyncRun, places: ReadonlyMap<string, number>): Promise<StopReason | undefined> {
  const rows = storedRows(run, await readBack(run, places))
  await run.warehouse.append(workRef(run, 'stored'), storedColumns, rows, run.options('canary'))
  await materialize(run, ['canary'])
  const sql = `select field, wrong from ${run.context.sync.work.canary} where wrong > 0 order by wrong desc, field`
  const wrong = await run.warehouse.rows(sql, { ...run.options('canary'), max: 1_000 })
  if (wrong.length === 0) return undefined
  const fields = wrong.map(([field, count]) => `${field} in ${count} rows`).join(', ')
  const first = run.sync.fields.find(({ to }) => to === wrong[0]?.[0])
  return {
    code: 'E-RUN-CANARY',
    message: `of the first ${places.size} rows the CRM holds other values than were sent: ${fields}; the rest stays planned`,
    exitCode: ExitCode.rowFailures,
    ...(first && { at: first.at }),
  }
}

async function readBack(run: SyncRun, places: ReadonlyMap<string, number>): Promise<StoredCell[]> {
  const { object, fields } = run.context.sync
  const names = fields.map(({ to }) => to)
  const request = {
    object,
    by: 'id' as const,
    values: [...places.keys()],
    fields: names,
    references: referenceReads(fields),
  }
  const cells: StoredCell[] = []
  for await (const records of run.destination.read(request, run.signal)) {
    for (const { recordId, askedFor = [recordId], fields: values } of records) {
      for (const rowNo of askedFor.flatMap((id) => places.get(id) ?? []))
        cells.push(...names.map((field) => ({ rowNo, field, value: values[field] ?? null, source: 'canary' as const })))
    }
  }
  return cells
}
