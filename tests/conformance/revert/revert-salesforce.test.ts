/** Undoing runs of a Salesforce sync: by request and by job, field by field, never over what somebody changed since. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../../support/warehouses.ts'
import { openGuards } from '../sync-lab.ts'
import { openRevertLab, type RevertLab, type Row } from './revert-lab.ts'

describe.each(warehousesUnderTest().map(({ name }) => name))('revert of Salesforce runs on %s', (name) => {
  let lab: RevertLab
  beforeAll(async () => {
    lab = await openRevertLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
        { name: 'Score__c', type: 'double', precision: 18, scale: 4 },
        { name: 'Note__c', type: 'string', length: 80 },
      ],
    })
  })
  afterAll(() => lab.close())

  const mapping = (sync: string, { fields = '', more = '' } = {}) =>
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    first_sync: overwrite
    fields:
      - {to: Name, from: id, write: on_create}
      - {to: Plan__c, from: plan}
      - {to: Score__c, from: score}
      - {to: Note__c, from: note, on_null: clear}
${fields}
    limits: {batch_size: 2, concurrency: 1, bulk_above: 30}
    ${openGuards}
    ${more}
`)
  const stored = async (prefix: string): Promise<Record<string, unknown[]>> => {
    const records = await lab.emulator.control.records('salesforce', 'Account')
    const own = records.filter((record) => String(record.Key__c ?? '').startsWith(prefix))
    return Object.fromEntries(
      own.map((record) => [
        String(record.Key__c).slice(prefix.length),
        [record.Plan__c ?? null, record.Score__c ?? null, record.Note__c ?? null],
      ]),
    )
  }
  const edit = async (key: string, fields: Record<string, unknown>) => {
    const records = await lab.emulator.control.records('salesforce', 'Account')
    const id = records.find((record) => record.Key__c === key)?.Id
    await lab.emulator.control.putRecords('salesforce', 'Account', [{ Id: id, ...fields }])
  }
  const rows = (prefix: string, values: Omit<Row, 'id'>, count = 3): Row[] =>
    Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index + 1}`, ...values }))

  test('F82 what a user edited since is left alone and listed, all else goes back; again there is nothing to do', async () => {
    mapping('edited')
    await lab.fill(rows('e-', { plan: 'old', score: '1.5', note: 'first' }))
    await lab.run('edited')
    await lab.fill(rows('e-', { plan: 'new', score: '2.25', note: null }))
    const bad = await lab.run('edited')
    expect(Object.values(await stored('e-'))).toEqual(Array(3).fill(['new', 2.25, null]))
    await edit('e-2', { Plan__c: 'by hand' })
    await lab.writes()
    const undone = await lab.revert('edited', { runId: bad })
    expect(undone.error?.problems ?? []).toEqual([])
    expect(undone).toMatchObject({ status: 'succeeded', exitCode: 0, totals: { succeeded: 3, created: 0 } })
    expect(undone.message).toContain('1 changed since')
    expect(await stored('e-')).toEqual({
      1: ['old', 1.5, 'first'],
      2: ['by hand', 1.5, 'first'],
      3: ['old', 1.5, 'first'],
    })
    expect(await lab.leftAlone('edited')).toEqual([['e-2', 'Plan__c', 'changed_since']])
    await lab.writes()
    expect(await lab.revert('edited', { runId: bad })).toMatchObject({ status: 'nothing to do', exitCode: 0 })
    expect(await lab.writes()).toEqual([])
    expect(await lab.leftAlone('edited')).toEqual([
      ['e-1', '', 'already_restored'],
      ['e-2', '', 'changed_since'],
      ['e-2', 'Plan__c', 'changed_since'],
      ['e-3', '', 'already_restored'],
    ])
  })
})
