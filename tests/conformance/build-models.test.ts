import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileModels } from '../../runner/compile/compile-models.ts'
import { readPackageMacros } from '../../runner/compile/package-files.ts'
import { buildModels } from '../../runner/sync/build-models.ts'
import { loadSeeds } from '../../runner/sync/load-seeds.ts'
import type { SyncEvent } from '../../runner/sync/session.ts'
import { openTestWarehouse, statement, type TestWarehouse, warehousesUnderTest } from '../support/warehouses.ts'
import { type ProjectFiles, projectOf } from '../unit/compile/try-project.ts'

const names = warehousesUnderTest().map(({ name }) => name)
if (!names.includes('postgres')) console.log('not run: postgres (use npm run test:warehouses)')

const clock = { monotonicMs: () => 0 }

describe.each(names)('models and seeds on %s', (name) => {
  let open: TestWarehouse
  let dir: string
  const options = (step: string) => statement(step)
  const rows = (sql: string) => open.warehouse.rows(sql, { ...statement('rows'), max: 100 })

  beforeAll(async () => {
    open = await openTestWarehouse(name)
    dir = mkdtempSync(join(tmpdir(), 'backfeed-seeds-'))
    mkdirSync(join(dir, 'seeds'))
  })
  afterAll(async () => {
    await open.drop()
    rmSync(dir, { recursive: true, force: true })
  })

  const compiled = (files: ProjectFiles) => {
    const project = { ...projectOf(files), dir }
    const target = { name: 'dev', type: name, schema: open.schema, threads: 1, settings: {} }
    const { dialectFiles } = readPackageMacros([name])
    const macros = { packageMacros: [], dialectFiles }
    return {
      project,
      target,
      ...compileModels({ project, target, env: {}, runStartedAt: '2026-01-01T00:00:00Z', invocationId: 'i', macros }),
    }
  }

  const build = async (models: Record<string, string>) => {
    const events: SyncEvent[] = []
    const { models: list, environment } = compiled({ models })
    const onEvent = (event: SyncEvent) => void events.push(event)
    const results = await buildModels({ warehouse: open.warehouse, environment, models: list, options, onEvent, clock })
    return { results, events }
  }

  const seed = async (files: Record<string, string>, types: Record<string, string> = {}) => {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, 'seeds', `${file}.csv`), text)
    const { project, target, environment } = compiled({ seeds: Object.keys(files) })
    const at = { file: 'seeds/seeds.yml', line: 3, column: 5 }
    const columns = new Map(
      Object.entries(types).map(([column, dataType]) => [column, { name: column, dataType, rules: [], at }]),
    )
    const seeds = [...project.seeds.values()].map((each) => ({ ...each, columns }))
    return loadSeeds({
      warehouse: open.warehouse,
      environment,
      project,
      target,
      seeds,
      options,
      onEvent: () => {},
      clock,
    })
  }

  test('models are built in order, with events', async () => {
    const { results, events } = await build({
      top: "select id + 1 as id from {{ ref('base') }}",
      base: "{{ config(materialized='view') }}select 41 as id",
    })
    expect(results.map(({ name, status, message }) => [name, status, message])).toEqual([
      ['base', 'ok', 'built view'],
      ['top', 'ok', 'built table'],
    ])
    expect(await rows(`select id from ${open.schema}.top`)).toEqual([['42']])
    expect(events.map((event) => ('name' in event ? `${event.kind} ${event.name}` : event.kind))).toEqual([
      'start base',
      'end base',
      'start top',
      'end top',
    ])
  })

  test('a model changes between table and view, and back', async () => {
    const as = (kind: string, value: number) =>
      build({ flips: `{{ config(materialized='${kind}') }}select ${value} as v` })
    for (const [kind, value] of [
      ['table', 1],
      ['view', 2],
      ['view', 3],
      ['table', 4],
      ['table', 5],
    ] as const) {
      const { results } = await as(kind, value)
      expect(results[0]).toMatchObject({ status: 'ok', message: `built ${kind}` })
      expect(await rows(`select v from ${open.schema}.flips`)).toEqual([[String(value)]])
    }
  })

  test('a schema that does not exist is made', async () => {
    const { results } = await build({ moved: "{{ config(schema='marts') }}select 7 as v" })
    expect(results[0]?.status).toBe('ok')
    expect(await rows('select v from marts.moved')).toEqual([['7']])
  })

  test('a name that is a keyword works', async () => {
    const { results } = await build({ order: 'select 1 as v', after: "select v from {{ ref('order') }}" })
    expect(results.map(({ status }) => status)).toEqual(['ok', 'ok'])
  })

  test('a failing model names its file and line, and stops those that read it, and only those', async () => {
    const { results } = await build({
      a_broken: '{# a comment\n   of two lines #}\nselect\n  1 as one,\n  nope as two\n',
      b_reads: "select * from {{ ref('a_broken') }}",
      c_reads: "select * from {{ ref('b_reads') }}",
      d_alone: 'select 1 as v',
    })
    expect(results.map(({ name, status }) => [name, status])).toEqual([
      ['a_broken', 'error'],
      ['b_reads', 'skipped'],
      ['c_reads', 'skipped'],
      ['d_alone', 'ok'],
    ])
    const [problem] = results[0]?.error?.problems ?? []
    expect(problem).toMatchObject({ code: 'E-SQL-WAREHOUSE', at: { file: 'models/a_broken.sql', line: 5 } })
    expect(problem?.message).toContain('nope')
    expect(results[2]?.message).toBe('it reads b_reads, which was not built')
  })

  test('a model that fails leaves its former table as it was', async () => {
    await build({ kept: 'select 1 as v' })
    const { results } = await build({ kept: "select cast('x' as integer) as v" })
    expect(results[0]?.status).toBe('error')
    expect(await rows(`select v from ${open.schema}.kept`)).toEqual([['1']])
  })

  test('a seed gets types that lose nothing, and is replaced as a whole', async () => {
    const first = [
      'Id,zip,amount,big,active,since,at,note,empty',
      '1,01234,1.50,99999999999999999999,true,2024-02-29,2024-01-31 09:08:07,"a,b",',
      '2,98765,-20,1,FALSE,2023-01-01,2024-01-31T09:08:07.5,"it\'s ""q""",""',
      '3,,,,,,,,',
    ].join('\r\n')
    expect((await seed({ people: `\uFEFF${first}` }))[0]).toMatchObject({ status: 'ok', message: '3 rows' })
    const columns = await open.warehouse.columns({ schema: open.schema, name: 'people' })
    expect(columns?.map(({ name, type }) => [name, type.kind])).toEqual([
      ['id', 'integer'],
      ['zip', 'text'],
      ['amount', 'decimal'],
      ['big', 'decimal'],
      ['active', 'bool'],
      ['since', 'date'],
      ['at', 'timestamp'],
      ['note', 'text'],
      ['empty', 'text'],
    ])
    expect(await rows(`select * from ${open.schema}.people order by id`)).toEqual([
      ['1', '01234', '1.50', '99999999999999999999', 'true', '2024-02-29', '2024-01-31T09:08:07.000000Z', 'a,b', null],
      ['2', '98765', '-20.00', '1', 'false', '2023-01-01', '2024-01-31T09:08:07.500000Z', `it's "q"`, null],
      ['3', null, null, null, null, null, null, null, null],
    ])
    expect((await seed({ people: 'id\n9\n' }))[0]?.status).toBe('ok')
    expect(await rows(`select * from ${open.schema}.people`)).toEqual([['9']])
  })

  test('data_type decides, in the words of every warehouse or of this one', async () => {
    const types = { code: 'text', amount: 'decimal(18, 3)', short: 'varchar(5)' }
    expect((await seed({ typed: 'code,amount,short\n7,1.5,abc\n' }, types))[0]?.status).toBe('ok')
    const columns = await open.warehouse.columns({ schema: open.schema, name: 'typed' })
    expect(columns?.map(({ type }) => type)).toEqual([
      { kind: 'text' },
      { kind: 'decimal', precision: 18, scale: 3 },
      { kind: 'text' },
    ])
  })

  test('a value that is not of the declared type is an error without the value, and the table stays', async () => {
    await seed({ ages: 'age\n5\n' })
    const [result] = await seed({ ages: 'age\nsecret_value\n' }, { age: 'bigint' })
    expect(result).toMatchObject({ status: 'error' })
    expect(result?.error?.problems[0]).toMatchObject({ code: 'E-SQL-WAREHOUSE', at: { file: 'seeds/ages.csv' } })
    expect(result?.message).not.toContain('secret_value')
    expect(await rows(`select age from ${open.schema}.ages`)).toEqual([['5']])
  })

  test('a type that is no type is refused where it is written', async () => {
    const [result] = await seed({ ages: 'age\n5\n' }, { age: 'text); drop table x' })
    expect(result?.error?.problems[0]).toMatchObject({ code: 'E-CFG-TYPE', at: { file: 'seeds/seeds.yml', line: 3 } })
  })

  test('a seed may take the place of a view', async () => {
    await build({ place: "{{ config(materialized='view') }}select 1 as v" })
    expect((await seed({ place: 'v\n2\n' }))[0]?.status).toBe('ok')
    expect(await rows(`select v from ${open.schema}.place`)).toEqual([['2']])
  })

  test('a header without rows makes an empty table', async () => {
    expect((await seed({ nothing: 'a,b\n' }))[0]).toMatchObject({ status: 'ok', message: '0 rows' })
    expect(await rows(`select * from ${open.schema}.nothing`)).toEqual([])
  })
})
