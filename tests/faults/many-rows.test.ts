/** A table that does not fit into the memory the process has. */
import { afterAll, expect, test } from 'vitest'
import { isFull } from './support/full-mode.ts'
import { openProcessLab, type ProcessLab } from './support/process-lab.ts'
import { createTable, LEGS } from './support/sync-leg.ts'

const ROWS = 1_000_000
let lab: ProcessLab | undefined
afterAll(() => lab?.close())

test.skipIf(!isFull())(
  'F67 a million rows in a heap of 512 MB (only in the full run)',
  async () => {
    lab = await openProcessLab({ warehouse: 'duckdb' })
    await LEGS.bulk.prepare(lab)
    lab.syncs(LEGS.bulk.sync('story'), ['rows_story'])
    const wide = "repeat('x', 70) || i"
    await lab.exec(
      createTable('story'),
      `insert into backfeed.rows_story select 'k' || i, ${wide}, ${wide} from range(${ROWS}) as t(i)`,
    )
    const run = await lab.run(['run', '--output', 'json'], { shipped: true, nodeArgs: ['--max-old-space-size=512'] })
    expect(run, run.stderr.slice(-2_000)).toMatchObject({ code: 0, json: { succeeded: ROWS, unknown: 0, rejected: 0 } })
    expect(await lab.query("select * from backfeed_audit.reconciliation where sync_name = 'story'")).toEqual([])
  },
  1_800_000,
)
