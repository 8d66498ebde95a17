/** The local journal spares reads and decides nothing: with it, without it and with a broken one a crash ends in the same state. */
import { existsSync, readdirSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Journal } from '../../runner/ports.ts'
import { systemJournal } from '../../runner/system-journal.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

const HOUR = 3_600_000
/** DuckDB's own file is as near as a journal would be. */
const journaled = warehousesUnderTest().filter(({ name }) => name !== 'duckdb')
const unjournaled = warehousesUnderTest().filter(({ name }) => name === 'duckdb')

const openAccounts = async (name: 'duckdb' | 'postgres'): Promise<SyncLab> => {
  const lab = await openLab(name)
  await lab.emulator.control.putSchema('salesforce', 'Account', {
    fields: [
      { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
      { name: 'Plan__c', type: 'string', length: 80 },
    ],
  })
  await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80))')
  return lab
}

const given = async (lab: SyncLab, sync: string): Promise<void> => {
  lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, from: id, write: on_create}
      - {to: Plan__c, from: plan}
    limits: {batch_size: 2, concurrency: 2}
    ${openGuards}
`)
  const rows = Array.from({ length: 6 }, (_, index) => `(${quoted(`${sync}-${index}`)}, 'new')`)
  await lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${rows.join(', ')}`)
}

const folderOf = (lab: SyncLab): string => join(lab.dir, '.backfeed/journal')
const files = (lab: SyncLab): string[] => (existsSync(folderOf(lab)) ? readdirSync(folderOf(lab)) : [])

describe.each(journaled)('the local journal on $name', ({ name }) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openAccounts(name)
  })
  afterAll(() => lab.close())

  const outcomes = (sync: string) =>
    lab.query(
      `select outcome, count(*) from backfeed.sync_result as r join backfeed.sync_run as s on s.run_id = r.run_id where s.sync_name = '${sync}' group by outcome order by outcome`,
    )
  const endState = async (sync: string) => ({
    state: await lab.query(
      `select replace(row_key, '${sync}', ''), disposition, acked_plan__c, is_open from backfeed.state_${sync} order by row_key`,
    ),
    records: (await lab.emulator.control.records('salesforce', 'Account'))
      .filter((record) => String(record.Key__c).startsWith(`${sync}-`))
      .map((record) => record.Plan__c),
    open: await lab.query(`select * from backfeed_audit.reconciliation where sync_name = '${sync}'`),
  })

  /** Dies with both batches of the first window answered and none of it in the warehouse. */
  const die = async (sync: string, journal?: Journal): Promise<void> => {
    await given(lab, sync)
    await expect(lab.execute('run', sync, { crashAt: 'CP15', ...(journal && { journal }) })).rejects.toThrow('CP15')
  }
  const finish = async (sync: string, journal?: Journal): Promise<void> => {
    for (let run = 0; run < 3; run += 1) {
      await lab.execute('run', sync, { ...(journal && { journal }) })
      lab.advance(HOUR)
    }
  }

  test('F12 what it knows needs no read-back, and it is gone afterwards', async () => {
    await die('kept')
    expect(files(lab)).toHaveLength(1)
    await lab.execute('run', 'kept')
    expect(await outcomes('kept')).toEqual([
      ['retryable', '2'],
      ['succeeded', '6'],
    ])
    expect(files(lab)).toEqual([])
    await finish('kept')
  })

  test('with it, without it, with a torn and with a foreign one: the same end', async () => {
    const none: Journal = { ...systemJournal(), read: async () => undefined }
    await die('without')
    await finish('without', none)
    await die('torn')
    for (const file of files(lab)) await appendFile(join(folderOf(lab), file), '{"row_no":1,"batch')
    await finish('torn')
    await die('foreign')
    const foreign: Journal = {
      ...systemJournal(),
      read: async (path) => (await readFile(path, 'utf8')).replace(/"org_id":"[^"]+"/, '"org_id":"00Dother"'),
    }
    await finish('foreign', foreign)
    const expected = await endState('kept')
    expect(expected.records).toEqual(Array(6).fill('new'))
    for (const sync of ['without', 'torn', 'foreign']) expect(await endState(sync), sync).toEqual(expected)
    // Without its word the rows that had an answer were unknown first.
    expect(await outcomes('without')).toContainEqual(['unknown', '4'])
  })

  test('F60 a disk that takes nothing changes nothing', async () => {
    const full: Journal = {
      ...systemJournal(),
      open: () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' })),
    }
    await given(lab, 'full')
    expect(await lab.execute('run', 'full', { journal: full })).toMatchObject({ exitCode: 0, totals: { succeeded: 6 } })
    expect(lab.warnings().filter(({ code }) => code === 'W-RUN-JOURNAL')).toHaveLength(1)
  })

  test('at CP12, after the journal and before anything else', async () => {
    await given(lab, 'at_cp12')
    await expect(lab.execute('run', 'at_cp12', { crashAt: 'CP12' })).rejects.toThrow('CP12')
    await finish('at_cp12')
    expect((await endState('at_cp12')).records).toEqual(Array(6).fill('new'))
  })
})

describe.each(unjournaled)('on $name', ({ name }) => {
  test('there is no journal: every window is in the file at once', async () => {
    const lab = await openAccounts(name)
    await given(lab, 'here')
    await expect(lab.execute('run', 'here', { crashAt: 'CP15' })).rejects.toThrow('CP15')
    expect(files(lab)).toEqual([])
    await lab.close()
  })
})
