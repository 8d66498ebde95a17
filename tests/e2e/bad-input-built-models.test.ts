/** Mistakes in models that only the warehouse finds: told at the model's own line, and no sync of the command runs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ACCOUNTS_SQL,
  type Changes,
  type MistakeProject,
  mistakeProject,
  type Told,
} from '../support/mistake-project.ts'
import { type TestWarehouseName, warehousesUnderTest } from '../support/warehouses.ts'

const ACCOUNTS = 'models/accounts.sql'
const COMPANIES = 'models/companies.sql'
const inAccounts = (line: string): Changes => ({ [ACCOUNTS]: [['  ltv,', `  ${line},`]] })

/** Postgres does not say where in a statement a value failed. */
const tellsTheLineOfAValue: Record<TestWarehouseName, boolean> = { duckdb: true, postgres: false }

describe.each(warehousesUnderTest())('on $name, a model that cannot be built', (under) => {
  let project: MistakeProject
  let drop: () => Promise<void>
  beforeAll(async () => {
    const { settings, drop: dropDatabase } = await under.settings()
    drop = dropDatabase
    project = await mistakeProject({ type: under.name, settings })
  })
  afterAll(async () => {
    await project.close()
    await drop()
  })

  async function refused(told: Told): Promise<void> {
    expect(told.exit).toBe(2)
    expect(told.problems.map(({ code }) => code)).toEqual(['E-SQL-WAREHOUSE'])
    expect(await project.query('select count(*) from backfeed.sync_run')).toEqual([['0']])
  }

  test.each([
    ['a column that is not there', inAccounts('ltvv'), 'ltvv', /ltvv/, /"?(given\.)?ltv"?/],
    [
      'SQL that does not parse',
      inAccounts('ltv ltv ltv'),
      'ltv,',
      /syntax error at or near/,
      /backfeed compile -s accounts/,
    ],
    [
      'a table that is not there',
      { [ACCOUNTS]: [['from (values', 'from nowhere.customers, (values']] } as Changes,
      'nowhere.customers',
      /nowhere\.customers/,
      /backfeed compile -s accounts/,
    ],
  ])('%s', async (_, changes, at, says, instead) => {
    const changed = project.change(changes)
    const told = await changed.tell()
    await refused(told)
    expect(told.problems[0]).toMatchObject(changed.at(ACCOUNTS, at))
    expect(told.problems[0]?.message).toMatch(says)
    expect(`${told.problems[0]?.hint} ${told.problems[0]?.help}`).toMatch(instead)
  })

  test('a value that fails half-way through a table', async () => {
    const changed = project.change(inAccounts('cast(company_name as integer) as ltv'))
    const told = await changed.tell()
    await refused(told)
    const { line } = changed.at(ACCOUNTS, 'cast(company_name')
    expect(told.problems[0]).toMatchObject({ file: ACCOUNTS, line: tellsTheLineOfAValue[under.name] ? line : 1 })
  })

  test('one of two: the sync whose model stands does not run either', async () => {
    const changed = project.change({ [COMPANIES]: [['segment\n', 'sgment\n']] })
    const told = await changed.tell()
    await refused(told)
    expect(told.problems[0]).toMatchObject(changed.at(COMPANIES, 'sgment'))
    expect(told.stderr).toContain('OK built model accounts')
  })

  test('its mistakes stand in one list with those of the mapping', async () => {
    const changed = project.change({
      [COMPANIES]: [['segment\n', 'sgment\n']],
      'syncs/accounts.yml': [['from: ltv', 'from: ltvv']],
      'syncs/companies.yml': [['to: segment', 'to: segmentt']],
    })
    const told = await changed.tell()
    expect(told.exit).toBe(2)
    expect(told.problems.map(({ code, file }) => [code, file])).toEqual([
      ['E-MAP-COLUMN', 'syncs/accounts.yml'],
      ['E-SQL-WAREHOUSE', COMPANIES],
      ['E-MAP-UNKNOWN-FIELD', 'syncs/companies.yml'],
    ])
  })

  test('a seed that was never loaded', async () => {
    const changed = project.change({
      'seeds/tiers.csv': 'customer_id,tier\nZW-77801,Gold\n',
      [COMPANIES]:
        "select customer_id as company_key, tier as company_name, tier as segment\nfrom {{ ref('tiers') }}\n",
    })
    const told = await changed.tell()
    await refused(told)
    expect(told.problems[0]).toMatchObject({
      file: COMPANIES,
      line: 2,
      help: expect.stringContaining('backfeed seed -s tiers'),
    })
  })

  test('a view fails when it is read: the sync says which model', async () => {
    const view = ACCOUNTS_SQL.replace('select\n', "{{ config(materialized='view') }}\nselect\n").replace(
      '  ltv,',
      '  cast(cast(company_name as integer) as decimal(18, 2)) as ltv,',
    )
    const companies = "select 'K-1' as company_key, 'One' as company_name, 'core' as segment\n"
    const changed = project.change({ [ACCOUNTS]: view, [COMPANIES]: companies })
    const told = await changed.tell('run', '-s', 'accounts')
    expect(told.exit).toBe(2)
    expect(told.problems).toMatchObject([
      { code: 'E-SQL-WAREHOUSE', ...changed.at('syncs/accounts.yml', "accounts')") },
    ])
    expect(told.stderr).toContain('help: a value of the model, or a rule that cannot take it')
    const events = await project.query("select event from backfeed.sync_run_event where event = 'aborted'")
    expect(events).toEqual([['aborted']])
  })

  test('W-SQL-STAR is told once, also when a selector walks the graph', async () => {
    const changed = project.change({
      [COMPANIES]: [['customer_id as company_key, company_name, segment', 'customer_id as company_key, *']],
    })
    for (const argv of [['plan'], ['plan', '-s', '+companies']]) {
      const told = await changed.tell(...argv)
      const { line, column } = changed.at(COMPANIES, '*')
      expect(told.exit).toBe(0)
      expect(told.stderr).toContain(`warning W-SQL-STAR  ${COMPANIES}:${line}:${column}  sync "companies"`)
      expect(told.stderr.match(/W-SQL-STAR {2}/g)).toHaveLength(1)
    }
  })
})
