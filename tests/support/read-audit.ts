/** The audit as an auditor reads it: with DuckDB alone, while no run is under way. */
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

export async function readAudit(project: { dir: string }, sql: string): Promise<(string | null)[][]> {
  const instance = await DuckDBInstance.create(join(project.dir, 'target', 'test.duckdb'), { access_mode: 'READ_ONLY' })
  try {
    const connection = await instance.connect()
    const rows = await connection.runAndReadAll(sql)
    connection.closeSync()
    return rows.getRowsJson().map((row) => row.map((cell) => (cell === null ? null : String(cell))))
  } finally {
    instance.closeSync()
  }
}
