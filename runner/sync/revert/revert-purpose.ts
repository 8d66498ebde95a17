/**
 * Undoes a run: what it wrote goes back to the before-images in its plan, field by field, wherever the CRM still holds what it
 * wrote. Everything after `decisions` is the common path. Records are read and written by their ids, whatever they are called by now.
 */
import { sha256 } from '../../audit/run-log.ts'
import { BackfeedError } from '../../errors.ts'
import { materialize } from '../materialize.ts'
import { pausedName, pauseStatement } from '../pauses.ts'
import type { Purpose, SourceCounts } from '../purpose.ts'
import { workRef } from '../snapshot-crm.ts'
import type { SyncRun } from '../sync-run.ts'
import { revertNotes } from './revert-notes.ts'
import { fieldsOf, findRun, refuseOtherRun } from './reverted-run.ts'

export interface RevertRequest {
  runId: string
  /** Primary keys as people know them; unset: all. */
  keys?: readonly string[]
  /** API names; unset: all that the run wrote. */
  fields?: readonly string[]
}

export function revertPurpose(request: RevertRequest): Purpose {
  return {
    name: 'revert',
    prepare: (run) => prepare(run, request),
    decide: (run) => materialize(run, ['restored', 'changes']),
    records: ['plan_row', 'restored_field'],
    countSource,
    readsSource: false,
    beforeSending: (run) => [
      pauseStatement(run, {
        event: 'paused',
        sync: pausedName(run.sync),
        orgId: run.org.orgId,
        runId: run.context.run.id,
        reason: `revert of ${request.runId}`,
      }),
    ],
    notes: revertNotes,
  }
}

async function prepare(run: SyncRun, { runId, keys, fields }: RevertRequest): Promise<void> {
  const { schema } = run.target
  const reverted = await findRun({ warehouse: run.warehouse, schema, runId, options: run.options('revert') })
  refuseOtherRun(run, reverted)
  const mapping = run.context.sync.fields
  // From here on; what earlier runs left behind was read back the way they met their records.
  run.context.sync = { ...run.context.sync, mode: 'update', path: 'update' }
  run.context.run.reads_by = 'id'
  run.context.run.source_plan_id = reverted.planId
  run.context.run.revert = {
    fields: await fieldsOf(run, reverted, fields),
    mapped: mapping.map((field) => field.to),
    not_clearable: mapping.filter((field) => !isClearable(run, field.to)).map((field) => field.slug),
    has_keys: keys !== undefined,
  }
  if (keys !== undefined) await writeKeys(run, keys)
  await materialize(run, ['written', 'known_before', 'rereads'])
  if (keys !== undefined && (await countWritten(run)) === 0) throw noSuchKeys(runId, keys.length)
}

function isClearable(run: SyncRun, name: string): boolean {
  return run.description.find((field) => field.name === name)?.clearable !== false
}

/** A sensitive key is in the log as a hash only: macros/policies.sql, key_text. */
async function writeKeys(run: SyncRun, keys: readonly string[]): Promise<void> {
  const { work, key_is_hashed, key_scope } = run.context.sync
  const statements = [
    run.environment.call('sql.drop_table', [work.wanted_keys]),
    run.environment.call('sql.create_table', [work.wanted_keys, [{ name: 'row_key', kind: 'text' }]]),
  ]
  await run.warehouse.atomic(statements, run.options('revert'))
  const wanted = [...new Set(keys.map((key) => key.trim()))]
  const rows = wanted.map((key) => [key_is_hashed ? sha256(`${key_scope}:${key}`) : key])
  await run.warehouse.append(workRef(run, 'wanted_keys'), ['row_key'], rows, run.options('revert'))
}

function noSuchKeys(runId: string, count: number): BackfeedError {
  return new BackfeedError({
    code: 'E-REV-KEYS',
    message: `${runId} wrote none of the ${count} rows that are named`,
    help: 'give primary keys as the model has them; see `backfeed history row SYNC KEY`',
  })
}

/** Guards are shares of the rows that the sync knows. */
async function countSource(run: SyncRun): Promise<SourceCounts> {
  const rows = await run.warehouse.rows(`select count(*) from ${run.context.sync.state}`, {
    ...run.options('count'),
    max: 1,
  })
  const candidates = await countWritten(run)
  return { source: Number(rows[0]?.[0] ?? 0), candidates, candidateRows: candidates }
}

async function countWritten(run: SyncRun): Promise<number> {
  const sql = `select count(*) from ${run.context.sync.work.written}`
  const rows = await run.warehouse.rows(sql, { ...run.options('count'), max: 1 })
  return Number(rows[0]?.[0] ?? 0)
}
