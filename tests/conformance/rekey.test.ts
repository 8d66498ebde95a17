/** A sync whose primary key changes: its rows go on under the new key, or nothing is changed (protocol A19). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rekeyPurpose } from '../../runner/sync/rekey-purpose.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { auditFindings } from './audit-findings.ts'
import { openRevertLab, type RevertLab } from './revert/revert-lab.ts'
import { openGuards, quoted } from './sync-lab.ts'

describe.each(warehousesUnderTest().map(({ name }) => name))('another primary key on %s', (name) => {
  let lab: RevertLab
  beforeAll(async () => {
    lab = await openRevertLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
      ],
    })
  })
  afterAll(() => lab.close())

  type Pair = [id: string | null, former: string | null, plan: string | null]
  const fill = (...rows: Pair[]) =>
    lab.exec(
      'delete from backfeed.rows_given',
      `insert into backfeed.rows_given (id, note, plan) values ${rows.map((row) => `(${row.map(quoted).join(', ')})`).join(', ')}`,
    )
  const mapping = (sync: string, primaryKey: string) =>
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: ${primaryKey}
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: note, strategy: external_id}
    fields:
      - {to: Name, from: note, write: on_create}
      - {to: Plan__c, from: plan, on_null: clear}
    ${openGuards}
`)
  const rekey = (sync: string, verb: 'plan' | 'run', from = 'note', options = {}) =>
    lab.execute(verb, sync, { ...options, purpose: rekeyPurpose(from.split(',')) })
  const pairs = (prefix: string): Pair[] => [
    [`${prefix}new-1`, `${prefix}old-1`, 'gold'],
    [`${prefix}new-2`, `${prefix}old-2`, 'silver'],
    [`${prefix}new-3`, `${prefix}old-3`, null],
  ]
  const ready = async (sync: string) => {
    mapping(sync, 'note')
    await fill(...pairs(`${sync}-`))
    expect(await lab.execute('run', sync)).toMatchObject({ totals: { succeeded: 3, created: 3 } })
    mapping(sync, 'id')
    await lab.writes()
  }
  const openKeys = async (sync: string) =>
    (await lab.query(`select row_key from backfeed.state_${sync} where disposition <> 'removed' order by 1`)).map(
      ([key]) => key?.slice(sync.length + 1),
    )
  let serial = 0
  const untouched = async (sync: string) => {
    expect(await openKeys(sync)).toEqual(['old-1', 'old-2', 'old-3'])
    expect(await lab.writes()).toEqual([])
  }

  test('rows keep record and acknowledged values; nothing is sent, and only what changes later is', async () => {
    await ready('moved')
    const refused = await lab.execute('run', 'moved')
    expect(refused).toMatchObject({ exitCode: 3, error: { code: 'E-STATE-KEY-CHANGED' } })
    expect(refused.error?.problems[0]?.help).toContain('backfeed rekey moved --from')
    const planned = await rekey('moved', 'plan')
    expect(planned).toMatchObject({ exitCode: 0 })
    expect(planned.message).toBe('3 rows of state under their new key')
    await untouched('moved')

    expect(await rekey('moved', 'run')).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
    expect(await openKeys('moved')).toEqual(['new-1', 'new-2', 'new-3'])
    const { state, rebuilt } = await lab.stateAndRebuilt('moved')
    expect(state).toEqual(rebuilt)
    const history = `select row_key, action, before_value, after_value from backfeed_audit.record_history where sync_name = 'moved' and subject = 'primary key' and row_key like '%-1' order by 1`
    expect(await lab.query(history)).toEqual([
      ['moved-new-1', 'taken over', 'moved-old-1', null],
      ['moved-old-1', 'ended', null, 'moved-new-1'],
    ])

    expect(await lab.execute('run', 'moved')).toMatchObject({ exitCode: 0, totals: { succeeded: 0, writeCalls: 0 } })
    await fill(['moved-new-1', 'moved-old-1', 'platinum'], ...pairs('moved-').slice(1))
    expect(await lab.execute('run', 'moved')).toMatchObject({ totals: { succeeded: 1, created: 0 } })
    expect(await lab.sent()).toMatchObject([{ Plan__c: 'platinum' }])
    const after = await lab.stateAndRebuilt('moved')
    expect(after.state).toEqual(after.rebuilt)
    expect(await lab.query("select * from backfeed_audit.reconciliation where sync_name = 'moved'")).toEqual([])
  })

  test('a row of state that the model no longer has is counted and stays', async () => {
    await ready('left')
    await fill(...pairs('left-').slice(1))
    const { message } = await rekey('left', 'run')
    expect(message).toBe(
      '2 rows of state under their new key; 1 row of state is not in the model under its former key and stays as it is',
    )
    expect(await openKeys('left')).toEqual(['new-2', 'new-3', 'old-1'])
  })

  test.each<[what: string, from: string, says: string, rows: (prefix: string) => Pair[]]>([
    ['another column', 'plan', 'was note text, and --from says plan text', pairs],
    ['a column that is not there', 'nota', 'has no column nota', pairs],
    ['two columns for one', 'note,id', 'was note text, and --from says note text, id text', pairs],
    ['one former key, two new ones', 'note', 'not one to one', (p) => [...pairs(p), [`${p}new-9`, `${p}old-1`, 'x']]],
    [
      'two former keys, one new one',
      'note',
      'not one to one',
      (p) => [...pairs(p).slice(1), [`${p}new-2`, `${p}old-1`, 'x']],
    ],
    ['a new key that another row of state has', 'note', 'not one to one', (p) => [[`${p}old-2`, `${p}old-1`, 'x']]],
    ['no new key', 'note', 'a former key and no new one', (p) => [...pairs(p).slice(1), [null, `${p}old-1`, 'x']]],
    ['none of the former keys', 'note', 'no row of state', () => [['a', 'b', 'x']]],
  ])('E-STATE-REKEY %s: nothing is changed', async (_, from, says, rows) => {
    serial += 1
    const sync = `refused_${serial}`
    await ready(sync)
    await fill(...rows(`${sync}-`))
    const result = await rekey(sync, 'run', from)
    expect(result.error?.problems[0]).toMatchObject({ code: 'E-STATE-REKEY', message: expect.stringContaining(says) })
    await untouched(sync)
  })

  test.each(['CP05', 'CP07', 'CP24', 'CP25'])(
    'killed at %s: the next one ends it, or nothing was changed',
    async (crashAt) => {
      const sync = `killed_${crashAt.toLowerCase()}`
      await ready(sync)
      await expect(rekey(sync, 'run', 'note', { crashAt })).rejects.toThrow(crashAt)
      lab.advance(3_600_000)
      await rekey(sync, 'run')
      expect(await openKeys(sync)).toEqual(['new-1', 'new-2', 'new-3'])
      const { state, rebuilt } = await lab.stateAndRebuilt(sync)
      expect(state).toEqual(rebuilt)
      expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, totals: { succeeded: 0, writeCalls: 0 } })
    },
  )

  test('after all of this no invariant is broken', async () => {
    expect(await auditFindings(lab, name)).toEqual([])
  })
})
