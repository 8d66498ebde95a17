// The warehouses a benchmark runs on: DuckDB in a file of the project, Postgres in a server of its own whose commits reach the disk.
import { findPostgres, postgresMissing, startPostgres } from '../target/bench/tests/support/postgres-server.js'

/** @returns {Promise<{ name: string, reason: string } | { name: string, pid: number, target(): object, stop(): Promise<void> }>} */
export async function openBenchWarehouse(name) {
  if (name === 'duckdb') return { name, pid: 0, target: () => ({}), env: {}, stop: async () => {} }
  if (name !== 'postgres') return { name, reason: 'no such warehouse here' }
  const bin = findPostgres()
  if (bin === undefined) return { name, reason: `no Postgres: ${postgresMissing}` }
  const server = await startPostgres(bin, { durable: true })
  let schemas = 0
  return {
    name,
    pid: server.pid,
    env: { BENCH_POSTGRES_PASSWORD: server.password },
    /** A schema of its own for every project. */
    target() {
      schemas += 1
      const { port, user } = server
      const password = `"{{ env_var('BENCH_POSTGRES_PASSWORD') }}"`
      const login = `host: 127.0.0.1, port: ${port}, user: ${user}, password: ${password}, database: postgres`
      return { target: `{type: postgres, ${login}, schema: backfeed_${schemas}}`, auditSchema: `audit_${schemas}` }
    },
    stop: () => server.stop(),
  }
}
