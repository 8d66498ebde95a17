/** Starts Postgres before the suites of vitest.warehouses.config.ts and says at the end what ran and what did not. */
import { findPostgres, startPostgres } from './postgres-server.ts'
import { reportNotRun } from './warehouses-not-run.ts'

export default async function setup(): Promise<() => Promise<void>> {
  const bin = findPostgres()
  if (bin === undefined) return async () => {}
  const server = await startPostgres(bin)
  process.env.BACKFEED_TEST_POSTGRES_URL = `postgres://${server.user}:${server.password}@127.0.0.1:${server.port}/postgres`
  return async () => {
    await server.stop()
    console.log(`ran: postgres (the suites above; throw-away server of ${bin}, stopped)`)
    reportNotRun()
  }
}
