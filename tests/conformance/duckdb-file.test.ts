import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWarehouse } from '../../runner/warehouse/registry.ts'
import type { Warehouse, WarehouseSettings } from '../../runner/warehouse/warehouse.ts'
import { statement } from '../support/warehouses.ts'

/** What an auditor's tool does: opens the file natively, under its own name. */
const readerScript = `const { DuckDBInstance } = require('@duckdb/node-api')
DuckDBInstance.create(process.argv[1], { access_mode: 'READ_ONLY' })
  .then((instance) => instance.connect())
  .then((connection) => connection.runAndReadAll(process.argv[2]))
  .then((reader) => console.log(JSON.stringify(reader.getRows().map((row) => row.map(String)))))
  .catch((error) => { console.log(error.message); process.exitCode = 1 })`

/** Holds the file until it is told to end. */
const holderScript = `const { DuckDBInstance } = require('@duckdb/node-api')
DuckDBInstance.create(process.argv[1])
  .then((instance) => instance.connect())
  .then((connection) => connection.run('create table if not exists held (a integer)'))
  .then(() => console.log('held'))
setTimeout(() => process.exit(0), Number(process.argv[2]))`

async function readElsewhere(path: string, sql: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', readerScript, path, sql])
  return JSON.parse(stdout)
}

async function holdElsewhere(path: string, forMs: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', holderScript, path, String(forMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child
}

