/** What stops a run while it sends: a CRM that is down, closed, full, or that refuses every row the same way. Nothing is lost. */

import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { SyncResult } from '../../runner/sync/execute-sync.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { auditFindings } from './audit-findings.ts'
import { openGuards, openLab, quoted, type RunOptions, type SyncLab } from './sync-lab.ts'

const MINUTE = 60_000
const BATCH = 4

describe.each(warehousesUnderTest().map(({ name }) => name))('breakers on %s', (name) => {
  let lab: SyncLab
  const opened: SyncLab[] = []
  const fields = [
    { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
    { name: 'Plan__c', type: 'string', length: 80 },
    { name: 'Seats__c', type: 'double', precision: 18, scale: 0 },
  ]
  beforeEach(async () => {
    lab = await openLab(name)
    opened.push(lab)
    await lab.emulator.control.putSchema('salesforce', 'Account', { fields })
    await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(200), seats decimal(18,0))')
  })
  afterAll(async () => {
    for (const one of opened) await one.close()
  })

  const given = async (rows: number, { limits = '', guards = openGuards } = {}) => {
    lab.syncs(
      `  - name: accounts
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields: [{to: Name, from: id, write: on_create}, {to: Plan__c, from: plan}, {to: Seats__c, from: seats}]
    limits: {batch_size: ${BATCH}, concurrency: 1${limits}}
    ${guards}
`,
    )
    const tuples = Array.from(
      { length: rows },
      (_, index) => `(${quoted(`k${String(index).padStart(3, '0')}`)}, 'pro', 1)`,
    )
    await lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${tuples.join(', ')}`)
  }
  const run = (options: RunOptions = {}) => lab.execute('run', 'accounts', { virtualWaitMs: MINUTE, ...options })
  const stored = async () =>
    (await lab.emulator.control.records('salesforce', 'Account')).filter(({ Key__c }) => Key__c)
  const adds = ({ totals }: SyncResult) =>
    totals && totals.succeeded + totals.rejected + totals.retryable + totals.unknown
  const isFree = async () =>
    expect(await lab.query('select count(*) from backfeed.sync_lease where holder is not null')).toEqual([['0']])
  /** The next run finishes what is left, and every row has its record once. */
  const finishes = async (rows: number) => {
    await lab.emulator.control.clearFaults()
    lab.advance(60 * MINUTE)
    expect(await run()).toMatchObject({ exitCode: 0, unresolved: 0 })
    expect(new Set((await stored()).map(({ Key__c }) => Key__c)).size).toBe(rows)
    expect(await stored()).toHaveLength(rows)
    expect(await lab.query('select * from backfeed_audit.reconciliation')).toEqual([])
  }
  const writesPath = '/\\/composite\\/sobjects\\//'

  test('F37: 503 for ten minutes ends the run with 75 within three, and the lease is free', async () => {
    await given(80)
    await lab.emulator.control.addFault({ match: { path: writesPath }, action: { status: 503 } })
    const startedMs = lab.nowMs()
    const result = await run()
    expect(result).toMatchObject({ exitCode: 75, status: 'partial', error: { code: 'E-CRM-UNAVAILABLE' } })
    expect(result.message).toContain('503')
    expect(lab.nowMs() - startedMs).toBeLessThan(3 * MINUTE)
    // Five calls open the circuit, one more after each minute.
    expect((await lab.writes()).length).toBe(7)
    expect(result.totals).toMatchObject({ unknown: 7 * BATCH, retryable: 80 - 7 * BATCH })
    await isFree()
    await finishes(80)
  })

  test('a CRM that comes back within a minute costs the run nothing but the minute', async () => {
    await given(40)
    const faults = [1, 2, 3, 4, 5].map((nth) => ({ match: { path: writesPath, nth }, action: { status: 503 } }))
    await lab.emulator.control.addFault(faults)
    expect(await run()).toMatchObject({ exitCode: 5, totals: { succeeded: 20, unknown: 20 } })
    await finishes(40)
  })

  test('F33: a login page instead of results is told by its type, and opens the circuit', async () => {
    await given(60)
    const action = { status: 200, body: '<html>Log in</html>', headers: { 'content-type': 'text/html' } }
    await lab.emulator.control.addFault({ match: { path: writesPath }, action })
    const result = await run()
    expect(result).toMatchObject({ exitCode: 75, totals: { unknown: 7 * BATCH } })
    expect(result.message).toContain('text/html')
    expect(await stored()).toEqual([])
    await finishes(60)
  })

  test('F40: the run stops where a fifth of the day is left, with 75 and when to go on', async () => {
    await given(80)
    await lab.emulator.control.putPolicies('salesforce', { limits: { daily_api_requests: 20 } })
    const result = await run()
    expect(result).toMatchObject({ exitCode: 75, error: { code: 'E-CRM-QUOTA' } })
    expect(JSON.stringify(result.error?.problems)).toMatch(/16 of 20 .* ends at 16.*run again when/)
    expect(adds(result)).toBe(80)
    expect((await stored()).length).toBe(result.totals?.succeeded)
    await lab.emulator.control.putPolicies('salesforce', { limits: { daily_api_requests: 10_000 } })
    await finishes(80)
  })

  test('F74: a field that turns read-only in the middle is named, and the rest stays planned', async () => {
    await given(40)
    let batches = 0
    const readOnly = fields.map((field) =>
      field.name === 'Plan__c' ? { ...field, updateable: false, createable: false } : field,
    )
    const result = await run({
      onPoint: (point) => {
        batches += point === 'CP11' ? 1 : 0
        if (point === 'CP11' && batches === 2)
          void lab.emulator.control.putSchema('salesforce', 'Account', { fields: readOnly })
      },
    })
    expect(result).toMatchObject({ exitCode: 1, status: 'partial', error: { code: 'E-CRM-SCHEMA-DRIFT' } })
    expect(result.message).toContain('Account.Plan__c')
    expect(result.error?.problems[0]?.at?.file).toBe('syncs/syncs.yml')
    expect(adds(result)).toBe(40)
    await isFree()
  })

  test('ten equal errors in a row stop the run and are named', async () => {
    await given(60, { guards: openGuards })
    await lab.emulator.control.putPolicies('salesforce', {
      objects: {
        Account: {
          validation_rules: [{ name: 'No', field: 'Plan__c', error_if: "Plan__c = 'pro'", message: 'not now' }],
        },
      },
    })
    const result = await run()
    expect(result).toMatchObject({ exitCode: 1, error: { code: 'E-RUN-BREAKER' } })
    expect(adds(result)).toBe(60)
  })

  test('after all of this no invariant is broken', async () => {
    // The last one is this test's own, in which nothing ran.
    for (const one of opened.slice(0, -1)) expect(await auditFindings(one, name)).toEqual([])
  })
})
