import { BackfeedError, ExitCode } from '../errors.ts'
import { lastSettledRun } from './last-settled.ts'
import type { ContextColumn } from './sync-context.ts'
import type { SyncRun } from './sync-run.ts'

/** `customer_id text`: what the text and the hash of every key are made from. */
export function keyDefinition(key: readonly ContextColumn[]): string {
  return key.map(({ label, type }) => `${label} ${type.kind}`).join(', ')
}

/** Of the keys that state is about; absent: of none. */
export async function formerDefinition(run: SyncRun): Promise<string | undefined> {
  const before = (await lastSettledRun(run))?.primaryKey
  return before !== undefined && (await hasState(run)) ? before : undefined
}

/**
 * Throws E-STATE-KEY-CHANGED, exit 3, when state is about other keys: every row would look new, and every record of before as
 * one whose row had left. State that was dropped is about no keys.
 */
export async function refuseOtherKey(run: SyncRun): Promise<void> {
  const before = await formerDefinition(run)
  const now = keyDefinition(run.context.sync.key)
  if (before === undefined || before === now) return
  const { name, primaryKeyAt, at } = run.sync
  throw new BackfeedError(
    {
      code: 'E-STATE-KEY-CHANGED',
      message: `the primary key of ${name} was ${before} and is ${now} now: none of its rows could be told from earlier ones`,
      at: primaryKeyAt ?? at,
      help: `restore the key, or let the rows keep what is known of them: put the former key into the model too, then backfeed rekey ${name} --from COLUMN`,
    },
    { exitCode: ExitCode.refused },
  )
}

async function hasState(run: SyncRun): Promise<boolean> {
  if (!(await run.warehouse.columns({ schema: run.target.schema, name: `state_${run.sync.name}` }))) return false
  const sql = `select count(*) from (select 1 as found from ${run.context.sync.state} limit 1) as state`
  const rows = await run.warehouse.rows(sql, { ...run.options('start'), max: 1 })
  return Number(rows[0]?.[0] ?? 0) > 0
}
