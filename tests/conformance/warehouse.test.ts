import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWarehouse } from '../../runner/warehouse/registry.ts'
import type { TextRow, Warehouse } from '../../runner/warehouse/warehouse.ts'
import { WarehouseError } from '../../runner/warehouse/warehouse-error.ts'
import { openTestWarehouse, statement, type TestWarehouse, warehousesUnderTest } from '../support/warehouses.ts'

const names = warehousesUnderTest().map(({ name }) => name)
const places = names.flatMap((name) => (name === 'duckdb' ? (['duckdb', 'duckdb in memory'] as const) : [name]))
if (!names.includes('postgres')) console.log('not run: postgres (use npm run test:warehouses)')

/** Runs long enough on every engine that a cancel must stop it, and returns one row. */
const longStatement: Record<(typeof names)[number], string> = {
  duckdb: 'select count(*) from range(3000000) a, range(3000000) b where (a.range * b.range) % 7 = 1',
  postgres: 'select count(*) from generate_series(1, 3000000) a, generate_series(1, 3000) b where (a * b) % 7 = 1',
}

const big = 'x'.repeat(32_000)
const hostileTexts = [
  '',
  'null',
  'NULL',
  ' ',
  ' lead and trail ',
  `it's`,
  '"quoted"',
  `''; drop table t; --`,
  'back\\slash \\n \\u0041',
  'line\nfeed\r\ntab\t',
  '😀 e\u0301 é \u00a0 \u200b',
  '{"json": [1, "a"]}',
  '{a,b}',
  '$1 %s {{ y }}',
  big,
]

async function openPlace(place: (typeof places)[number]): Promise<TestWarehouse> {
  if (place !== 'duckdb in memory') return openTestWarehouse(place)
  const settings = { path: ':memory:' }
  const warehouse = await openWarehouse({ type: 'duckdb', settings }, { projectDir: '.' })
  await warehouse.exec('create schema backfeed', statement('create-schema'))
  return { warehouse, schema: 'backfeed', settings, drop: () => warehouse.close() }
}

