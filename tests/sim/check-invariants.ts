/** What `backfeed audit check` says of the world's tables: the production queries of the invariants, none of which may find a row. */
import { runChecks } from '../../runner/audit/checks.ts'
import type { World } from './world.ts'

export async function checkInvariants(world: World): Promise<void> {
  const { store } = world.stage
  const { signal } = new AbortController()
  const results = await runChecks({
    warehouse: {
      name: 'duckdb',
      rows: (sql) => Promise.resolve(store.select(sql)),
      columns: (table) => Promise.resolve(store.columns(table)),
    },
    environment: world.templates.environment,
    schema: 'backfeed',
    auditSchema: 'backfeed_audit',
    options: (step) => ({ id: step, tag: { run: '', sync: '', step }, signal, timeoutMs: 1_000 }),
    keys: 3,
  })
  for (const { number, title, found, findings } of results)
    if (found > 0) world.violated(number, `${title}: ${findings.map(({ finding }) => finding).join('; ')}`)
  world.counters.add('invariants asked', results.length)
}
