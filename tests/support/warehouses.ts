/** Which warehouses a parametrised suite runs on, and a fresh database on each. A suite that names one of these functions is found by `npm run test:warehouses`. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { openWarehouse } from '../../runner/warehouse/registry.ts'
import type { StatementOptions, Warehouse, WarehouseName, WarehouseSettings } from '../../runner/warehouse/warehouse.ts'

export type TestWarehouseName = Extract<WarehouseName, 'duckdb' | 'postgres'>

export interface WarehouseUnderTest {
  name: TestWarehouseName
  /** Settings of a new, empty database: an own file on DuckDB, an own database on Postgres. */
  settings(): Promise<{ settings: WarehouseSettings; drop(): Promise<void> }>
}

export interface TestWarehouse {
  warehouse: Warehouse
  /** Exists and is empty. The same on every warehouse: the database is the test's own. */
  schema: string
  settings: WarehouseSettings
  /** Closes the warehouse and removes the database. */
  drop(): Promise<void>
}

const all: Record<TestWarehouseName, WarehouseUnderTest> = {
  duckdb: { name: 'duckdb', settings: duckdbSettings },
  postgres: { name: 'postgres', settings: postgresSettings },
}

/** From BACKFEED_TEST_WAREHOUSES (comma-separated; default duckdb). */
export function warehousesUnderTest(): WarehouseUnderTest[] {
  const chosen = (process.env.BACKFEED_TEST_WAREHOUSES ?? 'duckdb').split(',')
  return chosen.map((name) => {
    if (name !== 'duckdb' && name !== 'postgres')
      throw new Error(`BACKFEED_TEST_WAREHOUSES: no test warehouse "${name}"`)
    return all[name]
  })
}

export async function openTestWarehouse(name: TestWarehouseName): Promise<TestWarehouse> {
  const { settings, drop } = await all[name].settings()
  const warehouse = await openWarehouse({ type: name, settings }, { projectDir: tmpdir() })
  const schema = 'backfeed'
  await warehouse.exec(`create schema ${schema}`, statement('create-schema'))
  return {
    warehouse,
    schema,
    settings,
    drop: async () => {
      await warehouse.close()
      await drop()
    },
  }
}

/** Options for a statement of a test. */
export function statement(step: string, more: Partial<StatementOptions> = {}): StatementOptions {
  const tag = { run: 'test', sync: 'test', step }
  return { id: `test-${step}`, tag, signal: new AbortController().signal, timeoutMs: 60_000, ...more }
}

async function duckdbSettings(): Promise<{ settings: WarehouseSettings; drop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-duckdb-'))
  const settings = { path: join(folder, 'warehouse.duckdb'), threads: 2 }
  return { settings, drop: async () => rmSync(folder, { recursive: true, force: true }) }
}

async function postgresSettings(): Promise<{ settings: WarehouseSettings; drop(): Promise<void> }> {
  const url = process.env.BACKFEED_TEST_POSTGRES_URL
  if (!url) throw new Error('no Postgres server: use npm run test:warehouses')
  const database = `test_${randomBytes(6).toString('hex')}`
  await asAdmin(url, `create database ${database} template template0`)
  const { hostname, port, username, password } = new URL(url)
  return {
    settings: { host: hostname, port: Number(port), user: username, password, database, threads: 2 },
    drop: () => asAdmin(url, `drop database if exists ${database} with (force)`),
  }
}

async function asAdmin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
