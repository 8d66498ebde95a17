/** What goes wrong with a server: logins, rights, and a server that goes away half-way. Runs where Postgres runs. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WarehouseSettings } from '../../runner/warehouse/warehouse.ts'
import { type Changes, type MistakeProject, mistakeProject, PROJECT_FILE } from '../support/mistake-project.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'

const postgres = warehousesUnderTest().filter(({ name }) => name === 'postgres')

describe.each(postgres)('a Postgres server', (under) => {
  let project: MistakeProject
  let settings: WarehouseSettings
  let drop: () => Promise<void>
  beforeEach(async () => {
    ;({ settings, drop } = await under.settings())
    project = await mistakeProject({ type: 'postgres', settings })
  })
  afterEach(async () => {
    await project.control.clearFaults()
    await project.close()
    await drop()
  })

  /** As the administrator, on a database of its own: the test's may be closed. */
  async function asAdmin(...statements: string[]): Promise<void> {
    const { host, port, user, password } = settings
    const login = { host: String(host), port: Number(port), user: String(user), password: String(password) }
    const client = new pg.Client({ ...login, database: 'postgres' })
    await client.connect()
    for (const sql of statements) await client.query(sql)
    await client.end()
  }

  const inTarget = (from: string, to: string): Changes => ({ [PROJECT_FILE]: [[from, to]] })
  const goAway = [
    `alter database ${'$db'} with allow_connections false`,
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${'$db'}'`,
  ]
  const ofDatabase = (statements: readonly string[]) =>
    statements.map((sql) => sql.replaceAll('$db', String(settings.database)))

  test('E-WH-AUTH: a wrong password', async () => {
    const changed = project.change(
      inTarget("{{ env_var('TEST_WAREHOUSE_PASSWORD') }}", "{{ env_var('SF_TEST_TOKEN') }}"),
    )
    const told = await changed.tell()
    expect(told).toMatchObject({ exit: 2, requests: 0, problems: [{ code: 'E-WH-AUTH', file: PROJECT_FILE, line: 5 }] })
    expect(told.problems[0]?.message).toMatch(
      /^login at 127\.0\.0\.1:\d+\/test_\w+ refused: password authentication failed/,
    )
    expect(told.problems[0]?.help).toContain('check user, password and database')
  })

  test('E-WH-AUTH: a database that does not exist', async () => {
    const told = await project.tell(inTarget(String(settings.database), 'no_such_database'))
    expect(told).toMatchObject({ exit: 2, requests: 0, problems: [{ code: 'E-WH-AUTH', file: PROJECT_FILE, line: 5 }] })
    expect(told.problems[0]?.message).toContain('database "no_such_database" does not exist')
  })

  test('E-WH-ROLE: a role that may not create anything, with the grant to ask for', async () => {
    const role = `reader_${settings.database}`
    await asAdmin(`create role ${role}`)
    const changed = project.change(inTarget('"schema":"backfeed"', `"schema":"backfeed","role":"${role}"`))
    const told = await changed.tell()
    expect(told).toMatchObject({ exit: 2, requests: 0, problems: [{ code: 'E-WH-ROLE' }] })
    expect(told.problems[0]?.message).toContain(`permission denied for database ${settings.database}`)
    expect(told.problems[0]?.help).toContain(`grant create on database ${settings.database} to`)
    await asAdmin(`drop role ${role}`)
  })

  test('E-WH-ROLE: a role that does not exist', async () => {
    const changed = project.change(inTarget('"schema":"backfeed"', '"schema":"backfeed","role":"nobody_here"'))
    const told = await changed.tell()
    expect(told).toMatchObject({
      exit: 2,
      requests: 0,
      problems: [{ code: 'E-WH-ROLE', ...changed.at(PROJECT_FILE, '"nobody_here"') }],
    })
    expect(told.problems[0]?.message).toContain('role "nobody_here" does not exist')
  })

  test('its backend is killed while a model is built: 75, nothing is sent, and the next run is whole', async () => {
    const slow: Changes = {
      'models/accounts.sql': [['  ltv,', '  ltv + cast(length(cast(pg_sleep(30) as text)) as integer) as ltv,']],
    }
    const telling = project.tell(slow)
    await waitFor(async () => (await activeSleeps()) > 0)
    await asAdmin(...ofDatabase(goAway.slice(1)))
    const told = await telling
    expect(told).toMatchObject({ exit: 75, json: { status: 'error' } })
    expect(told.problems.map(({ code }) => code)).toEqual(['E-WH-CONNECT'])
    expect(told.problems[0]?.message).toContain('terminating connection due to administrator command')
    expect(await project.tellWrites(['run'])).toMatchObject({ exit: 0, problems: [] })
  })

  test('it goes away while rows are sent: 75, and the next run settles what was on its way', async () => {
    await project.control.addFault({
      match: { crm: 'salesforce', path: '/composite\\/sobjects/' },
      action: { delay_ms: 1_500 },
    })
    const running = project.tellWrites(['run', '-s', 'accounts'])
    await waitFor(async () => (await project.query('select 1 from backfeed.sync_intent')).length > 0)
    await asAdmin(...ofDatabase(goAway))
    const told = await running
    expect(told.exit).toBe(75)
    expect(told.problems.map(({ code }) => code)).toEqual(['E-WH-CONNECT'])
    await asAdmin(`alter database ${settings.database} with allow_connections true`)
    await project.control.clearFaults()
    expect(await project.control.records('salesforce', 'Account')).toHaveLength(2)
    // The rows may have been applied: they are recorded as unknown, and no second record is made.
    await project.execute('update backfeed.sync_lease set holder = null, expires_at = null')
    const next = await project.tellWrites(['run', '-s', 'accounts'])
    expect([0, 5]).toContain(next.exit)
    expect(await project.control.records('salesforce', 'Account')).toHaveLength(2)
    expect(await project.query('select * from backfeed_audit.reconciliation')).toEqual([])
  })

  async function activeSleeps(): Promise<number> {
    const sql =
      "select count(*) from pg_stat_activity where query like '%pg_sleep(30)%' and query not like '%pg_stat_activity%' and state = 'active'"
    return Number((await project.query(sql))[0]?.[0] ?? 0)
  }
})

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await condition().catch(() => false)) return
    await sleep(50)
  }
  throw new Error('the condition never came true')
}

if (postgres.length === 0) test.skip('not run: postgres (use npm run test:warehouses)', () => {})
