/** Windows that have grown: a process that dies in one, and an answer that goes missing in one, cost a few more reads and nothing else. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, type SyncLab } from './sync-lab.ts'

const HOUR = 3_600_000
const ROWS = 2_000
const BATCH = 100

describe.each(warehousesUnderTest().map(({ name }) => name))('a grown window on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
      ],
    })
    const digits =
      'select 0 as d union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9'
    const numbers = `select a.d + 10 * b.d + 100 * c.d + 1000 * e.d as n from (${digits}) a cross join (${digits}) b cross join (${digits}) c cross join (${digits}) e`
    await lab.exec(
      `create table backfeed.rows_given as select 'k' || cast(n as varchar(10)) as id, 'new' as plan from (${numbers}) as numbers where n < ${ROWS}`,
    )
  })
  afterAll(() => lab.close())
  beforeEach(() => lab.emulator.control.clearFaults())

  const mapping = (sync: string, prefix: string) =>
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    first_sync: overwrite
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, value: "${prefix}", write: on_create}
      - {to: Plan__c, from: plan}
    limits: {batch_size: ${BATCH}, concurrency: 2, bulk_above: 1000000}
    ${openGuards}
`)
  const widest = async (sync: string) => {
    const sql = `select max(i.batch_to - i.batch_from + 1) from backfeed.sync_intent as i join backfeed.sync_run as r on r.run_id = i.run_id where r.sync_name = '${sync}'`
    return Number((await lab.query(sql))[0]?.[0])
  }
  const eachOnce = async () => {
    const records = await lab.emulator.control.records('salesforce', 'Account')
    expect([records.length, new Set(records.map((record) => record.Key__c)).size]).toEqual([ROWS, ROWS])
  }
  const settled = async (sync: string) => {
    lab.advance(HOUR)
    await lab.execute('run', sync)
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, unresolved: 0, totals: { writeCalls: 0 } })
    expect(await lab.query(`select * from backfeed_audit.reconciliation where sync_name = '${sync}'`)).toEqual([])
    await eachOnce()
  }

  test('killed in the middle of one: the next run reads it back and sends the rest', async () => {
    mapping('killed', 'killed')
    await expect(lab.execute('run', 'killed', { crashAt: 'CP11', nth: 16 })).rejects.toThrow('CP11')
    expect(await widest('killed')).toBeGreaterThan(2)
    await lab.execute('run', 'killed')
    await settled('killed')
  })

  test('an answer lost in the middle of one: what was announced and not sent goes out in the same run', async () => {
    mapping('lost', 'lost')
    await lab.exec(`update backfeed.rows_given set plan = 'newer'`)
    await lab.emulator.control.addFault({ match: { method: 'PATCH', nth: 15 }, action: { drop_after_apply: true } })
    const result = await lab.execute('run', 'lost')
    expect(result.totals).toMatchObject({
      succeeded: ROWS - BATCH,
      unknown: BATCH,
      retryable: 0,
      writeCalls: ROWS / BATCH,
    })
    expect(await widest('lost')).toBeGreaterThan(2)
    await settled('lost')
  })
})
