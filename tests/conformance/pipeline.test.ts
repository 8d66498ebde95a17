/** The whole pass on a real warehouse and emulated CRMs. One body; every expectation holds on every warehouse. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { customer, type PipelineProject, pipelineProject } from './pipeline-project.ts'

const syncs = `version: 1
defaults:
  model: ref('crm_customers')
  primary_key: customer_id
  first_sync: overwrite
  guards: {max_creates: 100%, max_updates: 100%, max_clears: 100%, max_quarantined: 100%, max_rejected: 100%, max_source_drop: 100%}
syncs:
  - name: accounts
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Customer_Id__c, from: customer_id, strategy: external_id}
    fields:
      - {to: Name, from: name, write: on_create}
      - {to: LTV__c, from: ltv}
      - {to: Segment__c, from: segment, clear_when: clear_segment}
      - {to: Active__c, from: is_active}
      - {to: Churn__c, from: churned, sentinel: "__CLEAR__"}
      - {to: Joined__c, from: joined_on, on_null: clear}
      - {to: Seen__c, from: seen_at}
      - {to: Note__c, value: Warehouse, write: if_empty}
    ownership: {crm: [OwnerId, Description]}
    validate:
      - {column: ltv, rule: between, min: 0, max: 1000000}
      - {name: active_only, expression: "is_active", on_fail: skip}
  - name: contacts
    destination: {connection: hubspot, object: contacts}
    mode: upsert
    match: {field: email, from: email, strategy: unique_property}
    fields:
      - {to: ltv, from: ltv}
      - {to: segment, from: segment, on_null: clear}
      - {to: joined, from: joined_on}
      - {to: seen, from: seen_at}
      - {to: is_active, from: is_active}
`

interface Account {
  Id: string
  [field: string]: unknown
}

describe.each(warehousesUnderTest().map(({ name }) => name))('pipeline on %s', (name) => {
  let project: PipelineProject
  beforeAll(async () => {
    project = await pipelineProject(name, syncs)
  })
  afterAll(() => project.close())

  const accounts = async (): Promise<Record<string, Account>> => {
    const records = (await project.emulator.control.records('salesforce', 'Account')) as unknown as Account[]
    return Object.fromEntries(records.map((record) => [String(record.Customer_Id__c), record]))
  }
  const writes = async () => {
    const entries = (await project.emulator.control.journal()).filter(
      (entry) => entry.method !== 'GET' && !/batch.read|search|oauth/.test(entry.path),
    )
    await project.emulator.control.clearJournal()
    return entries
  }

  const first = [
    customer({
      id: 'C-1',
      email: ' Ada@X.io',
      ltv: 10.5,
      segment: 'power',
      joined: '2024-02-29',
      seen: '2026-01-02 03:04:05.678',
    }),
    customer({ id: 'C-2', email: 'bob@x.io', ltv: 20, segment: 'core', churned: 'price' }),
    customer({ id: 'C-3', name: `O'Brien "é" 🙂`, email: 'cy@x.io' }),
    customer({ id: 'C-4', email: 'not an address', ltv: -1, segment: 'power' }),
    customer({ id: 'C-5', email: 'eve@x.io', segment: 'platinum' }),
    customer({ id: 'C-6', email: 'fay@x.io', active: false }),
    customer({ id: 'C-7', email: 'dup@x.io' }),
    customer({ id: 'C-7', email: 'dup2@x.io' }),
    customer({ id: null, email: 'nokey@x.io' }),
  ]

  test('a first run creates what is valid and keeps the rest back, with reasons', async () => {
    await project.emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'Bob Ltd', Customer_Id__c: 'C-2', LTV__c: 1, Note__c: 'by hand', Description: 'ours' },
    ])
    await project.source(first)
    const planned = await project.execute('plan', 'accounts')
    expect(planned.plan?.counts).toMatchObject({ source: 9, send: 3, create: 2, update: 1, quarantined: 4, skipped: 1 })
    expect(planned.plan?.quarantineByReason).toEqual({
      ltv_between: 1,
      Segment__c_not_allowed: 1,
      key_unique: 1,
      key_not_null: 1,
    })
    await project.emulator.control.clearJournal()
    const ran = await project.execute('run', 'accounts')
    expect(ran).toMatchObject({
      status: 'succeeded',
      exitCode: 0,
      planned: 3,
      totals: { succeeded: 3, created: 2, updated: 1, writeCalls: 1 },
    })
    const stored = await accounts()
    expect(Object.keys(stored).sort()).toEqual(['C-1', 'C-2', 'C-3'])
    expect(stored['C-1']).toMatchObject({
      Name: 'Customer C-1',
      LTV__c: 10.5,
      Segment__c: 'power',
      Active__c: true,
      Joined__c: '2024-02-29',
      Note__c: 'Warehouse',
    })
    expect(String(stored['C-1']?.Seen__c)).toContain('2026-01-02T03:04:05')
    expect(stored['C-2']).toMatchObject({
      Name: 'Bob Ltd',
      LTV__c: 20,
      Churn__c: 'price',
      Note__c: 'by hand',
      Description: 'ours',
    })
    expect(stored['C-3']?.Name).toBe(`O'Brien "é" 🙂`)
  })

  test('the plan predicted the requests: count, order, body', async () => {
    await project.source([
      ...first,
      customer({ id: 'C-8', email: 'h@x.io', ltv: 8 }),
      customer({ id: 'C-9', email: 'i@x.io', ltv: 9 }),
    ])
    await project.emulator.control.clearJournal()
    const planned = await project.execute('plan', 'accounts')
    expect(await writes()).toEqual([])
    await project.execute('run', 'accounts')
    const sent = (
      await project.query(
        `select method, path, rows, body_sha256 from backfeed.sync_call order by sent_at desc limit ${planned.plan?.predicted.requests.length}`,
      )
    ).map(([method, path, rows, sha256]) => ({ method, path, rows: Number(rows), sha256 }))
    expect(planned.plan?.predicted.requests).toHaveLength(1)
    expect(sent).toEqual(planned.plan?.predicted.requests)
    expect(await writes()).toHaveLength(1)
  })

  test('a second run sends nothing', async () => {
    const again = await project.execute('run', 'accounts')
    expect(again).toMatchObject({ status: 'nothing to do', exitCode: 0, totals: { writeCalls: 0 } })
    expect(await writes()).toEqual([])
  })

  test('only the changed field travels; null, flag and sentinel do what they say', async () => {
    const changed = [
      customer({ id: 'C-1', email: 'ada@x.io', ltv: 11, segment: 'power', seen: '2026-01-02 03:04:05.678' }), // joined_on null: clear; ltv changed
      customer({ id: 'C-2', email: 'bob@x.io', segment: 'core', churned: '__CLEAR__' }), // ltv null: ignore; sentinel clears
      customer({ id: 'C-3', name: 'renamed', email: 'cy@x.io', clearSegment: true }),
      ...first.slice(3),
      customer({ id: 'C-8', email: 'h@x.io', ltv: 8, segment: 'light', clearSegment: false }),
      customer({ id: 'C-9', email: 'i@x.io', ltv: 9 }),
    ]
    await project.source(changed)
    await project.emulator.control.clearJournal()
    await project.execute('run', 'accounts')
    const [request] = await writes()
    expect((request?.body as { records: unknown } | undefined)?.records).toEqual([
      { attributes: { type: 'Account' }, Customer_Id__c: 'C-1', LTV__c: 11, Joined__c: null },
      { attributes: { type: 'Account' }, Customer_Id__c: 'C-2', Churn__c: null },
      { attributes: { type: 'Account' }, Customer_Id__c: 'C-8', Segment__c: 'light' },
    ])
    expect((await accounts())['C-2']).toMatchObject({ LTV__c: 20, Churn__c: null })
  })

  test('an edit of somebody else is left alone until the warehouse changes, and shows as drift', async () => {
    const stored = await accounts()
    await project.emulator.control.putRecords('salesforce', 'Account', [
      { Id: stored['C-9']?.Id, LTV__c: 999, Description: 'edited by hand' },
    ])
    await project.source([...first.slice(3), customer({ id: 'C-9', email: 'i@x.io', ltv: 9, segment: 'core' })])
    const ran = await project.execute('run', 'accounts')
    expect(ran.plan?.counts).toMatchObject({ send: 1, drift: 1, removed: 4 })
    expect((await accounts())['C-9']).toMatchObject({ LTV__c: 999, Segment__c: 'core', Description: 'edited by hand' })
    expect(await project.query('select row_key, field, decision from backfeed_audit.drift')).toEqual([
      ['C-9', 'LTV__c', 'left alone'],
    ])
  })

  test('a row leaves quarantine by itself once it is fixed', async () => {
    await project.source([
      customer({ id: 'C-4', email: 'd@x.io', ltv: 4, segment: 'power' }),
      customer({ id: 'C-7', email: 'dup@x.io' }),
    ])
    const ran = await project.execute('run', 'accounts')
    expect(ran.plan?.counts).toMatchObject({ create: 2, quarantined: 0 })
    expect(Object.keys(await accounts())).toContain('C-7')
    expect(
      await project.query(
        "select count(*) from backfeed_audit.quarantine where sync_name = 'accounts' and status = 'open'",
      ),
    ).toEqual([['0']])
  })

  test('F44 a rejected row is recorded with the CRM’s code and not sent again as it is', async () => {
    await project.emulator.control.addFault({
      match: { crm: 'salesforce', method: 'PATCH' },
      action: {
        status: 200,
        body: [
          {
            success: false,
            errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no', fields: ['LTV__c'] }],
          },
        ],
      },
    })
    const rows = (ltv: number) => [
      customer({ id: 'C-4', email: 'd@x.io', ltv, segment: 'power' }),
      customer({ id: 'C-7', email: 'dup@x.io' }),
    ]
    await project.source(rows(5))
    const rejected = await project.execute('run', 'accounts')
    await project.emulator.control.clearFaults()
    expect(rejected).toMatchObject({ status: 'partial', exitCode: 1, totals: { rejected: 1 } })
    expect(await project.query('select row_key, code, field from backfeed_audit.rejections')).toEqual([
      ['C-4', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'LTV__c'],
    ])
    const again = await project.execute('run', 'accounts')
    expect(again).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
    expect(again.plan?.heldByReason).toEqual({ rejected_unchanged: 1 })
    await project.source(rows(6))
    expect(await project.execute('run', 'accounts')).toMatchObject({ exitCode: 0, totals: { succeeded: 1 } })
  })

  test('F26 an answer that is lost is unknown, and the next plan reads what happened', async () => {
    await project.emulator.control.addFault({
      match: { crm: 'salesforce', method: 'PATCH' },
      action: { drop_after_apply: true },
    })
    const rows = [
      customer({ id: 'C-4', email: 'd@x.io', ltv: 7, segment: 'power' }),
      customer({ id: 'C-7', email: 'dup@x.io' }),
    ]
    await project.source(rows)
    const lost = await project.execute('run', 'accounts')
    await project.emulator.control.clearFaults()
    expect(lost).toMatchObject({ status: 'partial', exitCode: 5, totals: { unknown: 1, writeCalls: 1 } })
    const after = await project.execute('run', 'accounts')
    expect(after).toMatchObject({ exitCode: 0, unresolved: 0, totals: { writeCalls: 0 } })
    expect((await accounts())['C-4']).toMatchObject({ LTV__c: 7 })
  })

  test('HubSpot contacts by e-mail: strings, dates and clears', async () => {
    await project.source(first)
    const ran = await project.execute('run', 'contacts')
    expect(ran.plan?.quarantineByReason).toEqual({ email_email: 1, key_unique: 1, key_not_null: 1 })
    expect(ran).toMatchObject({ exitCode: 0, totals: { created: 5 } })
    const contacts = (await project.emulator.control.records('hubspot', 'contacts')) as unknown as {
      properties: Record<string, string>
    }[]
    const ada = contacts.find((record) => record.properties.email === 'ada@x.io')
    expect(ada?.properties).toMatchObject({ ltv: '10.50', segment: 'power', joined: '2024-02-29', is_active: 'true' })
    expect(String(ada?.properties.seen)).toContain('2026-01-02T03:04:05.678')
    await project.source([customer({ id: 'C-1', email: 'ada@x.io', seen: '2026-01-02 03:04:05.678' })])
    await project.emulator.control.clearJournal()
    await project.execute('run', 'contacts')
    const [request] = await writes()
    const inputs =
      (request?.body as { inputs: { objectWriteTraceId: string; properties: unknown }[] } | undefined)?.inputs ?? []
    expect(inputs.map((input) => input.properties)).toEqual([{ email: 'ada@x.io', segment: '' }])
    expect(inputs[0]?.objectWriteTraceId).toBeTruthy()
  })

  test('F75 an empty source is refused before anything is sent', async () => {
    await project.source([])
    await project.emulator.control.clearJournal()
    const refused = await project.execute('run', 'accounts')
    expect(refused).toMatchObject({ status: 'refused', exitCode: 3 })
    expect(refused.error?.code).toBe('E-GUARD-EMPTY')
    expect(await writes()).toEqual([])
  })

  test('everything adds up', async () => {
    expect(await project.query('select * from backfeed_audit.reconciliation')).toEqual([])
    const runs = await project.query(
      "select planned_rows, succeeded, rejected, retryable, unknown, held_rows from backfeed_audit.runs where kind = 'run' and status in ('succeeded', 'partial')",
    )
    expect(runs.length).toBeGreaterThan(8)
    for (const [planned, ...parts] of runs)
      expect(parts.reduce((sum, part) => sum + Number(part), 0)).toBe(Number(planned))
  })
})
