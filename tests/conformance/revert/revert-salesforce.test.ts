/** Undoing runs of a Salesforce sync: by request and by job, field by field, never over what somebody changed since. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../../support/warehouses.ts'
import { auditFindings } from '../audit-findings.ts'
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

  test('F83 a revert pauses the sync, so that the schedule does not apply it again; resumed, it does', async () => {
    mapping('paused')
    await lab.fill(rows('p-', { plan: 'old' }))
    await lab.run('paused')
    await lab.fill(rows('p-', { plan: 'new' }))
    const bad = await lab.run('paused')
    let during: unknown
    const fires = async () => lab.execute('run', 'paused')
    const undone = await lab.revert(
      'paused',
      { runId: bad },
      {
        onPoint: (point) => {
          if (point === 'CP09') during ??= fires()
        },
      },
    )
    expect(undone).toMatchObject({ exitCode: 0, totals: { succeeded: 3 } })
    expect(await during).toMatchObject({ exitCode: 6, error: { code: 'E-RUN-BUSY' } })
    await lab.writes()
    expect(await lab.execute('run', 'paused')).toMatchObject({ exitCode: 3, error: { code: 'E-RUN-PAUSED' } })
    expect(await lab.writes()).toEqual([])
    const planned = await lab.execute('plan', 'paused')
    expect(planned.error?.problems ?? []).toEqual([])
    expect(planned).toMatchObject({ status: 'planned', plan: { counts: { update: 3, send: 3 } } })
    expect(
      await lab.query("select event, reason, actor <> '' from backfeed.sync_pause where sync_name = 'paused'"),
    ).toEqual([['paused', `revert of ${bad}`, 'true']])
    const { state, rebuilt } = await lab.stateAndRebuilt('paused')
    expect(rebuilt).toEqual(state)
    await lab.resume('paused')
    expect(await lab.execute('run', 'paused')).toMatchObject({ exitCode: 0, totals: { succeeded: 3 } })
    expect(Object.values(await stored('p-'))).toEqual(Array(3).fill(['new', null, null]))
    await lab.writes()
    expect(await lab.execute('run', 'paused')).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
  })

  test('a revert can be reverted: what the first run had written is there again', async () => {
    mapping('twice')
    await lab.fill(rows('t-', { plan: 'old', score: '1', note: 'first' }))
    await lab.run('twice')
    await lab.fill(rows('t-', { plan: 'new', score: '2', note: null }))
    const bad = await lab.run('twice')
    const undone = await lab.revert('twice', { runId: bad })
    expect(Object.values(await stored('t-'))).toEqual(Array(3).fill(['old', 1, 'first']))
    const again = await lab.revert('twice', { runId: undone.runId ?? '' })
    expect(again).toMatchObject({ exitCode: 0, totals: { succeeded: 3 } })
    expect(Object.values(await stored('t-'))).toEqual(Array(3).fill(['new', 2, null]))
    expect(
      await lab.query(
        `select p.source_plan_id = q.plan_id from backfeed.sync_plan as p join backfeed.sync_plan as q on q.run_id = '${bad}' where p.run_id = '${undone.runId}'`,
      ),
    ).toEqual([['true']])
    const { state, rebuilt } = await lab.stateAndRebuilt('twice')
    expect(rebuilt).toEqual(state)
    expect(await lab.query("select * from backfeed_audit.reconciliation where sync_name = 'twice'")).toEqual([])
  })

  test('some keys and some fields only; a name that is none is refused before anything is read', async () => {
    mapping('some')
    await lab.fill(rows('s-', { plan: 'old', score: '1' }))
    await lab.run('some')
    await lab.fill(rows('s-', { plan: 'new', score: '2' }))
    const bad = await lab.run('some')
    await lab.revert('some', { runId: bad, keys: ['s-2', ' s-3 ', 'nobody'], fields: ['plan__C'] })
    expect(await stored('s-')).toEqual({ 1: ['new', 2, null], 2: ['old', 2, null], 3: ['old', 2, null] })
    await lab.writes()
    const refused = async (request: object) => (await lab.revert('some', { runId: bad, ...request })).error
    expect(await refused({ fields: ['Pan__c'] })).toMatchObject({
      code: 'E-REV-FIELD',
      problems: [{ hint: expect.stringContaining('Plan__c') }],
    })
    expect(await refused({ keys: ['nobody'] })).toMatchObject({ code: 'E-REV-KEYS' })
    expect(await refused({ runId: 'run_none' })).toMatchObject({ code: 'E-REV-UNKNOWN' })
    const planned = (await lab.execute('plan', 'some')).runId ?? ''
    expect(await refused({ runId: planned })).toMatchObject({
      code: 'E-REV-RUN',
      message: expect.stringContaining('it is a plan'),
    })
    expect(await lab.writes()).toEqual([])
    await lab.revert('some', { runId: bad })
    expect(Object.values(await stored('s-'))).toEqual(Array(3).fill(['old', 1, null]))
    mapping('other')
    expect((await lab.revert('other', { runId: bad })).error).toMatchObject({
      code: 'E-REV-RUN',
      message: expect.stringContaining('a run of some'),
    })
  })

  test('what was blank is blanked again whatever the null policy, created records stay, inexact values are left alone', async () => {
    mapping('kinds', { fields: '      - {to: Site, from: note, write: if_empty}' })
    await lab.emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'blank', Key__c: 'k-1' },
      { Name: 'finer', Key__c: 'k-2', Score__c: 1.2345, Plan__c: 'x' },
    ])
    await lab.fill([...rows('k-', { plan: 'new', score: '2.50', note: 'n' })])
    const bad = await lab.run('kinds')
    const undone = await lab.revert('kinds', { runId: bad })
    expect(await stored('k-')).toMatchObject({ 1: [null, null, null], 2: ['x', 2.5, null], 3: ['new', 2.5, 'n'] })
    expect(undone.message).toContain('1 the run created the record, which stays')
    expect(await lab.leftAlone('kinds')).toEqual(
      expect.arrayContaining([
        ['k-2', 'Score__c', 'not_exact'],
        ['k-3', '', 'created'],
      ]),
    )
    const { state, rebuilt } = await lab.stateAndRebuilt('kinds')
    expect(rebuilt).toEqual(state)
  })

  test('values that the audit masked or hashed are listed, never written back as their masks', async () => {
    mapping('masked', { more: 'audit: {values: full, sensitive: {plan: mask, note: hash}}' })
    await lab.fill(rows('m-', { plan: 'older', score: '1', note: 'first' }, 1))
    await lab.run('masked')
    await lab.fill(rows('m-', { plan: 'newer', score: '2', note: 'second' }, 1))
    const bad = await lab.run('masked')
    // What was masked when it was written stays masked, whatever the audit says now.
    mapping('masked')
    await lab.revert('masked', { runId: bad })
    expect(await stored('m-')).toEqual({ 1: ['newer', 1, 'second'] })
    expect(await lab.leftAlone('masked')).toEqual([
      ['m-1', 'Note__c', 'not_kept'],
      ['m-1', 'Plan__c', 'not_kept'],
    ])
  })

  test('a field that is not mapped any more is listed; the others go back', async () => {
    mapping('unmapped', { fields: '      - {to: Site, from: note}' })
    await lab.fill(rows('u-', { plan: 'old', note: 'a' }, 1))
    await lab.run('unmapped')
    await lab.fill(rows('u-', { plan: 'new', note: 'b' }, 1))
    const bad = await lab.run('unmapped')
    mapping('unmapped')
    await lab.revert('unmapped', { runId: bad })
    expect(await stored('u-')).toEqual({ 1: ['old', null, 'a'] })
    expect(await lab.leftAlone('unmapped')).toEqual([['u-1', 'Site', 'not_mapped']])
  })

  test('many rows go back by job', async () => {
    mapping('jobs')
    await lab.fill(rows('j-', { plan: 'old', note: 'first' }, 40))
    await lab.run('jobs')
    await lab.fill(rows('j-', { plan: 'new' }, 40))
    const bad = await lab.run('jobs')
    await edit('j-7', { Plan__c: 'by hand' })
    await lab.writes()
    const undone = await lab.revert('jobs', { runId: bad })
    expect(undone).toMatchObject({ exitCode: 0, totals: { succeeded: 40 } })
    expect((await lab.writes()).some(({ path }) => path.includes('/jobs/ingest'))).toBe(true)
    const found = await stored('j-')
    expect(found[7]).toEqual(['by hand', null, 'first'])
    expect(Object.values(found).filter(([plan]) => plan === 'old')).toHaveLength(39)
    const { state, rebuilt } = await lab.stateAndRebuilt('jobs')
    expect(rebuilt).toEqual(state)
  })

  test.each([
    ['CP08', 1],
    ['CP11', 1],
    ['CP11', 2],
    ['CP24', 1],
  ])('a revert that dies at %s, time %i: nothing is lost, and the next one ends it', async (at, nth) => {
    const sync = `dies_${at.toLowerCase()}_${nth}`
    const prefix = `${at}-${nth}-`
    mapping(sync)
    await lab.fill(rows(prefix, { plan: 'old' }, 5))
    await lab.run(sync)
    await lab.fill(rows(prefix, { plan: 'new' }, 5))
    const bad = await lab.run(sync)
    await expect(lab.revert(sync, { runId: bad }, { crashAt: at, nth })).rejects.toThrow(at)
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 3 })
    lab.advance(3_600_000)
    const again = await lab.revert(sync, { runId: bad })
    expect(again.error?.problems ?? []).toEqual([])
    expect(Object.values(await stored(prefix))).toEqual(Array(5).fill(['old', null, null]))
    const { state, rebuilt } = await lab.stateAndRebuilt(sync)
    expect(rebuilt).toEqual(state)
    await lab.resume(sync)
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, unresolved: 0 })
    expect(Object.values(await stored(prefix))).toEqual(Array(5).fill(['new', null, null]))
    await lab.writes()
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
    expect(await lab.query(`select * from backfeed_audit.reconciliation where sync_name = '${sync}'`)).toEqual([])
  })

  test('after all of this no invariant is broken', async () => {
    expect(await auditFindings(lab, name)).toEqual([])
  })
})
