/** A rollout: who is in a phase, who waits, what promotes it, and that going back takes nothing away. */

import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { auditFindings } from './audit-findings.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

// A test plans and runs up to ten times.
vi.setConfig({ testTimeout: 300_000 })

describe.each(warehousesUnderTest().map(({ name }) => name))('rollout on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.exec('create table backfeed.rows_given (id varchar(40), region varchar(20), ltv numeric(10,2))')
  })
  afterAll(() => lab.close())
  beforeEach(async () => {
    await lab.emulator.control.reset()
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Customer_Id__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'LTV__c', type: 'double', precision: 10, scale: 2 },
      ],
    })
  })

  let serial = 0
  let sync = ''
  const write = (rollout: string): void => {
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Customer_Id__c, from: id, strategy: external_id}
    fields: [{to: Name, value: made, write: on_create}, {to: LTV__c, from: ltv}]
    ${openGuards}
    ${rollout}
`)
  }
  /** A sync with state of its own. */
  const define = (rollout: string): void => {
    serial += 1
    sync = `accounts_${serial}`
    write(rollout)
  }
  const fill = (...rows: readonly (readonly [id: string, region: string | null, ltv: number])[]) =>
    lab.exec(
      'delete from backfeed.rows_given',
      `insert into backfeed.rows_given values ${rows.map(([id, region, ltv]) => `(${quoted(id)}, ${quoted(region)}, ${ltv})`).join(', ')}`,
    )
  const numbered = (from: number, to: number, ltv = 1) =>
    Array.from({ length: to - from + 1 }, (_, i) => [`C-${from + i}`, 'emea', ltv] as const)
  const run = async () => {
    const result = await lab.execute('run', sync)
    expect(result.error?.problems ?? []).toEqual([])
    return result
  }
  const plan = async () => (await lab.execute('plan', sync)).plan
  const records = async () => {
    const list = await lab.emulator.control.records('salesforce', 'Account')
    return new Map(list.map(({ Customer_Id__c: key, LTV__c: ltv }) => [String(key), Number(ltv)]))
  }
  const keys = async () => [...(await records()).keys()].sort()
  const setPhase = (phase: string, event = 'set') =>
    lab.exec(
      `insert into backfeed.sync_rollout (sync_name, target, org_id, phase, event, reason, epoch, seq)
       select sync_name, target, org_id, '${phase}', '${event}', 'test', max(epoch), 1000000 from backfeed.sync_run where sync_name = '${sync}' group by sync_name, target, org_id`,
    )

  test('keys and where decide who is in; the others wait, with the phase as reason', async () => {
    define(`rollout: {phases: [{name: canary, where: "region = 'test'", keys: [C-3]}, {name: all}]}`)
    await fill(['C-1', 'test', 1], ['C-2', 'emea', 1], ['C-3', 'emea', 1], ['C-4', null, 1])
    const planned = await plan()
    expect(planned).toMatchObject({
      counts: { create: 2, held: 2 },
      heldByReason: { 'rollout:canary': 2 },
      rollout: { phase: 'canary', place: 1, of: 2, outside: 2, next: 'all', paused: false },
    })
    expect(await run()).toMatchObject({ status: 'succeeded', planned: 4, held: 2, totals: { created: 2 } })
    expect(await keys()).toEqual(['C-1', 'C-3'])
    const waiting = await lab.query(
      `select row_key from backfeed_audit.changes where sync_name = '${sync}' and kind = 'run' and decision = 'held' and reason = 'rollout:canary' order by 1`,
    )
    expect(waiting).toEqual([['C-2'], ['C-4']])
  })

  test('a row outside is looked at once per phase, and not read in the CRM', async () => {
    define(`rollout: {phases: [{name: canary, keys: [C-1]}, {name: all}]}`)
    await fill(...numbered(1, 5))
    await run()
    const second = await plan()
    expect(second).toMatchObject({
      counts: { candidates: 0, send: 0, held: 0, unchanged: 5 },
      rollout: { outside: 4 },
      predicted: { readCalls: 0 },
    })
    await fill(...numbered(1, 4), ['C-5', 'emea', 7])
    expect(await plan()).toMatchObject({ counts: { candidates: 1, held: 1 }, predicted: { readCalls: 0 } })
  })

  test('phases add to each other, and the rows of the one before are not sent again', async () => {
    define('rollout: {phases: [{name: canary, where: "region = \'test\'"}, {name: ten, sample: 10%}, {name: quarter, sample: 25%}, {name: all}], salt: s}')
    await fill(...numbered(1, 100), ['T-1', 'test', 1])
    await run()
    expect(await keys()).toEqual(['T-1'])
    const reached: string[][] = [await keys()]
    for (const phase of ['ten', 'quarter', 'all']) {
      await setPhase(phase)
      await lab.writes()
      const before = new Set(await keys())
      await run()
      const sent = (await lab.sent()).map((row) => String(row.Customer_Id__c))
      expect(sent.filter((key) => before.has(key))).toEqual([])
      const now = await keys()
      for (const key of before) expect(now).toContain(key)
      reached.push(now)
    }
    expect(reached.map((list) => list.length)).toEqual([1, 12, 34, 101])
  })

  test('going back to a smaller phase deletes and reverts nothing, and holds new values of the rows outside', async () => {
    define('rollout: {phases: [{name: few, keys: [C-1]}, {name: all}]}')
    await fill(...numbered(1, 3))
    await run()
    await setPhase('all')
    await run()
    await setPhase('few')
    await fill(...numbered(1, 3, 2))
    await lab.writes()
    await run()
    expect((await lab.sent()).map((row) => row.Customer_Id__c)).toEqual(['C-1'])
    expect([...(await records())].sort()).toEqual([
      ['C-1', 2],
      ['C-2', 1],
      ['C-3', 1],
    ])
    await setPhase('all')
    await run()
    expect([...(await records())].sort()).toEqual([
      ['C-1', 2],
      ['C-2', 2],
      ['C-3', 2],
    ])
  })

  test('without rollout: every row is in, and what was reached is not looked at again', async () => {
    define('rollout: {phases: [{name: few, keys: [C-1]}, {name: all}]}')
    await fill(...numbered(1, 3))
    await run()
    write('')
    expect(await plan()).toMatchObject({ counts: { candidates: 2, create: 2, unchanged: 1 } })
    await run()
    expect(await keys()).toEqual(['C-1', 'C-2', 'C-3'])
  })

  test('quarantine comes before the phase, and a phase does not hide it', async () => {
    define('rollout: {phases: [{name: few, keys: [C-1]}, {name: all}]}')
    await fill(['C-1', 'test', 1], ['C-2', 'test', 1], ['C-2', 'test', 1], ['  ', 'test', 1])
    expect(await plan()).toMatchObject({ counts: { create: 1, quarantined: 2, held: 0 } })
  })

  describe('advance_after', () => {
    const phases =
      'phases: [{name: few, keys: [C-1, C-2]}, {name: more, keys: [C-3]}, {name: all}], advance_after: {runs: 2, max_error_rate: 0%}'
    const phase = async () => (await plan())?.rollout?.phase
    const events = () =>
      lab.query(
        `select phase, event, reason from backfeed.sync_rollout where sync_name = '${sync}' order by epoch, seq`,
      )

    test('the next phase begins after enough runs that ended well', async () => {
      define(`rollout: {${phases}}`)
      await fill(...numbered(1, 4))
      await run()
      expect(await phase()).toBe('few')
      expect((await plan())?.rollout).toMatchObject({ goodRuns: 1, neededRuns: 2, hasSent: true })
      await run()
      expect(await phase()).toBe('more')
      expect(await events()).toEqual([['more', 'advanced', '2 runs of few ended well']])
      await run()
      await run()
      expect(await phase()).toBe('all')
      await run()
      expect(await keys()).toEqual(['C-1', 'C-2', 'C-3', 'C-4'])
    })

    test('plans do not count, nor do runs of a phase that reached nobody', async () => {
      define(`rollout: {phases: [{name: few, where: "region = 'tset'"}, {name: all}], advance_after: {runs: 1}}`)
      await fill(...numbered(1, 2))
      await plan()
      await run()
      await run()
      expect((await plan())?.rollout).toMatchObject({ phase: 'few', goodRuns: 2, hasSent: false })
    })

    test('a rejected row, a crash and a refused run start the count again', async () => {
      define(`rollout: {${phases}}`)
      await fill(...numbered(1, 2))
      await run()
      await lab.emulator.control.addFault({
        match: { crm: 'salesforce', method: 'PATCH' },
        action: {
          status: 200,
          body: [
            {
              success: false,
              errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no', fields: [] }],
            },
          ],
        },
      })
      await fill(['C-1', null, 5], ['C-2', null, 1])
      expect(await lab.execute('run', sync)).toMatchObject({ status: 'partial' })
      expect((await plan())?.rollout).toMatchObject({ phase: 'few', goodRuns: 0 })
      await lab.emulator.control.clearFaults()
      await fill(['C-1', null, 6], ['C-2', null, 1])
      await run()
      await fill(['C-1', null, 7], ['C-2', null, 1])
      await expect(lab.execute('run', sync, { crashAt: 'CP24' })).rejects.toThrow('CP24')
      await lab.query(`update backfeed.sync_lease set expires_at = null, holder = null`)
      await run()
      expect((await plan())?.rollout).toMatchObject({ phase: 'few', goodRuns: 1 })
      await run()
      expect(await phase()).toBe('more')
    })

    test('a paused rollout stays where it is', async () => {
      define(`rollout: {${phases}}`)
      await fill(...numbered(1, 2))
      await run()
      await setPhase('few', 'paused')
      await run()
      await run()
      expect((await plan())?.rollout).toMatchObject({ phase: 'few', paused: true })
    })
  })

  test('a phase that left the file is an error that says how to go on', async () => {
    define('rollout: {phases: [{name: few, keys: [C-1]}, {name: all}]}')
    await fill(...numbered(1, 2))
    await run()
    write('rollout: {phases: [{name: canary, keys: [C-1]}, {name: all}]}')
    await setPhase('few')
    const result = await lab.execute('plan', sync)
    expect(result).toMatchObject({ exitCode: 2, error: { code: 'E-ROLLOUT-PHASE' } })
    expect(result.message).toContain('"few"')
  })

  test('after all of this no invariant is broken', async () => {
    expect(await auditFindings(lab, name)).toEqual([])
  })
})
