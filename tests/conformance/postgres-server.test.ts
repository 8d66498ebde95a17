/** What only a server over a network can do to us. Runs where Postgres runs; see warehouse.test.ts for the common cases. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Secret } from '../../runner/project/secret.ts'
import { openWarehouse } from '../../runner/warehouse/registry.ts'
import type { Warehouse, WarehouseSettings } from '../../runner/warehouse/warehouse.ts'
import { statement, warehousesUnderTest } from '../support/warehouses.ts'

const postgres = warehousesUnderTest().filter(({ name }) => name === 'postgres')

describe.each(postgres)('a Postgres server', (under) => {
  let settings: WarehouseSettings
  let drop: () => Promise<void>
  let opened: { close(): Promise<void> }[]
  const open = async (changes: WarehouseSettings = {}): Promise<Warehouse> => {
    const warehouse = await openWarehouse(
      { type: 'postgres', settings: { ...settings, ...changes } },
      { projectDir: '.' },
    )
    opened.push(warehouse)
    return warehouse
  }
  const rows = (warehouse: Warehouse, sql: string) => warehouse.rows(sql, { ...statement('rows'), max: 10 })

  beforeEach(async () => {
    ;({ settings, drop } = await under.settings())
    opened = []
  })
  afterEach(async () => {
    for (const one of opened) await one.close()
    await drop()
  })

  it('takes a password that is a secret, and refuses a wrong one without showing it', async () => {
    await open({ password: new Secret(String(settings.password)) })
    const failure = await open({ password: new Secret('wr0ng-s3cret') }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'E-WH-AUTH', kind: 'permission' })
    expect(String(failure)).toContain(`127.0.0.1:${settings.port}`)
    expect(String(failure)).not.toContain('s3cret')
  })

  it('takes a url instead, and not both', async () => {
    const { user, password, port, database } = settings
    const url = new Secret(`postgresql://${user}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`)
    const warehouse = await openWarehouse({ type: 'postgres', settings: { url } }, { projectDir: '.' })
    opened.push(warehouse)
    expect(await rows(warehouse, 'select current_database()')).toEqual([[String(database)]])
    await expect(open({ url })).rejects.toMatchObject({ code: 'E-CFG-VALUE' })
  })

  it('without the database or the password says so', async () => {
    await expect(open({ database: 'no_such_db' })).rejects.toMatchObject({ code: 'E-WH-AUTH' })
    const { password: _, ...noPassword } = settings
    const open2 = openWarehouse({ type: 'postgres', settings: noPassword }, { projectDir: '.' })
    await expect(open2).rejects.toMatchObject({ code: 'E-WH-AUTH' })
  })

  it('that is not there is named by host and port', async () => {
    const failure = await open({ port: 1 }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'E-WH-CONNECT', kind: 'transient', exitCode: 75 })
    expect(String(failure)).toContain('127.0.0.1:1')
  })

  it('without TLS refuses sslmode require, and an unknown mode is a mistake', async () => {
    await expect(open({ sslmode: 'require' })).rejects.toMatchObject({ code: 'E-WH-CONNECT' })
    await expect(open({ sslmode: 'prefer' })).rejects.toMatchObject({ code: 'E-CFG-VALUE' })
  })

  it('shows who is connected, in the application name and in the statement', async () => {
    const warehouse = await open({ search_path: 'information_schema' })
    const sql = `select application_name, query from pg_stat_activity where pid = pg_backend_pid()`
    const [row] = await rows(warehouse, sql)
    expect(row?.[0]).toBe('backfeed run=test sync=test')
    expect(row?.[1]).toContain('/* backfeed run=test sync=test step=rows id=test-rows */')
    expect(await rows(warehouse, 'show search_path')).toEqual([['information_schema']])
  })

  it('does not let a role or database default change how values look', async () => {
    const first = await open()
    for (const setting of [`timezone = 'Asia/Tokyo'`, `datestyle = 'German'`, 'extra_float_digits = -5']) {
      await first.exec(`alter database ${settings.database} set ${setting}`, statement('alter'))
    }
    const sql = `select cast('2024-01-31' as date), cast('2024-01-31 00:00:00+00' as timestamptz), 0.1::float8 + 0.2::float8`
    expect(await rows(await open(), sql)).toEqual([
      ['2024-01-31', '2024-01-31T00:00:00.000000Z', '0.30000000000000004'],
    ])
  })

  it('keeps text that is too long for its column out instead of cutting it', async () => {
    const warehouse = await open()
    await warehouse.exec('create table public.short (v varchar(3), c char(2), j jsonb, a text[])', statement('ddl'))
    const append = (row: string[]) =>
      warehouse.append({ schema: 'public', name: 'short' }, ['v', 'c', 'j', 'a'], [row], statement('append'))
    await expect(append(['long', 'ab', '{}', '{}'])).rejects.toMatchObject({ kind: 'data' })
    await append(['abc', 'x', '{"k": [1, null]}', '{a,"b c"}'])
    expect(await rows(warehouse, `select v, c::text, j->'k', a[2] from public.short`)).toEqual([
      ['abc', 'x', '[1, null]', 'b c'],
    ])
  })

  it('ending a session is transient, and the next statement gets a new one', async () => {
    const warehouse = await open({ threads: 2 })
    const work = rows(warehouse, `select pg_sleep(20)`).catch((error: unknown) => error)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const kill = `select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(20)%' and pid <> pg_backend_pid()`
    await rows(warehouse, kill)
    expect(await work).toMatchObject({ kind: 'transient' })
    expect(await rows(warehouse, 'select 1')).toEqual([['1']])
  })

  describe('behind a network', () => {
    let relay: Server
    let sockets: Socket[]
    let mute = false

    beforeEach(async () => {
      sockets = []
      mute = false
      relay = createServer((client) => {
        const upstream = connect(Number(settings.port), '127.0.0.1')
        sockets.push(client, upstream)
        client.on('data', (data) => mute || upstream.write(data)).on('error', () => {})
        upstream.on('data', (data) => mute || client.write(data)).on('error', () => {})
        client.on('close', () => upstream.destroy())
        upstream.on('close', () => client.destroy())
      })
      await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
    })
    afterEach(() => {
      for (const socket of sockets) socket.destroy()
      relay.close()
    })
    const throughRelay = (): Promise<Warehouse> => {
      const address = relay.address()
      return open({ port: typeof address === 'object' && address ? address.port : 0 })
    }
    const cutSoon = (): void => {
      setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, 200)
    }

    it('that is cut during a write leaves it unknown', async () => {
      const warehouse = await throughRelay()
      cutSoon()
      const work = warehouse.exec('select pg_sleep(5)', statement('cut'))
      await expect(work).rejects.toMatchObject({ kind: 'unknown', code: 'E-WH-CONNECT' })
      expect(await rows(warehouse, 'select 1')).toEqual([['1']])
    })

    it('that is cut before a commit leaves nothing', async () => {
      const warehouse = await throughRelay()
      await warehouse.exec('create table public.t (a integer)', statement('ddl'))
      cutSoon()
      const work = warehouse.atomic(['insert into public.t values (1)', 'select pg_sleep(5)'], statement('cut'))
      await expect(work).rejects.toMatchObject({ kind: 'transient', code: 'E-WH-CONNECT' })
      expect(await rows(warehouse, 'select count(*) from public.t')).toEqual([['0']])
    })

    it('that goes silent is given up after the deadline, as unknown', async () => {
      const warehouse = await throughRelay()
      setTimeout(() => {
        mute = true
      }, 100)
      const work = warehouse.exec('select pg_sleep(1)', statement('mute', { timeoutMs: 300 }))
      await expect(work).rejects.toMatchObject({ kind: 'unknown' })
    }, 30_000)
  })
})

if (postgres.length === 0) it.skip('not run: postgres (use npm run test:warehouses)', () => {})
