import { BackfeedError, ExitCode } from '../errors.ts'
import { lastSettledRun } from './last-settled.ts'
import type { SyncRun } from './sync-run.ts'

/** `customer_id text`: what the text and the hash of every key are made from. */
export function keyDefinition({ context }: Pick<SyncRun, 'context'>): string {
  return context.sync.key.map(({ label, type }) => `${label} ${type.kind}`).join(', ')
}

/**
 * Throws E-STATE-KEY-CHANGED, exit 3, when state is about other keys: every row would look new, and every record of before as
 * one whose row had left. State that was dropped is about no keys.
 */
export async function refuseOtherKey(run: SyncRun): Promise<void> {
  const before = (await lastSettledRun(run))?.primaryKey
  const now = keyDefinition(run)
  if (before === undefined || before === now || !(await hasState(run))) return
  const { name, primaryKeyAt, at } = run.sync
  throw new BackfeedError(
    {
      code: 'E-STATE-KEY-CHANGED',
      message: `the primary key of ${name} was ${before} and is ${now} now: none of its rows could be told from earlier ones`,
      at: primaryKeyAt ?? at,
      help: `restore the key, or start from what the CRM holds: drop table ${run.context.sync.state}, then backfeed adopt -s ${name} --reason "…"`,
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
