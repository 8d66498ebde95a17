/** A source that lost a whole column, and an organisation that is another one: refused before the first write, or harmless. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, type SyncLab } from './sync-lab.ts'

const ROWS = 60

describe.each(warehousesUnderTest().map(({ name }) => name))('what is not written on %s', (name) => {
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
  })
  afterAll(() => lab.close())

  const given = async (sync: string, { onNull, guards = '' }: { onNull: string; guards?: string }): Promise<void> => {
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, from: id, write: on_create}
      - {to: Plan__c, from: plan, on_null: ${onNull}}
    ${guards}
`)
    const rows = Array.from({ length: ROWS }, (_, index) => `('${sync}-${index}', 'p')`)
    await lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${rows.join(', ')}`)
  }
  const plans = async (sync: string): Promise<unknown[]> =>
    (await lab.emulator.control.records('salesforce', 'Account'))
      .filter((record) => String(record.Key__c ?? '').startsWith(`${sync}-`))
      .map((record) => record.Plan__c ?? null)
  const openCreates = 'guards: {max_creates: 100%}'

  test('F77 a whole column turns null: ignored, it changes nothing', async () => {
    await given('ignored', { onNull: 'ignore', guards: openCreates })
    expect(await lab.execute('run', 'ignored')).toMatchObject({ exitCode: 0, totals: { created: ROWS } })
    await lab.exec('update backfeed.rows_given set plan = null')
    await lab.writes()
    expect(await lab.execute('run', 'ignored')).toMatchObject({ exitCode: 0 })
    expect(await lab.writes()).toEqual([])
    expect(await plans('ignored')).toEqual(Array(ROWS).fill('p'))
  })

  test('F77 a whole column turns null: with on_null clear the run is refused before its first call', async () => {
    await given('cleared', { onNull: 'clear', guards: openCreates })
    expect(await lab.execute('run', 'cleared')).toMatchObject({ exitCode: 0, totals: { created: ROWS } })
    await lab.exec('update backfeed.rows_given set plan = null')
    await lab.writes()
    expect(await lab.execute('run', 'cleared')).toMatchObject({ exitCode: 3, status: 'refused' })
    expect(await lab.writes()).toEqual([])
    expect(await plans('cleared')).toEqual(Array(ROWS).fill('p'))
  })

  test('F80 another organisation behind the same connection: what the first one acknowledged is not used', async () => {
    await given('moved', { onNull: 'ignore', guards: openGuards })
    expect(await lab.execute('run', 'moved')).toMatchObject({ exitCode: 0 })
    await lab.exec(
      "update backfeed.sync_run set org_id = '00D000000000000OLD' where sync_name = 'moved'",
      "update backfeed.rows_given set plan = 'other'",
    )
    await lab.writes()
    await expect(lab.execute('run', 'moved').then(({ error }) => Promise.reject(error))).rejects.toMatchObject({
      code: 'E-TGT-ORG',
      exitCode: 3,
    })
    expect(await lab.writes()).toEqual([])
    expect(await plans('moved')).toEqual(Array(ROWS).fill('p'))
  })
})
