/** Large sets of changes by bulk job: what is planned is what is sent, and a process that dies at any step leaves nothing twice or lost. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../emulator/core/journal.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { auditFindings } from './audit-findings.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

const HOUR = 3_600_000

describe.each(warehousesUnderTest().map(({ name }) => name))('bulk jobs on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
        { name: 'Note__c', type: 'string', length: 80 },
      ],
    })
    await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80), note varchar(80))')
  })
  afterAll(() => lab.close())

  type Given = readonly [id: string, plan: string | null, note?: string | null]
  const fill = (rows: readonly Given[]) =>
    lab.exec(
      'delete from backfeed.rows_given',
      `insert into backfeed.rows_given values ${rows.map(([id, plan, note]) => `(${quoted(id)}, ${quoted(plan)}, ${quoted(note)})`).join(', ')}`,
    )
  const numbered = (prefix: string, count: number, plan: string): Given[] =>
    Array.from({ length: count }, (_, index) => [`${prefix}${index + 1}`, plan] as const)
  const mapping = (sync: string, more = '') =>
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, from: id, write: on_create}
      - {to: Plan__c, from: plan}
      - {to: Note__c, from: note, on_null: clear}
    limits: {batch_size: 20, concurrency: 2, bulk_above: 30}
    ${openGuards}
    ${more}
`)
  const stored = async (prefix: string): Promise<Record<string, [unknown, unknown]>> => {
    const records = await lab.emulator.control.records('salesforce', 'Account')
    const own = records.filter((record) => String(record.Key__c ?? '').startsWith(prefix))
    expect(new Set(own.map((record) => record.Key__c)).size).toBe(own.length)
    return Object.fromEntries(
      own.map((record) => [String(record.Key__c).slice(prefix.length), [record.Plan__c, record.Note__c ?? null]]),
    )
  }
  const settled = async (sync: string) => {
    lab.advance(HOUR)
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, unresolved: 0 })
    await lab.writes()
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
    expect(await lab.writes()).toEqual([])
    expect(await lab.query(`select * from backfeed_audit.reconciliation where sync_name = '${sync}'`)).toEqual([])
  }
  const phases = (sync: string) =>
    lab.query(
      `select job.phase from backfeed.sync_job as job join backfeed.sync_run as r on r.plan_id = job.plan_id where r.sync_name = '${sync}' order by job.epoch, job.seq`,
    )
  const pathOf = ({ method, path }: Pick<JournalEntry, 'method' | 'path'>) =>
    `${method} ${path.replace(/750\w+/, '{id}')}`

  test('a large field set goes by job, what CSV cannot carry by request, and the plan says both', async () => {
    mapping('mixed')
    await fill([...numbered('m-', 60, 'new'), ['m-hash', '#N/A'], ['m-return', 'one\rtwo'], ['m-note', 'new', 'note']])
    await lab.writes()
    const planned = await lab.execute('plan', 'mixed')
    expect(await lab.writes()).toEqual([])
    const predicted = planned.plan?.predicted
    expect(predicted).toMatchObject({ writeCalls: 4 })
    const result = await lab.execute('run', 'mixed')
    expect(result).toMatchObject({
      exitCode: 0,
      totals: { succeeded: 63, created: 63, rejected: 0, unknown: 0, writeCalls: 4 },
    })
    const writes = await lab.writes()
    expect(writes.map(pathOf)).toEqual(predicted?.requests.map(pathOf))
    const found = await stored('m-')
    expect(Object.keys(found)).toHaveLength(63)
    expect(found.hash).toEqual(['#N/A', null])
    expect(found.note).toEqual(['new', 'note'])
    await settled('mixed')
  })

  test('a run that clears and sets by job leaves what the request path leaves', async () => {
    mapping('cleared')
    await fill(numbered('c-', 40, 'old').map(([id, plan]) => [id, plan, 'note'] as const))
    await lab.execute('run', 'cleared')
    await fill(numbered('c-', 40, 'new'))
    await lab.writes()
    expect(await lab.execute('run', 'cleared')).toMatchObject({ exitCode: 0, totals: { updated: 40, writeCalls: 3 } })
    expect(Object.values(await stored('c-'))).toEqual(Array(40).fill(['new', null]))
    await settled('cleared')
  })

  test('many live values come from one query over the object, with the same plan', async () => {
    mapping('read_whole')
    const rows = numbered('w-', 320, 'old')
    await fill(rows)
    const first = await lab.execute('run', 'read_whole')
    expect(first.error?.problems ?? []).toEqual([])
    expect(first).toMatchObject({ exitCode: 0, totals: { created: 320 } })
    await fill(rows.map(([id], index) => [id, index < 310 ? 'new' : 'old'] as const))
    await lab.emulator.control.clearJournal()
    const result = await lab.execute('run', 'read_whole')
    expect(result).toMatchObject({ exitCode: 0, totals: { updated: 310, created: 0 }, plan: { counts: { noop: 0 } } })
    const paths = (await lab.emulator.control.journal()).map(pathOf)
    expect(paths.filter((path) => path.includes('/jobs/query'))).toContain('POST /services/data/v66.0/jobs/query')
    expect(
      paths.filter((path) => path.includes('/query?q=SELECT%20Id%2CKey__c') || path.includes('Key__c%20IN')),
    ).toEqual([])
    const before = await lab.query(
      `select count(*), count(before_value) from backfeed_audit.field_changes where sync_name = 'read_whole' and run_id = '${result.runId}' and field = 'Plan__c'`,
    )
    expect(before).toEqual([['310', '310']])
    await settled('read_whole')
  })

  const points = [
    ['CP16', ['intent', 'abandoned']],
    ['CP17', ['intent', 'created', 'abandoned']],
    ['CP19', ['intent', 'created', 'abandoned']],
    ['CP20', ['intent', 'created', 'closing', 'recorded']],
    ['CP22', ['intent', 'created', 'closing', 'closed', 'recorded']],
    ['CP23', ['intent', 'created', 'closing', 'closed', 'recorded']],
  ] as const
  test.each(points)('a crash at %s: the next run takes the job over', async (at, expected) => {
    const sync = `at_${at.toLowerCase()}`
    const prefix = `${at}-`
    mapping(sync)
    await fill(numbered(prefix, 40, 'new'))
    await expect(lab.execute('run', sync, { crashAt: at })).rejects.toThrow(at)
    lab.advance(HOUR)
    await lab.writes()
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0 })
    const again = (await lab.writes()).filter(({ path }) => path.endsWith('/batches'))
    expect(again).toHaveLength(expected.includes('recorded' as never) ? 0 : 1)
    expect((await phases(sync)).flat().slice(0, expected.length)).toEqual(expected)
    expect(Object.values(await stored(prefix))).toEqual(Array(40).fill(['new', null]))
    await settled(sync)
    const twice = await lab.query(
      `select row_key from backfeed.sync_identity where sync_name = '${sync}' group by row_key having count(distinct crm_id) > 1`,
    )
    expect(twice).toEqual([])
  })

  test('after all of this no invariant is broken', async () => {
    expect(await auditFindings(lab, name)).toEqual([])
  })
})
