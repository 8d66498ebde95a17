/** Rows of one parent are sent one batch after the other, and a row that was locked is sent again in the same run. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, type SyncLab } from './sync-lab.ts'

describe.each(warehousesUnderTest().map(({ name }) => name))('row locks on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [{ name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true }],
    })
    await lab.emulator.control.putSchema('salesforce', 'Contact', {
      fields: [{ name: 'Row__c', type: 'string', length: 40, externalId: true, unique: true }],
    })
    await lab.exec('create table backfeed.rows_given (id varchar(40), parent varchar(40))')
    await lab.emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'A', Key__c: 'a' },
      { Name: 'B', Key__c: 'b' },
    ])
  })
  afterAll(() => lab.close())

  const given = async (sync: string, parents: readonly string[]): Promise<void> => {
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Contact}
    mode: upsert
    match: {field: Row__c, from: id, strategy: external_id}
    fields:
      - {to: LastName, from: id}
      - {to: AccountId, from: parent, reference: {object: Account, field: Key__c}}
    limits: {batch_size: 2, concurrency: 4}
    ${openGuards}
`)
    const rows = parents.map((parent, index) => `('${sync}-${index}', '${parent}')`)
    await lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${rows.join(', ')}`)
    await lab.writes()
  }

  test('batches of one parent follow each other, those of others do not wait', async () => {
    await given('lanes', ['a', 'b', 'a', 'b', 'a', 'a'])
    await lab.emulator.control.addFault({ match: { method: 'PATCH' }, action: { delay_ms: 400 } })
    expect(await lab.execute('run', 'lanes')).toMatchObject({ exitCode: 0, totals: { created: 6, writeCalls: 3 } })
    await lab.emulator.control.clearFaults()
    const parents = (await lab.sent()).map((row) => (row.Account as { Key__c: string }).Key__c)
    expect([...parents].sort()).toEqual(['a', 'a', 'a', 'a', 'b', 'b'])
    const calls = await lab.query(
      "select batch_no, sent_at from backfeed_audit.api_usage where sync_name = 'lanes' order by batch_no",
    )
    const [first = 0, second = 0, third = 0] = calls.map(([, at]) =>
      Date.parse(`${at?.replace(' ', 'T').replace(/Z?$/, 'Z')}`),
    )
    expect(second - first).toBeGreaterThanOrEqual(390)
    expect(third - first).toBeLessThan(390)
  })

  test('F46 a row that is locked for a moment goes again in the same run', async () => {
    await given('locked', ['a', 'b', 'b'])
    const [parent] = await lab.emulator.control.records('salesforce', 'Account')
    await lab.emulator.control.putPolicies('salesforce', {
      objects: { Contact: { row_locks: [{ children_of: [String(parent?.Id)], times: 1 }] } },
    })
    const result = await lab.execute('run', 'locked')
    expect(result).toMatchObject({ exitCode: 0, totals: { succeeded: 3, retryable: 0, rejected: 0 } })
    const attempts = await lab.query(
      `select attempt, outcome, code, count(*) from backfeed_audit.changes where run_id = '${result.runId}' group by attempt, outcome, code order by 1, 2`,
    )
    expect(attempts).toContainEqual(['1', 'retryable', 'UNABLE_TO_LOCK_ROW', '1'])
    expect(attempts).toContainEqual(['2', 'succeeded', null, '1'])
    await lab.emulator.control.clearPolicies('salesforce')
  })
})
