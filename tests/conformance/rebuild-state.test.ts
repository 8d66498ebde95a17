/** State is a fold of the append-only log: thrown away and rebuilt, it is the same table. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { customer, type PipelineProject, pipelineProject } from './pipeline-project.ts'
import { rebuildAndCompare } from './rebuild-and-compare.ts'

const syncs = `version: 1
syncs:
  - name: accounts
    model: ref('crm_customers')
    primary_key: customer_id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Customer_Id__c, from: customer_id, strategy: external_id}
    fields:
      - {to: Name, from: name, write: on_create}
      - {to: LTV__c, from: ltv, on_null: clear}
      - {to: Segment__c, from: segment}
      - {to: Active__c, from: is_active}
      - {to: Joined__c, from: joined_on}
      - {to: Seen__c, from: seen_at}
    guards: {max_creates: 100%, max_updates: 100%, max_clears: 100%, max_quarantined: 100%, max_rejected: 100%, max_source_drop: 100%}
`

describe.each(warehousesUnderTest().map(({ name }) => name))('state on %s', (name) => {
  let project: PipelineProject
  beforeAll(async () => {
    project = await pipelineProject(name, syncs)
  })
  afterAll(() => project.close())

  test('rebuilt from the log it is the table that was folded run by run', async () => {
    await busyHistory(project)
    const { before, after } = await rebuildAndCompare(project)
    expect(new Set(before.map((row) => row[1]))).toEqual(
      new Set(['synced', 'removed', 'rejected', 'quarantined', 'held', 'unknown']),
    )
    expect(after).toEqual(before)
  })
})

/** Every disposition a row can have, reached by real runs. */
async function busyHistory(project: PipelineProject): Promise<void> {
  const { control } = project.emulator
  await control.putRecords('salesforce', 'Account', [{ Name: 'Held', Customer_Id__c: 'H-1', LTV__c: 5 }])
  const stable = [
    customer({ id: 'S-1', ltv: 1.25, segment: 'core', joined: '2020-01-31', seen: '2026-01-02 03:04:05.678' }),
    customer({ id: 'H-1', ltv: 6, segment: 'core' }),
    customer({ id: 'Q-1' }),
    customer({ id: 'Q-1' }),
  ]
  await project.source([
    ...stable,
    customer({ id: 'R-1', ltv: 1 }),
    customer({ id: 'G-1', ltv: 1 }),
    customer({ id: 'U-1', ltv: 1 }),
  ])
  await project.execute('run', 'accounts')
  await project.source([
    ...stable.slice(1),
    customer({ id: 'S-1', segment: 'power' }),
    customer({ id: 'R-1', ltv: 2 }),
    customer({ id: 'U-1', ltv: 1 }),
  ])
  await control.addFault({ match: { crm: 'salesforce', method: 'PATCH' }, action: { status: 200, body: refusal(2) } })
  await project.execute('run', 'accounts')
  await control.clearFaults()
  await project.source([
    ...stable.slice(1),
    customer({ id: 'S-1', segment: 'light' }),
    customer({ id: 'R-1', ltv: 2 }),
    customer({ id: 'U-1', ltv: 1 }),
  ])
  await project.execute('run', 'accounts')
  await project.source([
    ...stable.slice(1),
    customer({ id: 'S-1', segment: 'light' }),
    customer({ id: 'R-1', ltv: 2 }),
    customer({ id: 'U-1', ltv: 3 }),
  ])
  await control.addFault({ match: { crm: 'salesforce', method: 'PATCH' }, action: { drop_after_apply: true } })
  await project.execute('run', 'accounts')
  await control.clearFaults()
}

function refusal(rows: number): unknown[] {
  const error = { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no', fields: [] }
  return Array.from({ length: rows }, () => ({ success: false, errors: [error] }))
}