describe('a DuckDB file', () => {
  let folder: string
  let opened: Warehouse[]
  const path = () => join(folder, 'wh.duckdb')
  const open = async (settings: WarehouseSettings = {}): Promise<Warehouse> => {
    const warehouse = await openWarehouse(
      { type: 'duckdb', settings: { path: path(), ...settings } },
      { projectDir: folder },
    )
    opened.push(warehouse)
    return warehouse
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'backfeed-file-'))
    opened = []
  })
  afterEach(async () => {
    for (const warehouse of opened) await warehouse.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('can be read by another process after release, views included', async () => {
    const warehouse = await open({ idle_release_ms: 60_000 })
    await warehouse.exec('create schema backfeed', statement('ddl'))
    await warehouse.exec('create table backfeed.t as select 42 as a', statement('ddl'))
    await warehouse.exec('create view backfeed.v as select a from backfeed.t', statement('ddl'))
    await expect(readElsewhere(path(), 'select 1')).rejects.toMatchObject({ stdout: expect.stringContaining('lock') })
    await warehouse.release()
    expect(await readElsewhere(path(), 'select a from backfeed.v')).toEqual([['42']])
    expect(await warehouse.rows('select a from backfeed.v', { ...statement('rows'), max: 1 })).toEqual([['42']])
  })

  it('can be read by another process after an idle moment, and used again', async () => {
    const warehouse = await open({ idle_release_ms: 10 })
    for (let i = 0; i < 3; i++) {
      await warehouse.exec(`create table t${i} as select ${i} as a`, statement('ddl'))
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(await readElsewhere(path(), `select a from t${i}`)).toEqual([[String(i)]])
    }
  })

  it('F62 held by another process is refused with its pid', async () => {
    const holder = await holdElsewhere(path(), 20_000)
    const failure = await open({ lock_timeout_ms: 300 }).catch((error: unknown) => error)
    holder.kill('SIGKILL')
    expect(failure).toMatchObject({ code: 'E-WH-LOCKED', kind: 'locked', exitCode: 75 })
    expect(String(failure)).toContain(`held by PID ${holder.pid} (node)`)
  })

  it('held for a moment is waited for', async () => {
    await holdElsewhere(path(), 800)
    const warehouse = await open({ lock_timeout_ms: 10_000 })
    expect(await warehouse.columns({ schema: 'main', name: 'held' })).toHaveLength(1)
  })

  it('taken by another process in between is refused later, and the wait follows the signal', async () => {
    const warehouse = await open({ lock_timeout_ms: 20_000 })
    await warehouse.release()
    const holder = await holdElsewhere(path(), 20_000)
    const waiting = warehouse.exec('select 1', statement('wait', { timeoutMs: 200 }))
    await expect(waiting).rejects.toMatchObject({ code: 'E-WH-TIMEOUT' })
    holder.kill('SIGKILL')
    await warehouse.exec('select 1', statement('again'))
  })

  it('opened twice in one process, under two names, is one database', async () => {
    const first = await open()
    const alias = join(folder, 'alias')
    symlinkSync(folder, alias)
    const second = await open({ path: join(alias, 'wh.duckdb') })
    await first.exec('create table t (a integer)', statement('ddl'))
    const appends = Array.from({ length: 20 }, (_, i) =>
      (i % 2 ? first : second).append({ schema: 'main', name: 't' }, ['a'], [[String(i)]], statement('append')),
    )
    await Promise.all(appends)
    expect(await second.rows('select count(*) from t', { ...statement('rows'), max: 1 })).toEqual([['20']])
    await first.close()
    await second.exec('insert into t values (20)', statement('insert'))
    await second.close()
    expect(await readElsewhere(path(), 'select count(*), sum(a) from t')).toEqual([['21', '210']])
  })

  it('is not let go while another user of this process works on it', async () => {
    const first = await open({ idle_release_ms: 0 })
    const second = await open()
    await second.exec('create table t as select range as a from range(200000)', statement('ddl'))
    const work = second.rows('select sum(a % 7) from t, range(200)', { ...statement('long'), max: 1 })
    for (let i = 0; i < 5; i++) await first.release()
    expect(await work).toHaveLength(1)
  })

  it('is made in a folder that is made too, relative to the project', async () => {
    await open({ path: 'deep/er/db.duckdb' })
    expect(existsSync(join(folder, 'deep/er/db.duckdb'))).toBe(true)
  })

  it('leaves no spill folder or log behind after close', async () => {
    const warehouse = await open()
    await warehouse.exec('create table t as select 1 as a', statement('ddl'))
    await warehouse.close()
    expect(readdirSync(folder)).toEqual(['wh.duckdb'])
  })

  it.each([
    ['a folder', 'it is a folder', (p: string) => mkdirSync(p)],
    ['some other file', 'not a DuckDB database', (p: string) => writeFileSync(p, 'x'.repeat(10_000))],
  ])('that is %s is refused', async (_, reason, prepare) => {
    prepare(path())
    const failure = await open().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'E-WH-PATH' })
    expect(String(failure)).toContain(reason)
  })

  it('under a path that cannot be made is refused', async () => {
    writeFileSync(join(folder, 'file'), '')
    await expect(open({ path: 'file/wh.duckdb' })).rejects.toMatchObject({ code: 'E-WH-PATH' })
    await expect(open({ path: '/proc/nowhere/wh.duckdb' })).rejects.toMatchObject({ code: 'E-WH-PATH' })
  })

  it('takes its settings, and refuses what they cannot mean', async () => {
    const warehouse = await open({ memory_limit: '123MiB', threads: 1 })
    const sql = `select current_setting('memory_limit'), current_setting('threads'), current_setting('TimeZone'),
      current_setting('autoload_known_extensions'), current_setting('autoinstall_known_extensions')`
    expect(await warehouse.rows(sql, { ...statement('rows'), max: 1 })).toEqual([
      ['123.0 MiB', '1', 'UTC', 'false', 'false'],
    ])
    await expect(open({ memory_limit: 'plenty' })).rejects.toMatchObject({ code: 'E-CFG-VALUE' })
  })

  it('failing to open can be opened later in the same process', async () => {
    writeFileSync(path(), 'not a database, and long enough to be read as one'.repeat(200))
    await expect(open()).rejects.toMatchObject({ code: 'E-WH-PATH' })
    rmSync(path())
    await (await open()).exec('create table t (a integer)', statement('ddl'))
  })
})
