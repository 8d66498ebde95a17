/** What people edited in the CRM: reported, kept, quarantined, repaired, or taken as the starting point; never lost by accident. */

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { adoptPurpose } from '../../runner/sync/adopt-purpose.ts'
import { driftPurpose, repairPurpose } from '../../runner/sync/drift-purpose.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { auditFindings } from './audit-findings.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

describe.each(warehousesUnderTest().map(({ name }) => name))('edits in the CRM on %s', (name) => {
  let lab: SyncLab
  let number = 0
  let sync = ''
  let prefix = ''
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
        { name: 'Score__c', type: 'double', precision: 10, scale: 2 },
      ],
    })
    await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80), score decimal(10, 2))')
  })
  afterAll(() => lab.close())
  beforeEach(() => {
    number += 1
    sync = `edits_${number}`
    prefix = `e${number}-`
  })

  const mapping = (more = '') =>
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, from: id, write: on_create}
      - {to: Plan__c, from: plan}
      - {to: Score__c, from: score}
    ${openGuards}
    ${more}
`)
  type Given = readonly [id: string, plan: string | null, score: string | null]
  const fill = (rows: readonly Given[]) =>
    lab.exec(
      'delete from backfeed.rows_given',
      `insert into backfeed.rows_given values ${rows.map(([id, plan, score]) => `(${quoted(prefix + id)}, ${quoted(plan)}, ${score ?? 'null'})`).join(', ')}`,
    )
  const record = async (id: string) => {
    const records = await lab.emulator.control.records('salesforce', 'Account')
    const found = records.find((each) => each.Key__c === prefix + id)
    if (!found) throw new Error(`no record of ${id}`)
    return found
  }
  const edit = async (id: string, values: Record<string, unknown>) => {
    const { Id } = await record(id)
    await lab.emulator.control.putRecords('salesforce', 'Account', [{ Id, ...values }])
  }
  const actions = async (field: string) =>
    lab.query(
      `select row_key, action, before_value, base_value from backfeed_audit.field_changes where sync_name = '${sync}' and field = '${field}' and run_id = (select max(run_id) from backfeed_audit.runs where sync_name = '${sync}' and epoch = (select max(epoch) from backfeed_audit.runs where sync_name = '${sync}')) order by row_key`,
    )

  test('drift names what was edited, sends nothing and changes nothing; repair writes it again', async () => {
    mapping()
    await fill([
      ['1', 'old', '1.50'],
      ['2', 'old', '2'],
      ['3', 'old', null],
    ])
    await lab.execute('run', sync)
    await edit('2', { Plan__c: 'typed by a person' })
    await lab.writes()
    const report = await lab.execute('plan', sync, { purpose: driftPurpose })
    expect(report).toMatchObject({ exitCode: 0, plan: { counts: { drift: 1, send: 0 } } })
    expect(report.plan?.samples).toEqual([
      {
        key: `${prefix}2`,
        op: 'update',
        decision: 'noop',
        fields: [{ field: 'Plan__c', action: 'drift', before: 'typed by a person', after: 'old' }],
      },
    ])
    expect(
      await lab.query(
        `select row_key, field, written_value, crm_value from backfeed_audit.drift where sync_name = '${sync}'`,
      ),
    ).toEqual([[`${prefix}2`, 'Plan__c', 'old', 'typed by a person']])
    expect(await lab.execute('run', sync)).toMatchObject({ totals: { writeCalls: 0 } })
    expect(await lab.writes()).toEqual([])
    const repaired = await lab.execute('run', sync, { purpose: repairPurpose })
    expect(repaired).toMatchObject({ exitCode: 0, totals: { succeeded: 1 } })
    expect(await record('2')).toMatchObject({ Plan__c: 'old', Score__c: 2 })
    await lab.writes()
    expect(await lab.execute('run', sync)).toMatchObject({ totals: { writeCalls: 0 } })
    expect(await lab.writes()).toEqual([])
  })

  test.each([
    { policy: 'overwrite', plan: 'new', score: 7, quarantined: 0 },
    { policy: 'keep', plan: 'typed', score: 7, quarantined: 0 },
    { policy: 'quarantine', plan: 'typed', score: 1, quarantined: 1 },
  ])('both changed, on_drift: $policy', async ({ policy, plan, score, quarantined }) => {
    mapping(`ownership: {on_drift: ${policy}}`)
    await fill([['1', 'old', '1']])
    await lab.execute('run', sync)
    await edit('1', { Plan__c: 'typed' })
    await fill([['1', 'new', '7']])
    expect(await lab.execute('run', sync)).toMatchObject({ quarantined })
    expect(await record('1')).toMatchObject({ Plan__c: plan, Score__c: score })
    if (policy !== 'quarantine') return
    expect(await actions('Plan__c')).toEqual([[`${prefix}1`, 'conflict', 'typed', 'old']])
    expect(await lab.execute('run', sync, { purpose: adoptPurpose([]) })).toMatchObject({ exitCode: 0, planned: 0 })
    expect(await record('1')).toMatchObject({ Plan__c: 'typed', Score__c: 1 })
    expect(await lab.execute('run', sync)).toMatchObject({ totals: { succeeded: 1 }, quarantined: 0 })
    expect(await record('1')).toMatchObject({ Plan__c: 'new', Score__c: 7 })
  })

  test('rows held at first contact wait until they are adopted, one key at a time', async () => {
    await lab.emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'a', Key__c: `${prefix}1`, Plan__c: 'theirs', Score__c: 3 },
    ])
    await lab.emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'b', Key__c: `${prefix}2`, Plan__c: 'theirs' },
    ])
    mapping()
    await fill([
      ['1', 'ours', '3'],
      ['2', 'ours', '4'],
    ])
    expect(await lab.execute('run', sync)).toMatchObject({ held: 1, totals: { succeeded: 1 } })
    expect(await lab.execute('run', sync)).toMatchObject({ held: 2, totals: { writeCalls: 0 } })
    await lab.writes()
    const planned = await lab.execute('plan', sync, { purpose: adoptPurpose([`${prefix}1`]) })
    expect(planned.plan?.samples).toEqual([
      {
        key: `${prefix}1`,
        op: 'update',
        decision: 'noop',
        fields: [{ field: 'Plan__c', action: 'base', before: 'theirs', after: 'ours' }],
      },
    ])
    expect(await lab.execute('run', sync)).toMatchObject({ held: 2 })
    await lab.execute('run', sync, { purpose: adoptPurpose([`${prefix}1`]) })
    expect(await lab.writes()).toEqual([])
    expect(
      await lab.query(`select row_key from backfeed.sync_identity where sync_name = '${sync}' and how = 'adopted'`),
    ).toEqual([[`${prefix}1`]])
    const next = await lab.execute('plan', sync)
    expect(next.plan).toMatchObject({ counts: { update: 1, held: 1 } })
    await lab.execute('run', sync)
    expect([(await record('1')).Plan__c, (await record('2')).Plan__c]).toEqual(['ours', 'theirs'])
    expect(await lab.query(`select * from backfeed_audit.reconciliation where sync_name = '${sync}'`)).toEqual([])
  })

  test('after all of this no invariant is broken', async () => {
    expect(await auditFindings(lab, name)).toEqual([])
  })
})
