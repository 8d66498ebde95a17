/** The roles of `audit grants` as an administrator would make them: each can do its work, and not that of the others. */
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCOUNT_SCHEMA, accountsYaml } from '../promises/small-sync.ts'
import { type LiveProject, liveProject } from '../support/live-project.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'

const PASSWORD = 'role-password-of-this-test'

describe.each(warehousesUnderTest())('the roles of audit grants on $name', (under) => {
  let project: LiveProject
  let drop: () => Promise<void>
  let admin: pg.Client | undefined
  let settings: Record<string, unknown>

  const target = (user: string, schema: string, more = '') => `
  ${user}:
    ${JSON.stringify({ type: under.name, ...settings, ...(under.name === 'postgres' ? { user: `backfeed_${user}`, password: PASSWORD } : {}), schema }).replace(/}$/, more === '' ? '}' : `, ${more}}`)}`
  const as = (user: string) => {
    const { host, port, database } = settings as { host: string; port: number; database: string }
    return new pg.Client({ host, port, database, user: `backfeed_${user}`, password: PASSWORD })
  }
  const refused = async (user: string, sql: string): Promise<string> => {
    const client = as(user)
    await client.connect()
    try {
      await client.query(sql)
      return 'allowed'
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    } finally {
      await client.end()
    }
  }

  beforeAll(async () => {
    const opened = await under.settings()
    drop = opened.drop
    settings = { ...opened.settings }
    project = await liveProject({
      'models/accounts.sql': "select customer_id, company_name, ltv, segment from {{ source('crm', 'customers') }}\n",
      'models/sources.yml': 'sources:\n  - {name: crm, tables: [{name: customers}]}\n',
      'syncs/accounts.yml': accountsYaml(),
    })
    const accounts = `connections:
  salesforce:
    type: salesforce
    targets:
${['runner', 'author'].map((name) => `      ${name}: {auth: access_token, instance_url: "${project.crmUrl}", access_token: "{{ env_var('SF_TEST_TOKEN') }}"}`).join('\n')}
`
    project.write(
      'project.yml',
      `name: grants\ndefault-target: runner\ntargets:${target('runner', 'backfeed')}${target('author', 'backfeed_dev')}\n${accounts}`,
    )
    await project.control.putSchema('salesforce', 'Account', ACCOUNT_SCHEMA)
    if (under.name !== 'postgres') return
    const { host, port, database, user, password } = opened.settings as Record<string, string>
    admin = new pg.Client({ host, port: Number(port), database, user, password })
    await admin.connect()
    await admin.query(
      "create schema crm; create table crm.customers as select 'C-1' as customer_id, 'One' as company_name, cast(10.5 as numeric(18, 2)) as ltv, 'core' as segment",
    )
  })
  afterAll(async () => {
    await project.close()
    await admin?.end()
    await drop()
  })

  const printed = async (role: string): Promise<string> => (await project.cli('audit', 'grants', '--role', role)).stdout

  test('each role does its own work and nothing else', async () => {
    if (admin === undefined) {
      expect(await printed('auditor')).toContain('DuckDB has no users and no grants')
      return
    }
    await admin.query(await printed('runner'))
    await admin.query(await printed('auditor'))
    await admin.query(await printed('author'))
    for (const role of ['runner', 'auditor', 'author'])
      await admin.query(`alter role backfeed_${role} login password '${PASSWORD}'`)

    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    expect(await project.control.records('salesforce', 'Account')).toHaveLength(1)
    expect(await project.cli('audit', 'check')).toMatchObject({ exit: 0 })
    expect(await project.cli('audit', 'verify')).toMatchObject({ exit: 0 })
    expect(await refused('runner', 'insert into crm.customers (customer_id) values (null)')).toContain(
      'permission denied',
    )

    expect(
      await refused('auditor', 'select * from backfeed_audit.runs; select * from backfeed_audit.field_changes'),
    ).toBe('allowed')
    expect(await refused('auditor', 'select * from backfeed.sync_result')).toContain('permission denied')
    expect(await refused('auditor', 'select * from crm.customers')).toContain('permission denied')
    expect(await refused('auditor', 'create table backfeed_audit.note (a text)')).toContain('permission denied')

    expect(await project.cli('build', '-t', 'author')).toMatchObject({ exit: 0 })
    expect(await refused('author', 'select * from backfeed_dev.accounts')).toBe('allowed')
    expect(await refused('author', 'insert into backfeed.sync_result (event_id) values (null)')).toContain(
      'permission denied',
    )
    expect(await refused('author', 'delete from backfeed.state_accounts')).toContain('permission denied')

    for (const role of ['auditor', 'author', 'runner']) {
      await admin.query(`drop owned by backfeed_${role} cascade`)
      await admin.query(`drop role backfeed_${role}`)
    }
  })
})
