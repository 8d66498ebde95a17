/** Our own tables follow the tool: from nothing, from the layout of an earlier release, and when two processes migrate at once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureLedger, type LedgerRequest, ledgerDefinition } from '../../runner/audit/ledger.ts'
import { auditViews, currentViews } from '../../runner/audit/views.ts'
import { openWarehouse } from '../../runner/warehouse/registry.ts'
import type { Warehouse } from '../../runner/warehouse/warehouse.ts'
import { downgradeStatements, releasedLedger } from '../support/older-ledger.ts'
import { packageEnvironment } from '../support/package-environment.ts'
import { openTestWarehouse, statement, type TestWarehouse, warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, type SyncLab } from './sync-lab.ts'

const versions = 'select distinct version from backfeed.sync_schema order by version'

describe.each(warehousesUnderTest().map(({ name }) => name))('tables of an earlier release on %s', (name) => {
  let opened: TestWarehouse
  const request = (warehouse: Warehouse): LedgerRequest => {
    const environment = packageEnvironment(name)
    const places = { environment, schema: 'backfeed', auditSchema: 'backfeed_audit' }
    const views = currentViews({ ...places, target: { name: 'dev', type: name } })
    return { ...places, warehouse, views, options: statement }
  }
  beforeAll(async () => {
    opened = await openTestWarehouse(name)
  })
  afterAll(() => opened.drop())
  const rows = (sql: string) => opened.warehouse.rows(sql, { ...statement('read'), max: 1_000 })
  const downgrade = async (): Promise<void> => {
    for (const sql of downgradeStatements(name, 'backfeed', 1)) await opened.warehouse.exec(sql, statement('older'))
  }
  const layout = async (): Promise<Record<string, string[] | undefined>> => {
    const tables = [...ledgerDefinition().tables.keys()]
    const found = await Promise.all(
      tables.map((table) => opened.warehouse.columns({ schema: 'backfeed', name: table })),
    )
    return Object.fromEntries(tables.map((table, i) => [table, found[i]?.map((column) => column.name)]))
  }
  const wanted = () =>
    Object.fromEntries([...ledgerDefinition().tables].map(([table, columns]) => [table, columns.map((c) => c.name)]))

  test('the released layout is part of the current one: forward only, nothing renamed, nothing dropped', () => {
    for (const [table, columns] of releasedLedger(1).tables) {
      expect(ledgerDefinition().tables.get(table)?.slice(0, columns.length)).toMatchObject(
        columns.map((column) => ({ name: column.name, kind: column.kind })),
      )
    }
  })

  test('nothing becomes the current layout, once', async () => {
    expect(await ensureLedger(request(opened.warehouse))).toBe(true)
    expect(await layout()).toEqual(wanted())
    expect(await ensureLedger(request(opened.warehouse))).toBe(false)
  })

  test('the earlier layout gets what is missing and keeps its rows', async () => {
    await downgrade()
    await opened.warehouse.exec(
      "insert into backfeed.sync_run (run_id, sync_name, kind, epoch) values ('run_old', 'accounts', 'plan', 7)",
      statement('old'),
    )
    expect(await layout()).not.toEqual(wanted())
    expect(await ensureLedger(request(opened.warehouse))).toBe(true)
    expect(await layout()).toEqual(wanted())
    expect(await rows(versions)).toEqual([['1'], [String(ledgerDefinition().version)]])
    expect(await rows("select run_id, epoch from backfeed.sync_run where run_id = 'run_old'")).toEqual([
      ['run_old', '7'],
    ])
    expect(await rows("select sync_name from backfeed_audit.runs where run_id = 'run_old'")).toEqual([['accounts']])
    expect(await ensureLedger(request(opened.warehouse))).toBe(false)
  })

  test('a migration that died half-way is completed', async () => {
    await downgrade()
    const { environment } = request(opened.warehouse)
    const column = { name: 'views_hash', kind: 'text' }
    await opened.warehouse.exec(environment.call('sql.add_column', ['backfeed.sync_schema', column]), statement('half'))
    expect(await ensureLedger(request(opened.warehouse))).toBe(true)
    expect(await layout()).toEqual(wanted())
  })

  test('views of another version are replaced', async () => {
    await opened.warehouse.exec("update backfeed.sync_schema set views_hash = 'other'", statement('views'))
    expect(await ensureLedger(request(opened.warehouse))).toBe(true)
    for (const view of auditViews) await rows(`select count(*) from backfeed_audit.${view}`)
  })

  test('two processes that migrate at once both end with the current layout', async () => {
    await downgrade()
    const others =
      name === 'duckdb'
        ? [opened.warehouse, opened.warehouse]
        : await Promise.all(
            [0, 1, 2].map(() => openWarehouse({ type: name, settings: opened.settings }, { projectDir: '.' })),
          )
    await Promise.all(others.map((warehouse) => ensureLedger(request(warehouse))))
    for (const other of others) if (other !== opened.warehouse) await other.close()
    expect(await layout()).toEqual(wanted())
    for (const view of auditViews) await rows(`select count(*) from backfeed_audit.${view}`)
  })
})

describe.each(warehousesUnderTest().map(({ name }) => name))('a run of an earlier release on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
      ],
    })
    await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80))')
    lab.syncs(`  - name: accounts
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields: [{to: Name, from: id, write: on_create}, {to: Plan__c, from: plan}]
    limits: {batch_size: 2, concurrency: 1}
    ${openGuards}
`)
  })
  afterAll(() => lab.close())

  test.each(['CP08', 'CP11', 'CP24'])(
    'F90: killed at %s by the earlier version, it is recovered by this one',
    async (at) => {
      const keys = ['1', '2', '3', '4', '5'].map((key) => `${at}-${key}`)
      await lab.exec(`insert into backfeed.rows_given values ${keys.map((key) => `('${key}', 'pro')`).join(', ')}`)
      await expect(lab.execute('run', 'accounts', { crashAt: at })).rejects.toThrow(at)
      await lab.exec(...downgradeStatements(name, 'backfeed', 1))
      await lab.execute('run', 'accounts')
      lab.advance(3_600_000)
      expect(await lab.execute('run', 'accounts')).toMatchObject({ exitCode: 0, unresolved: 0 })
      const records = await lab.emulator.control.records('salesforce', 'Account')
      const own = records.filter((record) => String(record.Key__c ?? '').startsWith(at))
      expect(own.map((record) => [record.Key__c, record.Plan__c]).sort()).toEqual(keys.map((key) => [key, 'pro']))
      expect(await lab.query("select run_id from backfeed_audit.runs where status = 'started'")).toEqual([])
      expect(await lab.query('select * from backfeed_audit.reconciliation')).toEqual([])
      expect(await lab.query(versions)).toEqual([['1'], [String(ledgerDefinition().version)]])
    },
  )
})
