import { describe, expect, test } from 'vitest'
import { compileModels } from '../../../runner/compile/compile-models.ts'
import { readPackageMacros } from '../../../runner/compile/package-files.ts'
import { compiledProject, projectOf, target } from './try-project.ts'
import { told } from './try-template.ts'

describe('the graph', () => {
  test('every model comes after those it reads, with relations, seeds and sources', () => {
    const { models } = compiledProject({
      models: {
        z_base: "select * from {{ source('crm', 'customers') }}",
        a_top: "select 1 from {{ ref('m_mid') }} join {{ ref('z_base') }} using (id)",
        m_mid: "select 1 from {{ ref('z_base') }} join {{ ref('plans') }} using (id)",
      },
      seeds: ['plans'],
      sources: [{ sourceName: 'crm', table: 'customers', schema: 'raw' }],
    })
    expect(models.map((model) => model.name)).toEqual(['z_base', 'm_mid', 'a_top'])
    expect(models[0]).toMatchObject({
      relation: { schema: 'backfeed', name: 'z_base' },
      materialized: 'table',
      sql: 'select * from "raw"."customers"',
      sources: ['crm.customers'],
      dependsOn: [],
    })
    expect(models[1]).toMatchObject({
      sql: 'select 1 from "backfeed"."z_base" join "backfeed"."plans" using (id)',
      dependsOn: ['plans', 'z_base'],
    })
  })

  test('a ref inside a macro orders models too', () => {
    const { models } = compiledProject({
      models: { a: 'select * from {{ base() }}', b: 'select 1 as x' },
      macros: { 'macros/base.sql': "{% macro base() %}{{ ref('b') }}{% endmacro %}" },
    })
    expect(models.map(({ name }) => name)).toEqual(['b', 'a'])
  })

  test('a cycle is named with the place of each ref', () => {
    const found = told(() =>
      compiledProject({
        models: {
          a: "select 1\nfrom {{ ref('c') }}",
          b: "select 1 from {{ ref('a') }}",
          c: "\nselect 2 from {{ ref('b') }}",
        },
      }),
    )
    expect(found).toEqual([
      'E-TPL-CYCLE models/a.sql:2:13 models read each other in a circle: a -> c -> b -> a ' +
        '(a reads c at models/a.sql:2:13; c reads b at models/c.sql:2:22; b reads a at models/b.sql:1:22)',
    ])
  })

  test('a model that reads itself is a cycle', () => {
    expect(told(() => compiledProject({ models: { a: "select 1 from {{ ref('a') }}" } }))[0]).toMatch(/a -> a \(/)
  })

  test('an unknown model, package or source is named with what is near', () => {
    const found = told(() =>
      compiledProject({
        models: {
          orders: "select 1 from {{ ref('custmers') }}",
          other: "select 1 from {{ ref('shop', 'orders') }} {{ source('crm', 'custom') }}",
          customers: 'select 1',
        },
        sources: [{ sourceName: 'crm', table: 'customs' }],
      }),
    )
    expect(found).toEqual([
      'E-TPL-REF models/orders.sql:1:22 model "custmers" not found (did you mean "customers"?)',
      'E-TPL-REF models/other.sql:1:30 package "shop" not found (expected one of: test_project)',
      'E-TPL-REF models/other.sql:1:60 source "crm.custom" not found (did you mean "crm.customs"?)',
    ])
  })
})

describe('config() in the file', () => {
  test('beats property files, and moves what refers to the model', () => {
    const { models } = compiledProject({
      models: {
        a: "{{ config(materialized='view', schema='marts', tags=['x']) }}\nselect 1 -- {{ this }}",
        b: "select 1 from {{ ref('a') }}",
      },
    })
    expect(models[0]).toMatchObject({
      materialized: 'view',
      relation: { schema: 'marts', name: 'a' },
      tags: ['x'],
      sql: 'select 1 -- "marts"."a"',
      sourceLines: [2],
    })
    expect(models[1]?.sql).toBe('select 1 from "marts"."a"')
  })

  test.each([
    ["materialized='incremental'", 'E-CFG-NOTYET models/a.sql:2:4 `materialized: incremental` is not supported yet'],
    ["materialized='tabel'", 'E-CFG-VALUE models/a.sql:2:4 unknown materialization'],
    [
      "materialised='view'",
      'E-CFG-UNKNOWN models/a.sql:2:4 unknown key "materialised" in config() (did you mean "materialized"?)',
    ],
    ["unique_key='id'", 'E-CFG-NOTYET models/a.sql:2:4 `unique_key` in config() is not supported yet'],
    ["schema='a\"; drop'", 'E-CFG-NAME models/a.sql:2:4 the schema in config() cannot be used as a name'],
    ['tags=[1]', 'E-CFG-TYPE models/a.sql:2:4 tags in config() must be a text or a list of texts'],
  ])('config(%s) is refused', (config, expected) => {
    const [first] = told(() => compiledProject({ models: { a: `\n{{ config(${config}) }}select 1` } }))
    expect(first?.startsWith(expected), first).toBe(true)
  })
})

describe('what a model may be', () => {
  test.each([
    ['select 1;\n\nselect 2', 'E-SQL-NOTSELECT models/a.sql:1:9'],
    ['{# why #}\n\n  delete from x', 'E-SQL-NOTSELECT models/a.sql:3:3'],
    ["{% if true %}\nselect 1\n{% endif %}\n; drop table {{ ref('b') }}", 'E-SQL-NOTSELECT models/a.sql:4:1'],
    ['', 'E-SQL-NOTSELECT models/a.sql:1:1'],
  ])('%j is not one SELECT', (text, expected) => {
    const found = told(() => compiledProject({ models: { a: text, b: 'select 1' } }))
    expect(found[0]?.startsWith(expected), found[0]).toBe(true)
  })

  test('a semicolon at the end is tolerated and taken off', () => {
    expect(compiledProject({ models: { a: "select ';' ;\n" } }).models[0]?.sql).toBe("select ';'")
  })

  test('a star warns only in a model that a sync reads, at its place', () => {
    const models = { a: '\nselect\n  *\nfrom x', b: 'select * from y' }
    expect(compiledProject({ models, syncs: { accounts: 'a' } }).warnings).toEqual([
      {
        code: 'W-SQL-STAR',
        message: 'sync "accounts" reads this model: with "*" a new source column changes what it reads',
        at: { file: 'models/a.sql', line: 3, column: 3 },
        help: 'list the columns',
      },
    ])
    expect(compiledProject({ models }).warnings).toEqual([])
  })

  test.each(['sync_run', 'state_accounts', 'candidates_x', 'staging_orders', 'source_accounts'])(
    'the private name %s is refused in the private schema, for models and seeds',
    (name) => {
      const syncs = { accounts: 'other' }
      const other = 'select 1 as id'
      expect(told(() => compiledProject({ models: { [name]: 'select 1', other }, syncs }))[0]).toMatch(
        new RegExp(`^E-CFG-NAME models/${name}.sql:1:1 .*Backfeed's own tables`),
      )
      expect(told(() => compiledProject({ models: { other }, seeds: [name], syncs }))[0]).toMatch(/^E-CFG-NAME seeds/)
      const elsewhere = { [name]: "{{ config(schema='marts') }}select 1", other }
      expect(compiledProject({ models: elsewhere, syncs }).models).toHaveLength(2)
    },
  )

  test('an ordinary word is private only in front of the name of a sync', () => {
    expect(compiledProject({ models: { source_orders: 'select 1' }, syncs: {} }).models).toHaveLength(1)
  })

  test('all problems of all models come at once', () => {
    const models = { a: '{{ nope }}', b: 'drop table x', c: "select 1 from {{ ref('c') }}" }
    const codes = told(() => compiledProject({ models })).map((line) => line.split(' ').slice(0, 2).join(' '))
    expect(codes).toEqual([
      'E-TPL-UNDEF models/a.sql:1:4',
      'E-TPL-CYCLE models/c.sql:1:22',
      'E-SQL-NOTSELECT models/b.sql:1:1',
    ])
  })
})

test('compiling the same project twice gives the same', () => {
  const files = { models: { a: "select 1 from {{ ref('b') }}", b: 'select 1', c: 'select 1' } }
  const once = compiledProject(files)
  const again = compiledProject(files)
  expect(again.models).toEqual(once.models)
})

test.each([['duckdb'], ['postgres']])('the dialect files that ship for %s load, and quote names', (name) => {
  const project = projectOf({ models: { a: "select {{ sql.cast('1', {'kind': 'text'}) }}", b: "from {{ ref('a') }}" } })
  const { dialectFiles } = readPackageMacros([name])
  const request = { project, target, dialectChain: [name], env: {}, runStartedAt: 'x', invocationId: 'y' }
  const { models } = compileModels({ ...request, macros: { packageMacros: [], dialectFiles } })
  expect(models[1]?.sql).toBe('from "backfeed"."a"')
})
