/** Rows that left the model: what is cleared, set or deleted, what is kept because somebody changed it, and what waits. */

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { auditFindings } from './audit-findings.ts'
import { openGuards, openLab, quoted, type RunOptions, type SyncLab } from './sync-lab.ts'

type Crm = 'salesforce' | 'hubspot'
interface Shape {
  object: string
  key: string
  value: string
  flag: string
  strategy: string
  field(name: string): Record<string, unknown>
}
const shapes: Record<Crm, Shape> = {
  salesforce: {
    object: 'Account',
    key: 'Customer_Id__c',
    value: 'Segment__c',
    flag: 'Active__c',
    strategy: 'external_id',
    field: (name) => ({ name, type: 'string', length: 80 }),
  },
  hubspot: {
    object: 'companies',
    key: 'customer_id',
    value: 'segment',
    flag: 'active',
    strategy: 'unique_property',
    field: (name) => ({ name, type: 'string' }),
  },
}

const day = 24 * 3_600_000

// A test plans and runs up to ten times.
vi.setConfig({ testTimeout: 300_000 })

describe.each(warehousesUnderTest().map(({ name }) => name))('removals on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.exec('create table backfeed.rows_given (id varchar(40), segment varchar(40))')
  })
  afterAll(() => lab.close())

  describe.each(['salesforce', 'hubspot'] as const)('%s', (crm) => {
    const { object, key, value, flag, strategy, field } = shapes[crm]
    beforeEach(async () => {
      const { control } = lab.emulator
      await control.reset()
      const unique = crm === 'salesforce' ? { externalId: true, unique: true } : { hasUniqueValue: true }
      const fields = [{ ...field(key), ...unique }, field(value), field(flag)]
      await control.putSchema(crm, object, crm === 'salesforce' ? { fields } : { properties: fields })
    })

    let serial = 0
    let sync = ''
    const write = (onRemoved: string, more = ''): void => {
      lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: ${crm}, object: ${object}}
    mode: upsert
    match: {field: ${key}, from: id, strategy: ${strategy}${crm === 'hubspot' ? ', link_by: none' : ''}}
    fields: [{to: ${crm === 'salesforce' ? 'Name' : 'name'}, value: made, write: on_create}, {to: ${value}, from: segment}]
    on_removed: ${onRemoved}
    ${openGuards.replace('}', more === '' ? '}' : `, ${more}}`)}
`)
    }
    const define = (onRemoved: string, more = ''): void => {
      serial += 1
      sync = `left_${crm}_${serial}`
      write(onRemoved, more)
    }
    const fill = (...ids: readonly string[]) =>
      lab.exec(
        'delete from backfeed.rows_given',
        `insert into backfeed.rows_given values ${['keep', ...ids].map((id) => `(${quoted(id)}, 'core')`).join(', ')}`,
      )
    const run = async (options: RunOptions = {}) => {
      const result = await lab.execute('run', sync, options)
      expect(result.error?.problems ?? []).toEqual([])
      return result
    }
    const records = async () => {
      const list = await lab.emulator.control.records(crm, object)
      return new Map(
        list.map((record) => {
          const cells = (crm === 'hubspot' ? record.properties : record) as Record<string, unknown>
          return [
            String(cells[key]),
            { id: String(record.id ?? record.Id), value: cells[value] ?? null, flag: cells[flag] ?? null },
          ] as const
        }),
      )
    }
    const edit = async (id: string, cells: Record<string, string>) => {
      const record = (await records()).get(id)
      await lab.emulator.control.putRecords(crm, object, [
        crm === 'salesforce' ? { Id: record?.id, ...cells } : { id: record?.id, ...cells },
      ])
    }
    const blank = (cell: unknown) => cell === null || cell === ''

    test('clear_fields blanks what we wrote and keeps what somebody changed; a row that comes back is written again', async () => {
      define('clear_fields')
      await fill('A', 'B')
      await run()
      await edit('B', { [value]: 'theirs' })
      await fill()
      await lab.writes()
      const planned = await lab.execute('plan', sync)
      expect(planned.plan).toMatchObject({ counts: { update: 1, clears: 1, removed: 1, drift: 1 } })
      expect(await run()).toMatchObject({ totals: { succeeded: 1 } })
      const writes = await lab.writes()
      expect(writes.map(({ path }) => path)).toEqual(planned.plan?.predicted.requests.map(({ path }) => path))
      const after = await records()
      expect(blank(after.get('A')?.value)).toBe(true)
      expect(after.get('B')?.value).toBe('theirs')
      expect(after.get('keep')?.value).toBe('core')
      const kept = await lab.query(
        `select row_key, crm_value, decision from backfeed_audit.drift where sync_name = '${sync}' and row_key = 'B'`,
      )
      expect(kept[0]).toEqual(['B', 'theirs', 'left alone'])
      const policies = await lab.query(
        `select distinct null_policy from backfeed_audit.field_changes where sync_name = '${sync}' and action = 'clear'`,
      )
      expect(policies).toEqual([['on_removed']])
      await run()
      expect(await lab.writes()).toEqual([])
      await fill('A')
      expect(await run()).toMatchObject({ totals: { succeeded: 1, created: 0 } })
      expect((await records()).get('A')).toMatchObject({ id: after.get('A')?.id, value: 'core' })
    })

    test('set writes its constants once, mapped or not', async () => {
      define(`{set: {${flag}: 'no', ${value}: gone}}`)
      await fill('A')
      await run()
      expect(blank((await records()).get('A')?.flag)).toBe(true)
      await fill()
      expect(await run()).toMatchObject({ totals: { succeeded: 1 } })
      expect((await records()).get('A')).toMatchObject({ flag: 'no', value: 'gone' })
      await lab.writes()
      await run()
      expect(await lab.writes()).toEqual([])
      await fill('A')
      await run()
      expect((await records()).get('A')).toMatchObject({ flag: 'no', value: 'core' })
    })

    test('delete waits for a day and a second run, then goes to the recycle bin, last of all requests', async () => {
      define('delete', 'max_deletes: 10')
      await fill('A', 'B')
      await run()
      await fill('B', 'C')
      expect(await run()).toMatchObject({ plan: { heldByReason: { 'delete:first_missed': 1 } } })
      lab.advance(day / 2)
      expect(await run()).toMatchObject({ plan: { heldByReason: { 'delete:missed_lately': 1 } } })
      lab.advance(day / 2 + 60_000)
      await fill('B', 'C', 'D')
      await lab.writes()
      const planned = await lab.execute('plan', sync)
      expect(planned.plan).toMatchObject({
        counts: { deletes: 1, create: 1, send: 2 },
        samples: expect.arrayContaining([expect.objectContaining({ key: 'A', op: 'delete' })]),
      })
      expect(await run()).toMatchObject({ totals: { succeeded: 2 } })
      const writes = await lab.writes()
      expect(writes.map(({ method, path }) => `${method} ${path}`)).toEqual(
        planned.plan?.predicted.requests.map(({ method, path }) => `${method} ${path}`),
      )
      expect(writes.at(-1)?.path).toContain(crm === 'salesforce' ? '/composite/sobjects?ids=' : '/batch/archive')
      expect([...(await records()).keys()].sort()).toEqual(['B', 'C', 'D', 'keep'])
      await run()
      expect(await lab.writes()).toEqual([])
      await fill('A', 'B', 'C', 'D')
      expect(await run()).toMatchObject({ totals: { created: 1 } })
    })

    test('each condition that is not met holds the record, and says which', async () => {
      const { control } = lab.emulator
      await control.putRecords(crm, object, [{ [crm === 'salesforce' ? 'Name' : 'name']: 'theirs', [key]: 'M' }])
      define('delete', 'max_deletes: 10')
      await fill('M', 'E', 'R')
      await run()
      await edit('E', { [value]: 'theirs' })
      await fill('R')
      await run()
      lab.advance(day + 60_000)
      expect((await run()).plan?.heldByReason).toEqual({ 'delete:not_ours': 1, 'delete:edited': 1 })
      write('delete', 'max_deletes: 0')
      await fill()
      await run()
      lab.advance(day + 60_000)
      expect((await run()).plan?.heldByReason).toEqual({ 'delete:not_ours': 1, 'delete:no_budget': 2 })
      expect([...(await records()).keys()].sort()).toEqual(['E', 'M', 'R', 'keep'])
    })

    test('a delete whose answer was lost is looked at, not sent again', async () => {
      define('delete', 'max_deletes: 10')
      await fill('A')
      await run()
      await fill()
      await run()
      lab.advance(day + 60_000)
      const { control } = lab.emulator
      const request = crm === 'salesforce' ? { method: 'DELETE' } : { path: '/archive$/' }
      await control.addFault({ match: { crm, ...request }, action: { drop_after_apply: true } })
      expect(await lab.execute('run', sync)).toMatchObject({ totals: { unknown: 1 } })
      await control.clearFaults()
      lab.advance(200_000)
      await lab.writes()
      expect(await run()).toMatchObject({ exitCode: 0, unresolved: 0 })
      expect(await lab.writes()).toEqual([])
      expect([...(await records()).keys()]).toEqual(['keep'])
      await fill('A')
      expect(await run()).toMatchObject({ totals: { created: 1 } })
    })
  })

  test('after all of this no invariant is broken', async () => {
    expect(await auditFindings(lab, name)).toEqual([])
  })
})
