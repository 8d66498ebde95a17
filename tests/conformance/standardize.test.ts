import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TemplateEnvironment } from '../../runner/compile/compile.ts'
import { packageMacros } from '../support/package-macros.ts'
import { openTestWarehouse, statement, type TestWarehouse, warehousesUnderTest } from '../support/warehouses.ts'
import { standardizeCases } from './standardize-cases.ts'

describe.each(warehousesUnderTest().map(({ name }) => name))('standardisers on %s', (name) => {
  let test: TestWarehouse
  let macros: TemplateEnvironment

  beforeAll(async () => {
    macros = packageMacros(name)
    test = await openTestWarehouse(name)
  })
  afterAll(() => test?.drop())

  const evaluate = async (macro: string, values: readonly (string | null)[], args: readonly string[] = []) => {
    const { warehouse, schema } = test
    const table = { schema, name: 'given' }
    const given = values.map((value, i) => [String(i), value])
    await warehouse.exec(`drop table if exists ${schema}.given`, statement('drop'))
    await warehouse.exec(`create table ${schema}.given (n integer, v varchar)`, statement('create'))
    await warehouse.append(table, ['n', 'v'], given, statement('append'))
    const sql = `select ${macros.call(macro, ['v', ...args])} from ${schema}.given order by n`
    const rows = await warehouse.rows(sql, { ...statement('evaluate'), max: values.length })
    return rows.map(([cell]) => cell ?? null)
  }

  it.each(
    standardizeCases.map(({ macro, args = [], pairs }) => [[macro, ...args].join(' '), macro, args, pairs] as const),
  )('%s', async (_, macro, args, pairs) => {
    const made = await evaluate(
      macro,
      pairs.map(([from]) => from),
      args,
    )
    expect(pairs.map(([from], i) => [from, made[i]])).toEqual(pairs)
  })

  it('change nothing the second time', async () => {
    for (const { macro, args = [], pairs } of standardizeCases) {
      const once = pairs.map(([, to]) => to)
      expect([macro, args, await evaluate(macro, once, args)]).toEqual([macro, args, once])
    }
  })

  it('refuse a country without a numbering plan by name', () => {
    expect(() => macros.call('standardize.phone', ['v', 'ZZ'])).toThrow(/no numbering plan for "ZZ"; known: AE, AT/)
  })
})

it('covers more than a hundred values', () => {
  expect(standardizeCases.flatMap(({ pairs }) => pairs).length).toBeGreaterThan(100)
})
