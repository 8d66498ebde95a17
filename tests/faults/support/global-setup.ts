/** Builds the runner and starts Postgres once for all files. A default export because vitest loads setups by it. */
import { builtCli } from '../../support/built-cli.ts'
import { findPostgres, startPostgres } from '../../support/postgres-server.ts'

export default async function setup(): Promise<() => Promise<void>> {
  await builtCli()
  const bin = findPostgres()
  if (bin === undefined) return async () => {}
  const server = await startPostgres(bin)
  process.env.BACKFEED_TEST_POSTGRES_URL = `postgres://${server.user}:${server.password}@127.0.0.1:${server.port}/postgres`
  return () => server.stop()
}
