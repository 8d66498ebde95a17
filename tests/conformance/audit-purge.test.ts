/** Erasing values: gone from every table, the chain still fits, state is still the fold of the log, and a kill half-way is completed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyAudit } from '../../runner/audit/verify.ts'
import { systemPorts } from '../../runner/ports.ts'
import { type PurgePlace, purgeValues } from '../../runner/sync/purge-values.ts'
import { packageEnvironment } from '../support/package-environment.ts'
import { statement, warehousesUnderTest } from '../support/warehouses.ts'
import { type AuditLab, openAuditLab } from './audit-lab.ts'
import { rebuiltEqualsState } from './rebuilt-state.ts'

const PRIVATE = 'private-of-k2'

describe.each(warehousesUnderTest().map(({ name }) => name))('audit purge on %s', (name) => {
  let lab: AuditLab
  const place = (crashAt = 0): PurgePlace => {
    let seen = 0
    const at = (point: string) => {
      seen += 1
      if (point === 'CP30' && seen === crashAt) throw new Error('killed at CP30')
    }
    const ports = { ...systemPorts(), crashPoints: { at }, clock: { ...systemPorts().clock, nowMs: lab.nowMs } }
    return {
      warehouse: lab.opened.warehouse,
      environment: packageEnvironment(name),
      schema: 'backfeed',
      auditSchema: 'backfeed_audit',
      options: statement,
      auditKey: '',
      actor: 'officer',
      ports,
    }
  }
  const verify = () => verifyAudit({ ...place(), project: 'lab' })
  const everything = async (): Promise<string> => {
    const tables = await lab.query(
      "select table_schema, table_name from information_schema.tables where table_schema in ('backfeed', 'backfeed_audit') and table_name <> 'rows_given'",
    )
    const texts = await Promise.all(
      tables.map(async ([schema, table]) => JSON.stringify(await lab.query(`select * from ${schema}.${table}`))),
    )
    return texts.join('\n')
  }
  beforeAll(async () => {
    lab = await openAuditLab(name)
    await lab.fill([
      ['K-1', 'plan-old', 'core'],
      ['K-2', `${PRIVATE}-1`, 'core'],
      ['K-3', 'plan-old', 'core'],
    ])
    await lab.execute('run', 'accounts')
    const refused = {
      success: false,
      errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: `${PRIVATE}-2 is no plan`, fields: [] }],
    }
    const fault = {
      match: { crm: 'salesforce' as const, method: 'PATCH' },
      action: { status: 200, body: [refused, refused] },
    }
    await lab.fill([
      ['K-1', 'plan-new', 'core'],
      ['K-2', `${PRIVATE}-2`, 'core'],
      ['K-3', 'plan-old', 'core'],
    ])
    await lab.emulator.control.addFault(fault)
    await lab.execute('run', 'accounts')
    await lab.emulator.control.clearFaults()
    lab.advance(100 * 86_400_000)
    await lab.fill([
      ['K-1', 'plan-newer', 'core'],
      ['K-2', `${PRIVATE}-3`, 'core'],
      ['K-3', 'plan-old', 'core'],
    ])
    await lab.execute('run', 'accounts')
  }, 120_000)
  afterAll(() => lab.close())

  test('F89: retention killed half-way at CP30 is completed by the next purge; what state stands on is kept', async () => {
    const cutoff = new Date(lab.nowMs() - 90 * 86_400_000).toISOString()
    const before = await lab.query('select count(*) from backfeed.sync_plan_field where desired_value is not null')
    await expect(purgeValues(place(2), { kind: 'retention', olderThan: cutoff, reason: 'retention' })).rejects.toThrow(
      'CP30',
    )
    expect(await lab.query('select phase from backfeed.sync_purge')).toEqual([['started']])
    expect(await purgeValues(place(), { kind: 'retention', olderThan: cutoff, reason: 'retention' })).toMatchObject({
      resumed: 1,
    })
    expect(await lab.query('select phase, count(*) from backfeed.sync_purge group by phase order by phase')).toEqual([
      ['finished', '2'],
      ['started', '2'],
    ])
    expect((await everything()).includes(`${PRIVATE}-2`)).toBe(false)
    expect(
      await lab.query('select count(*) from backfeed.sync_plan_field where desired_value is not null'),
    ).not.toEqual(before)
    expect(
      await lab.query(
        "select field, desired_value from backfeed.sync_plan_field where row_key = 'K-3' and desired_value is not null order by field",
      ),
    ).toEqual([
      ['Name', 'K-3'],
      ['Plan__c', 'plan-old'],
      ['Segment__c', 'core'],
    ])
    expect((await verify()).findings).toEqual([])
    expect(await rebuiltEqualsState(lab, 'accounts')).toBe(true)
    expect(await lab.execute('run', 'accounts')).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
  })

  test('one key: its values are in no table, others stay, and the chain still fits', async () => {
    expect((await everything()).includes(PRIVATE)).toBe(true)
    const { purgeId } = await purgeValues(place(), {
      kind: 'key',
      sync: 'accounts',
      key: 'K-2',
      reason: 'request 4711',
    })
    const left = await everything()
    expect(left.includes(PRIVATE)).toBe(false)
    expect(left.includes('plan-newer')).toBe(true)
    const verified = await verify()
    expect(verified.findings).toEqual([])
    expect(verified.erased).toBeGreaterThan(0)
    expect(verified.purges).toContainEqual(
      expect.objectContaining({ purgeId, sync: 'accounts', rowKey: 'K-2', actor: 'officer', reason: 'request 4711' }),
    )
    expect(await lab.check()).toSatisfy((results: { found: number }[]) => results.every(({ found }) => found === 0))
    expect(await rebuiltEqualsState(lab, 'accounts')).toBe(true)
    expect(await lab.execute('run', 'accounts')).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
  })

  test('a run that has not ended keeps its values until it is closed', async () => {
    await lab.fill([
      ['K-1', 'plan-newest', 'core'],
      ['K-2', 'other', 'core'],
      ['K-3', 'plan-old', 'core'],
    ])
    await expect(lab.execute('run', 'accounts', { crashAt: 'CP11' })).rejects.toThrow('CP11')
    await lab.exec('update backfeed.sync_lease set holder = null')
    const request = { kind: 'key', sync: 'accounts', key: 'K-1', reason: 'request' } as const
    await expect(purgeValues(place(), request)).rejects.toMatchObject({ code: 'E-AUDIT-OPEN', exitCode: 3 })
    await lab.execute('run', 'accounts')
    await purgeValues(place(), request)
    expect((await verify()).findings).toEqual([])
  })

  test('a record of a purge that was edited shows', async () => {
    await lab.exec("update backfeed.sync_purge set reason = 'no reason' where row_key = 'K-2' and phase = 'finished'")
    expect((await verify()).findings).toContainEqual(
      expect.objectContaining({ kind: 'edit', message: expect.stringContaining('purge_') }),
    )
  })
})
