/** Writes whose answer never came: read back once they can no longer be on their way, and recorded for what they were. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reconcilePurpose } from '../../runner/sync/reconcile.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { auditFindings } from './audit-findings.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

const settled = 151_000

describe.each(warehousesUnderTest().map(({ name }) => name))('reconcile on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
        { name: 'Secret__c', type: 'string', length: 80 },
      ],
    })
    await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80), secret varchar(80))')
  })
  afterAll(() => lab.close())

  const mapping = (sync: string) =>
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, from: id, write: on_create}
      - {to: Plan__c, from: plan, on_null: clear}
      - {to: Secret__c, from: secret}
    limits: {batch_size: 10, concurrency: 1}
    audit: {sensitive: {secret: hash}}
    ${openGuards}
`)
  const fill = (rows: readonly (readonly [id: string, plan: string | null, secret: string])[]) =>
    lab.exec(
      'delete from backfeed.rows_given',
      `insert into backfeed.rows_given values ${rows.map((row) => `(${row.map(quoted).join(', ')})`).join(', ')}`,
    )
  const edit = async (key: string, values: Record<string, unknown>) => {
    const records = await lab.emulator.control.records('salesforce', 'Account')
    const Id = records.find((record) => record.Key__c === key)?.Id
    await lab.emulator.control.putRecords('salesforce', 'Account', [{ ...(Id === undefined ? {} : { Id }), ...values }])
  }
  /** The run's one write is applied or lost; its answer never comes. */
  const loseAnswer = (applied: boolean) =>
    lab.emulator.control.addFault({
      match: { crm: 'salesforce', method: 'PATCH', nth: 1 },
      action: applied ? { drop_after_apply: true } : { status: 503 },
    })
  const outcomes = (sync: string) =>
    lab.query(
      `select row_key, outcome, code, created from backfeed_audit.last_outcomes where plan_id = (select plan_id from backfeed_audit.runs where sync_name = '${sync}' and purpose = 'sync' order by epoch desc limit 1) order by row_key`,
    )

  test('applied writes are found, creates and updates and clears alike, and the next run sends nothing', async () => {
    mapping('applied')
    await fill([
      ['a1', 'old', 's'],
      ['a2', 'old', 's'],
    ])
    await lab.execute('run', 'applied')
    await fill([
      ['a1', 'new', 't'],
      ['a2', null, 's'],
      ['a3', 'new', 's'],
    ])
    await loseAnswer(true)
    expect(await lab.execute('run', 'applied')).toMatchObject({ exitCode: 5, totals: { unknown: 3 } })
    await lab.writes()
    const done = await lab.execute('run', 'applied', { purpose: reconcilePurpose({ waits: false }) })
    expect(done).toMatchObject({ exitCode: 0, status: 'succeeded', unresolved: 0 })
    expect(done.message).toContain('3 rows were applied')
    expect(await outcomes('applied')).toEqual([
      ['a1', 'succeeded', null, 'false'],
      ['a2', 'succeeded', null, 'false'],
      ['a3', 'succeeded', null, 'true'],
    ])
    expect(await lab.execute('run', 'applied')).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
    expect(await lab.writes()).toEqual([])
    const made = "select row_key from backfeed.sync_identity where sync_name = 'applied' and how = 'created' order by 1"
    expect(await lab.query(made)).toEqual([['a1'], ['a2'], ['a3']])
    expect(await lab.query("select * from backfeed_audit.reconciliation where sync_name = 'applied'")).toEqual([])
  })

  test('lost writes are told from applied ones, and are planned again in the same run', async () => {
    mapping('lost')
    await fill([['l1', 'old', 's']])
    await lab.execute('run', 'lost')
    await fill([
      ['l1', 'new', 't'],
      ['l2', 'new', 's'],
    ])
    await loseAnswer(false)
    expect(await lab.execute('run', 'lost')).toMatchObject({ exitCode: 5, totals: { unknown: 2 } })
    const early = await lab.execute('run', 'lost', { purpose: reconcilePurpose({ waits: false }) })
    expect(early).toMatchObject({ exitCode: 5, status: 'partial', unresolved: 2 })
    const first = await lab.query(
      "select max(plan_id) from backfeed.sync_plan where sync_name = 'lost' and send_rows = 2",
    )
    lab.advance(settled)
    expect(await lab.execute('run', 'lost')).toMatchObject({ exitCode: 0, totals: { succeeded: 2, created: 1 } })
    expect(
      await lab.query(
        `select row_key, outcome, code from backfeed_audit.last_outcomes where plan_id = '${first[0]?.[0]}' order by row_key`,
      ),
    ).toEqual([
      ['l1', 'retryable', 'E-RUN-NOT-APPLIED'],
      ['l2', 'retryable', 'E-RUN-NOT-APPLIED'],
    ])
  })

  test('a record that somebody wrote since is left to on_drift and first_sync, not overwritten blindly', async () => {
    mapping('since')
    await fill([['s1', 'old', 's']])
    await lab.execute('run', 'since')
    await fill([
      ['s1', 'new', 's'],
      ['s2', 'new', 's'],
    ])
    await loseAnswer(false)
    await lab.execute('run', 'since')
    await edit('s1', { Plan__c: 'typed' })
    await edit('s2', { Name: 'made by a person', Key__c: 's2', Plan__c: 'typed' })
    lab.advance(settled)
    await lab.execute('run', 'since', { purpose: reconcilePurpose({ waits: false }) })
    expect(await outcomes('since')).toEqual([
      ['s1', 'retryable', 'E-RUN-OVERWRITTEN', 'false'],
      ['s2', 'retryable', 'E-RUN-OVERWRITTEN', 'false'],
    ])
    const next = await lab.execute('plan', 'since')
    expect(next.plan).toMatchObject({ counts: { update: 2, create: 0 } })
    expect(next.plan?.samples.flatMap(({ fields }) => fields.map(({ field, action }) => [field, action]))).toEqual([
      ['Plan__c', 'set'],
      ['Plan__c', 'held'],
      ['Secret__c', 'set'],
    ])
  })

  test('after all of this no invariant is broken', async () => {
    expect(await auditFindings(lab, name)).toEqual([])
  })
})