describe.each(places)('warehouse seam on %s', (place) => {
  let test: TestWarehouse
  let warehouse: Warehouse
  const t = (name: string) => ({ schema: test.schema, name })
  const exec = (sql: string) => warehouse.exec(sql, statement('exec'))
  const rows = (sql: string, max = 100) => warehouse.rows(sql, { ...statement('rows'), max })
  const slow = longStatement[place === 'duckdb in memory' ? 'duckdb' : place]

  beforeAll(async () => {
    test = await openPlace(place)
    warehouse = test.warehouse
  })
  afterAll(() => test?.drop())

  describe('cells', () => {
    it.each([
      ['bigint beyond 2^53', `cast(9007199254740993 as bigint)`, '9007199254740993'],
      ['negative bigint', `cast('-9223372036854775808' as bigint)`, '-9223372036854775808'],
      ['decimal keeps its scale', `cast('1.10' as decimal(10,2))`, '1.10'],
      ['0.1 as decimal', `cast('0.1' as decimal(10,1))`, '0.1'],
      ['wide decimal', `cast('12345678901234567890.123456789' as decimal(38,9))`, '12345678901234567890.123456789'],
      ['negative fraction', `cast('-0.05' as decimal(10,2))`, '-0.05'],
      ['sum of bigints', `(select sum(x) from (values (cast(9007199254740993 as bigint))) v(x))`, '9007199254740993'],
      ['true', `1 = 1`, 'true'],
      ['false', `1 = 0`, 'false'],
      ['date', `cast('2024-02-29' as date)`, '2024-02-29'],
      ['old date', `cast('0001-01-01' as date)`, '0001-01-01'],
      ['timestamp without zone is UTC', `cast('2024-03-31 02:30:00' as timestamp)`, '2024-03-31T02:30:00.000000Z'],
      ['timestamp with micros', `cast('2024-01-02 03:04:05.000007' as timestamp)`, '2024-01-02T03:04:05.000007Z'],
      ['timestamp before 1970', `cast('1969-12-31 23:59:59.5' as timestamp)`, '1969-12-31T23:59:59.500000Z'],
      ['timestamp with zone', `cast('2024-10-27 02:30:00+02' as timestamptz)`, '2024-10-27T00:30:00.000000Z'],
      ['timestamp past 9999', `cast('10000-01-01 00:00:00' as timestamp)`, '10000-01-01T00:00:00.000000Z'],
      ['infinity', `cast('infinity' as timestamp)`, 'infinity'],
      ['null', `cast(null as varchar)`, null],
      ['typed null', `cast(null as timestamptz)`, null],
      ['empty text', `''`, ''],
      ['the word null', `'null'`, 'null'],
      ['a number in text', `'007'`, '007'],
      ['double', `cast(0.5 as double precision)`, '0.5'],
    ])('%s', async (_, expression, expected) => {
      expect(await rows(`select ${expression} as x`)).toEqual([[expected]])
    })

    it('come in the order of the select list, two of one name included', async () => {
      expect(await rows(`select 'b' as x, 'a' as x, null as y`)).toEqual([['b', 'a', null]])
    })

    it('do not depend on the zone a role or session would have', async () => {
      expect(await rows(`select cast(cast('2024-01-01 00:00:00+00' as timestamptz) as varchar)`)).toEqual([
        ['2024-01-01 00:00:00+00'],
      ])
    })
  })

  describe('rows', () => {
    it('gives none, up to max, and refuses more', async () => {
      const sql = 'select x from (values (1), (2), (3)) v(x) order by x'
      expect(await rows(`select x from (${sql}) s where x > 3`, 3)).toEqual([])
      expect(await rows(sql, 3)).toEqual([['1'], ['2'], ['3']])
      await expect(rows(sql, 2)).rejects.toMatchObject({ code: 'E-WH-TOO-MANY-ROWS' })
      expect(await rows(`select 'still alive'`)).toEqual([['still alive']])
    })

    it('refuses a second statement in one call', async () => {
      await expect(rows('select 1; select 2')).rejects.toMatchObject({ kind: 'syntax' })
      await expect(exec(`create table ${test.schema}.two(a int); select 1`)).rejects.toMatchObject({ kind: 'syntax' })
      expect(await warehouse.columns(t('two'))).toBeUndefined()
    })
  })

  describe('exec', () => {
    it('tells how many rows were written', async () => {
      expect(await exec(`create table ${test.schema}.counted as select * from (values (1), (2), (3)) v(x)`)).toEqual({
        affected: 3,
      })
      expect(await exec(`update ${test.schema}.counted set x = 9 where x > 1`)).toEqual({ affected: 2 })
      expect(await exec(`update ${test.schema}.counted set x = 9 where x > 99`)).toEqual({ affected: 0 })
      expect(await exec(`insert into ${test.schema}.counted select 5 where 1 = 1`)).toEqual({ affected: 1 })
      expect(await exec(`delete from ${test.schema}.counted`)).toEqual({ affected: 4 })
    })
  })

  describe('append', () => {
    const typed = ['text_c', 'int_c', 'big_c', 'dec_c', 'bool_c', 'date_c', 'ts_c', 'tz_c']
    const typedRow: TextRow = [
      'é',
      '-7',
      '9007199254740993',
      '1.10',
      'true',
      '2024-02-29',
      '2024-01-02T03:04:05.123456Z',
      '2024-01-02T03:04:05.000000Z',
    ]

    it('is read back exactly, whatever the column type', async () => {
      await exec(`create table ${test.schema}.typed (text_c varchar, int_c integer, big_c bigint, dec_c decimal(10,2),
        bool_c boolean, date_c date, ts_c timestamp, tz_c timestamptz)`)
      await warehouse.append(t('typed'), typed, [typedRow, typed.map(() => null)], statement('append'))
      await warehouse.append(
        t('typed'),
        ['tz_c', 'text_c'],
        [['2024-07-01T02:00:00.5+02:00', 'other order']],
        statement('append'),
      )
      expect(await rows(`select ${typed.join(', ')} from ${test.schema}.typed order by text_c nulls last`)).toEqual([
        ['other order', null, null, null, null, null, null, '2024-07-01T00:00:00.500000Z'],
        typedRow,
        typed.map(() => null),
      ])
    })

    it('keeps every hostile text, and null apart from empty', async () => {
      await exec(`create table ${test.schema}.hostile (n integer, v varchar)`)
      const cells = [...hostileTexts, null].map((text, i): TextRow => [String(i), text])
      await warehouse.append(t('hostile'), ['n', 'v'], cells, statement('append'))
      expect(await rows(`select n, v from ${test.schema}.hostile order by n`)).toEqual(cells)
    })

    it('takes thousands of rows in one call and nothing in none', async () => {
      await exec(`create table ${test.schema}.many (n bigint, v varchar)`)
      const many = Array.from({ length: 12_345 }, (_, i): TextRow => [String(i), i % 3 === 0 ? null : `v${i}`])
      await warehouse.append(t('many'), ['n', 'v'], many, statement('append'))
      await warehouse.append(t('many'), ['n', 'v'], [], statement('append'))
      expect(await rows(`select count(*), count(v), sum(n) from ${test.schema}.many`)).toEqual([
        ['12345', '8230', String((12_344 * 12_345) / 2)],
      ])
    })

    it('repeated by event id changes nothing in a view over distinct events', async () => {
      await exec(`create table ${test.schema}.log (event_id varchar, v varchar)`)
      const events: TextRow[] = [
        ['e1', 'a'],
        ['e2', 'b'],
      ]
      for (let i = 0; i < 2; i++) await warehouse.append(t('log'), ['event_id', 'v'], events, statement('append'))
      expect(await rows(`select distinct event_id, v from ${test.schema}.log order by 1`)).toEqual(events)
    })

    it('refuses a value of the wrong type without showing it, and writes none of the rows', async () => {
      await exec(`create table ${test.schema}.strict (n integer)`)
      const failure = await warehouse
        .append(t('strict'), ['n'], [['1'], ['s3cret-value']], statement('append'))
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(WarehouseError)
      expect(failure).toMatchObject({ kind: 'data', code: 'E-SQL-WAREHOUSE' })
      expect(String(failure)).not.toContain('s3cret')
      expect(await rows(`select count(*) from ${test.schema}.strict`)).toEqual([['0']])
    })

    it('writes to reserved and mixed-case column names', async () => {
      await exec(`create table ${test.schema}.odd ("select" varchar, "Mixed Case" varchar, "order" integer)`)
      await warehouse.append(t('odd'), ['order', 'Mixed Case', 'select'], [['1', 'm', 's']], statement('append'))
      expect(await rows(`select "select", "Mixed Case", "order" from ${test.schema}.odd`)).toEqual([['s', 'm', '1']])
      expect((await warehouse.columns(t('odd')))?.map((c) => c.name)).toEqual(['select', 'Mixed Case', 'order'])
    })
  })

  describe('page', () => {
    const n = 7
    const page = (from: number, to: number) => warehouse.page(t('paged'), ['v', 'Key'], { from, to }, statement('page'))

    beforeAll(async () => {
      await exec(`create table ${test.schema}.paged (seq bigint, "Key" varchar, v varchar)`)
      const order = [3, 1, 7, 2, 6, 5, 4].map((i): TextRow => [String(i), `k${i}`, i === 4 ? null : `v${i}`])
      await warehouse.append(t('paged'), ['seq', 'Key', 'v'], order, statement('append'))
    })

    it.each([
      ['0', 1, 0],
      ['1', 1, 1],
      ['n - 1', 1, n - 1],
      ['n', 1, n],
      ['the tail', n, n],
    ])('gives %s rows in order of seq', async (_, from, to) => {
      const expected = Array.from({ length: to - from + 1 }, (_row, i) => {
        const seq = from + i
        return [seq === 4 ? null : `v${seq}`, `k${seq}`]
      })
      expect(await page(from, to)).toEqual(expected)
    })

    it('of n + 1 rows is short', async () => {
      await expect(page(1, n + 1)).rejects.toMatchObject({ code: 'E-WH-SHORT-PAGE' })
    })

    it('with a missing, repeated or null seq is short', async () => {
      await exec(`create table ${test.schema}.gaps (seq bigint, v varchar)`)
      const gaps: TextRow[] = [
        ['1', 'a'],
        ['2', 'b'],
        ['2', 'b2'],
        ['4', 'd'],
        [null, 'e'],
      ]
      await warehouse.append(t('gaps'), ['seq', 'v'], gaps, statement('append'))
      const gap = (from: number, to: number) => warehouse.page(t('gaps'), ['v'], { from, to }, statement('page'))
      await expect(gap(1, 4)).rejects.toMatchObject({ code: 'E-WH-SHORT-PAGE' })
      await expect(gap(2, 2)).rejects.toMatchObject({ code: 'E-WH-SHORT-PAGE' })
      await expect(gap(3, 4)).rejects.toMatchObject({ code: 'E-WH-SHORT-PAGE' })
      expect(await gap(1, 1)).toEqual([['a']])
    })
  })

  describe('atomic', () => {
    it('applies statements and appends together, in order', async () => {
      await warehouse.atomic(
        [
          `create table ${test.schema}.moved (k varchar, n integer)`,
          {
            table: t('moved'),
            columns: ['k', 'n'],
            rows: [
              ['a', '1'],
              ['b', '2'],
            ],
          },
          `delete from ${test.schema}.moved where k = 'a'`,
          { table: t('moved'), columns: ['n', 'k'], rows: [['3', 'a']] },
        ],
        statement('atomic'),
      )
      expect(await rows(`select k, n from ${test.schema}.moved order by k`)).toEqual([
        ['a', '3'],
        ['b', '2'],
      ])
    })

    it.each([
      ['a failing statement', 'select * from does_not_exist_at_all'],
      ['a failing append', undefined],
    ])('with %s leaves nothing behind and the warehouse usable', async (_, bad) => {
      await exec(`create table if not exists ${test.schema}.kept (n integer)`)
      const steps = [
        `create table ${test.schema}.left_behind (n integer)`,
        { table: t('kept'), columns: ['n'], rows: [['1']] },
        bad ?? { table: t('kept'), columns: ['n'], rows: [['not a number']] },
      ]
      await expect(warehouse.atomic(steps, statement('atomic'))).rejects.toBeInstanceOf(WarehouseError)
      expect(await warehouse.columns(t('left_behind'))).toBeUndefined()
      expect(await rows(`select count(*) from ${test.schema}.kept`)).toEqual([['0']])
    })

    it('cancelled in the middle leaves nothing behind', async () => {
      await exec(`create table ${test.schema}.uncut (n integer)`)
      const controller = new AbortController()
      const work = warehouse.atomic(
        [{ table: t('uncut'), columns: ['n'], rows: [['1']] }, `insert into ${test.schema}.uncut ${slow}`],
        statement('atomic', { signal: controller.signal }),
      )
      setTimeout(() => controller.abort(), 150)
      await expect(work).rejects.toMatchObject({ code: 'E-WH-CANCELLED', kind: 'transient' })
      expect(await rows(`select count(*) from ${test.schema}.uncut`)).toEqual([['0']])
      await warehouse.append(t('uncut'), ['n'], [['2']], statement('append'))
      expect(await rows(`select n from ${test.schema}.uncut`)).toEqual([['2']])
    })
  })

  describe('deadlines and cancellation', () => {
    it('stop the statement on the server, and the next one works', async () => {
      const startedMs = performance.now()
      await expect(warehouse.rows(slow, { ...statement('slow', { timeoutMs: 150 }), max: 1 })).rejects.toMatchObject({
        code: 'E-WH-TIMEOUT',
        kind: 'transient',
      })
      expect(performance.now() - startedMs).toBeLessThan(5_000)
      expect(await rows('select 1')).toEqual([['1']])
    })

    it('follow the signal', async () => {
      const controller = new AbortController()
      const work = warehouse.exec(slow, statement('slow', { signal: controller.signal }))
      setTimeout(() => controller.abort(new Error('user')), 100)
      await expect(work).rejects.toMatchObject({ code: 'E-WH-CANCELLED' })
      await expect(warehouse.exec('select 1', statement('slow', { signal: controller.signal }))).rejects.toMatchObject({
        code: 'E-WH-CANCELLED',
      })
      expect(await rows('select 1')).toEqual([['1']])
    })

    it('of one call do not touch another', async () => {
      const short = warehouse.rows(slow, { ...statement('slow', { timeoutMs: 100 }), max: 1 }).catch(() => 'cut')
      const others = Promise.all(Array.from({ length: 8 }, (_, i) => rows(`select ${i}`)))
      expect(await short).toBe('cut')
      expect(await others).toEqual(Array.from({ length: 8 }, (_, i) => [[String(i)]]))
    })
  })

  describe('columns', () => {
    it('gives names in order and field types', async () => {
      await exec(`create table ${test.schema}.shapes (a varchar, b varchar(20), c boolean, d integer, e bigint,
        f decimal(12,3), g date, h timestamp, i timestamptz, j double precision, k real, l uuid, m time)`)
      const columns = await warehouse.columns(t('shapes'))
      expect(columns?.map(({ name, type }) => [name, type.kind])).toEqual([
        ['a', 'text'],
        ['b', 'text'],
        ['c', 'bool'],
        ['d', 'integer'],
        ['e', 'integer'],
        ['f', 'decimal'],
        ['g', 'date'],
        ['h', 'timestamp'],
        ['i', 'timestamp'],
        ['j', 'float'],
        ['k', 'float'],
        ['l', 'other'],
        ['m', 'other'],
      ])
      expect(columns?.[5]?.type).toEqual({ kind: 'decimal', precision: 12, scale: 3 })
    })

    it('sees views, and undefined for what is not there', async () => {
      await exec(`create table ${test.schema}.base (a integer)`)
      await exec(`create view ${test.schema}.seen as select a, cast(a as varchar) as b from ${test.schema}.base`)
      expect((await warehouse.columns(t('seen')))?.map((c) => c.type.kind)).toEqual(['integer', 'text'])
      expect(await warehouse.columns(t('nowhere'))).toBeUndefined()
      expect(await warehouse.columns({ schema: 'no_such_schema', name: 'base' })).toBeUndefined()
    })
  })

  describe('estimate', () => {
    it('answers without running the statement', async () => {
      await exec(`create table ${test.schema}.estimated (a integer)`)
      await warehouse.estimate(`insert into ${test.schema}.estimated values (1)`)
      expect(await rows(`select count(*) from ${test.schema}.estimated`)).toEqual([['0']])
      expect((await warehouse.estimate('select * from (values (1), (2)) v(x)')).rows).toBeGreaterThan(0)
    })
  })

  describe('errors', () => {
    it.each([
      ['syntax', 'syntax', 'selec 1', 1],
      ['a missing table', 'missing', 'select *\nfrom does_not_exist_at_all', 2],
      ['a missing column', 'missing', 'select 1,\n  2,\n  no_such_column from (select 1 as a) t', 3],
      ['a cast', 'data', `select cast(x as integer) from (select 's3cret' as x) t`, undefined],
      ['a cast of a quote', 'data', `select cast(x as date) from (select 's3''"cret' as x) t`, undefined],
    ])('%s is %s', async (_, kind, sql, line) => {
      const failure = await rows(sql).catch((error: unknown) => error)
      expect(failure).toMatchObject({ kind, code: 'E-SQL-WAREHOUSE', exitCode: 2 })
      expect(String(failure)).not.toMatch(/s3|cret/)
      if (line !== undefined) expect(failure).toMatchObject({ line })
      expect(failure instanceof WarehouseError && failure.cause).toBeInstanceOf(Error)
    })

    it('a violated constraint is data', async () => {
      await exec(`create table ${test.schema}.constrained (k varchar primary key, v integer not null)`)
      await exec(`insert into ${test.schema}.constrained values ('s3cret', 1)`)
      const again = await exec(`insert into ${test.schema}.constrained values ('s3cret', 1)`).catch((e: unknown) => e)
      expect(again).toMatchObject({ kind: 'data' })
      expect(String(again)).not.toContain('s3cret')
      await expect(exec(`insert into ${test.schema}.constrained values ('b', null)`)).rejects.toMatchObject({
        kind: 'data',
      })
    })

    it('a table that exists is a conflict', async () => {
      await exec(`create table ${test.schema}.twice (a integer)`)
      await expect(exec(`create table ${test.schema}.twice (a integer)`)).rejects.toMatchObject({ kind: 'conflict' })
    })
  })

  it('answers concurrent callers each with its own result', async () => {
    await exec(`create table ${test.schema}.busy (n integer)`)
    const work = Array.from({ length: 20 }, async (_, i) => {
      await warehouse.append(t('busy'), ['n'], [[String(i)]], statement('append'))
      return (await rows(`select ${i} as x`))[0]?.[0]
    })
    expect(await Promise.all(work)).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
    expect(await rows(`select count(*), sum(n) from ${test.schema}.busy`)).toEqual([['20', '190']])
  })

  it('times every statement and tells its tag', async () => {
    const seen: unknown[] = []
    const { settings } = test
    const type = warehouse.name
    const other = await openWarehouse({ type, settings }, { projectDir: '.', onStatement: (s) => seen.push(s) })
    await other.exec('select 1', statement('timed'))
    await other.exec('selec', statement('broken')).catch(() => {})
    await other.close()
    expect(seen).toMatchObject([
      { operation: 'exec', ok: true, tag: { step: 'timed' }, elapsedMs: expect.any(Number) },
      { operation: 'exec', ok: false, tag: { step: 'broken' } },
    ])
  })

  it('refuses calls after close, and closes twice', async () => {
    const other = await openWarehouse({ type: warehouse.name, settings: test.settings }, { projectDir: '.' })
    await other.close()
    await other.close()
    await expect(other.exec('select 1', statement('closed'))).rejects.toMatchObject({ code: 'E-INTERNAL' })
  })
})
