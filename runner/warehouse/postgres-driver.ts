/** The only importer of pg, an optional peer: a DuckDB user never loads it. */
import type pg from 'pg'
import { loadDriver } from './load-driver.ts'

export type PostgresDriver = typeof pg
export type PostgresPool = pg.Pool
export type PostgresClient = pg.PoolClient
export type PostgresAnyClient = pg.ClientBase
export type PostgresClientConfig = pg.ClientConfig
export type PostgresTypes = pg.CustomTypesConfig

/** From 8.23.1: earlier releases lack `queryMode: 'extended'` without parameters or the awaited `onConnect` of the pool. */
export async function loadPostgres(projectDir: string): Promise<PostgresDriver> {
  const name = 'pg'
  const loaded = await loadDriver({ name, range: '^8.23.1', load: () => import('pg') }, projectDir)
  return loaded.default
}
