/** State with phases and removals is a fold of the log too. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { statement, warehousesUnderTest } from '../support/warehouses.ts'
import { customer, type PipelineProject, pipelineProject } from './pipeline-project.ts'
import { rebuildAndCompare } from './rebuild-and-compare.ts'

const syncs = (onRemoved: string, rollout = '') => `version: 1
syncs:
  - name: accounts
    model: ref('crm_customers')
    primary_key: customer_id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Customer_Id__c, from: customer_id, strategy: external_id}
    fields:
      - {to: Name, from: name, write: on_create}
      - {to: LTV__c, from: ltv}
      - {to: Segment__c, from: segment}
    on_removed: ${onRemoved}
    guards: {max_creates: 100%, max_updates: 100%, max_clears: 100%, max_deletes: 100%, max_quarantined: 100%, max_source_drop: 100%}
${rollout}`

const rows = (...ids: string[]) => ids.map((id) => customer({ id, ltv: 1, segment: 'core' }))

describe.each(warehousesUnderTest().map(({ name }) => name))('state on %s', (name) => {
  let project: PipelineProject
  beforeAll(async () => {
    project = await pipelineProject(
      name,
      syncs('clear_fields', '    rollout: {phases: [{name: few, keys: [A, B, C, D, E]}, {name: all}]}\n'),
    )
  })
  afterAll(() => project.close())

  const agrees = async () => {
    const { before, after } = await rebuildAndCompare(project)
    expect(after).toEqual(before)
    return Object.fromEntries(before.map(([key, disposition]) => [String(key), disposition]))
  }
  const run = async () => {
    const result = await project.execute('run', 'accounts')
    expect(result.error?.problems ?? []).toEqual([])
    return result
  }

  test('rows of a later phase, cleared, deleted and half-removed ones are rebuilt as they were', async () => {
    await project.source(rows('A', 'B', 'C', 'D', 'E', 'Z'))
    await run()
    await project.source(rows('B', 'C', 'D', 'E', 'Z'))
    await run()
    expect(await agrees()).toMatchObject({ A: 'held', B: 'synced', Z: 'held' })

    project.write('syncs/syncs.yml', syncs('clear_fields'))
    await run()
    await project.emulator.control.addFault({
      match: { crm: 'salesforce', method: 'PATCH' },
      action: { drop_after_apply: true },
    })
    await project.source(rows('C', 'D', 'E', 'Z'))
    await project.execute('run', 'accounts')
    await project.emulator.control.clearFaults()
    expect(await agrees()).toMatchObject({ A: 'removed', B: 'unknown', Z: 'synced' })

    project.write('syncs/syncs.yml', syncs('delete'))
    await project.source(rows('D', 'E', 'Z'))
    await run()
    const before = new Date(Date.now() - 25 * 3_600_000).toISOString().replace('T', ' ').replace('Z', '')
    await project.opened.warehouse.exec(
      `update backfeed.state_accounts set missed_at = timestamp '${before}' where row_key = 'C'`,
      statement('age'),
    )
    await project.opened.warehouse.release()
    expect(await run()).toMatchObject({ totals: { succeeded: 1 }, plan: { counts: { deletes: 1 } } })
    expect(await agrees()).toMatchObject({ C: 'removed', D: 'synced' })

    await project.source(rows('C', 'D', 'E', 'Z'))
    expect(await run()).toMatchObject({ totals: { created: 1 } })
    expect(await agrees()).toMatchObject({ C: 'synced' })
  }, 300_000)
})
