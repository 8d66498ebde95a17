/** What may go wrong around a bulk job: nothing twice, nothing lost, every row accounted for, and an exit code that says what to do. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FaultAction, FaultMatch } from '../../emulator/core/faults.ts'
import { ExitCode } from '../../runner/errors.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

const HOUR = 3_600_000
const INGEST = '/services/data/v66.0/jobs/ingest'
const ROWS = 300

describe('bulk jobs under faults', () => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab('duckdb')
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
      ],
    })
    await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80))')
  })
  afterAll(() => lab.close())
  beforeEach(async () => {
    await lab.emulator.control.clearFaults()
    await bulk({ queue_ms: 0, fail_after_rows: null, daily_batches: 15_000 })
    await lab.writes()
  })

  const bulk = async (settings: object): Promise<void> => {
    const answer = await fetch(`${lab.emulator.controlUrl}/bulk/salesforce`, {
      method: 'PUT',
      body: JSON.stringify(settings),
    })
    expect(answer.status).toBe(200)
  }
  const jobs = async (): Promise<{ id: string; state: string }[]> =>
    (await (await fetch(`${lab.emulator.controlUrl}/bulk/salesforce/jobs`)).json()) as { id: string; state: string }[]
  const fault = (match: FaultMatch, action: FaultAction) => lab.emulator.control.addFault({ match, action })
  /** A sync of its own per case, with rows of its own. */
  const given = async (sync: string): Promise<void> => {
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, from: id, write: on_create}
      - {to: Plan__c, from: plan}
    limits: {bulk_above: 50}
    ${openGuards}
`)
    const rows = Array.from({ length: ROWS }, (_, index) => `(${quoted(`${sync}-${index}`)}, 'new')`)
    await lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${rows.join(', ')}`)
  }
  const stored = async (sync: string): Promise<number> => {
    const records = await lab.emulator.control.records('salesforce', 'Account')
    const own = records.filter((record) => String(record.Key__c ?? '').startsWith(`${sync}-`))
    expect(new Set(own.map((record) => record.Key__c)).size).toBe(own.length)
    for (const record of own) {
      const versions = await lab.emulator.control.history('salesforce', 'Account', String(record.Id))
      expect(versions, `${record.Key__c} was written once`).toHaveLength(1)
    }
    return own.length
  }
  const uploads = async () => (await lab.writes()).filter(({ method }) => method === 'PUT').length
  /** The next run finishes what there is to finish; the one after it finds nothing. */
  const finished = async (sync: string) => {
    await lab.emulator.control.clearFaults()
    lab.advance(HOUR)
    const next = await lab.execute('run', sync)
    expect(next).toMatchObject({ exitCode: ExitCode.ok, unresolved: 0 })
    expect(await stored(sync)).toBe(ROWS)
    await lab.writes()
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
    expect(await lab.query(`select * from backfeed_audit.reconciliation where sync_name = '${sync}'`)).toEqual([])
    return next
  }

  const passing: [string, FaultMatch, FaultAction][] = [
    ['create_lost', { method: 'POST', path: INGEST, nth: 1 }, { drop_after_apply: true }],
    ['create_503', { method: 'POST', path: INGEST, nth: 1 }, { status: 503, body: '<html>down</html>' }],
    ['upload_reset', { method: 'PUT', path: INGEST, nth: 1 }, { reset_before: true }],
    ['upload_lost', { method: 'PUT', path: INGEST, nth: 1 }, { drop_after_apply: true }],
    ['close_lost', { method: 'PATCH', path: INGEST, nth: 1 }, { drop_after_apply: true }],
    ['close_reset', { method: 'PATCH', path: INGEST, nth: 1 }, { reset_before: true }],
    ['poll_503', { method: 'GET', path: INGEST, nth: 1 }, { status: 503, body: '<html>down</html>' }],
  ]
  test.each(passing)('F20 F21 %s once: the run goes on and ends well', async (sync, match, action) => {
    await given(sync)
    await fault(match, action)
    const result = await lab.execute('run', sync)
    expect(result).toMatchObject({ exitCode: 0, totals: { succeeded: ROWS, unknown: 0, retryable: 0 } })
    expect((await jobs()).filter(({ state }) => state === 'Open' || state === 'InProgress').length).toBeLessThanOrEqual(
      1,
    )
    await finished(sync)
  })

  const lasting: [string, FaultMatch, FaultAction, number, number][] = [
    ['create_down', { method: 'POST', path: INGEST }, { status: 503, body: '<html>' }, ExitCode.temporary, 0],
    ['upload_down', { method: 'PUT', path: INGEST }, { reset_before: true }, ExitCode.temporary, 0],
    ['results_html', { method: 'GET', path: '/.*successfulResults.*/i' }, { status: 200, body: '<html>' }, ExitCode.unknownOutcomes, ROWS],
    ['results_cut', { method: 'GET', path: '/.*successfulResults.*/i' }, { truncate_percent: 60 }, ExitCode.temporary, ROWS],
    ['results_short', { method: 'GET', path: '/.*successfulResults.*/i' }, { truncate_percent: 60, end_cleanly: true }, ExitCode.unknownOutcomes, ROWS],
  ] // biome-ignore format: one case per line
  test.each(lasting)(
    'F25 %s: nothing is concluded, the next run finishes',
    async (sync, match, action, exitCode, unknown) => {
      await given(sync)
      await fault(match, action)
      const result = await lab.execute('run', sync)
      expect({ exitCode: result.exitCode, error: result.error?.code }).toMatchObject({ exitCode })
      expect(result.totals).toMatchObject({ succeeded: 0, unknown, retryable: ROWS - unknown, rejected: 0 })
      await lab.writes()
      await finished(sync)
    },
  )

  test('F23 results that stay unreadable: the rows are unknown, and the live values decide', async () => {
    await given('unreadable')
    await fault({ method: 'GET', path: '/.*successfulResults.*/i' }, { status: 200, body: '<html>' })
    expect(await lab.execute('run', 'unreadable')).toMatchObject({ exitCode: ExitCode.unknownOutcomes })
    lab.advance(HOUR)
    const next = await lab.execute('run', 'unreadable')
    expect(next).toMatchObject({ exitCode: ExitCode.ok, unresolved: 0, totals: { writeCalls: 0 } })
    const outcomes = await lab.query(
      "select outcome, count(*) from backfeed_audit.changes where sync_name = 'unreadable' and outcome is not null group by outcome order by outcome",
    )
    // First nobody knew, then the records were read back.
    expect(outcomes).toEqual([
      ['succeeded', String(ROWS)],
      ['unknown', String(ROWS)],
    ])
    await finished('unreadable')
  })

  test('a job that somebody aborts: its rows are not applied, and go with the next run', async () => {
    await given('aborted')
    await bulk({ queue_ms: 10 * HOUR })
    const running = lab.execute('run', 'aborted')
    await expect
      .poll(async () => (await jobs()).some(({ state }) => state === 'UploadComplete'), { timeout: 30_000 })
      .toBe(true)
    const job = (await jobs()).find(({ state }) => state === 'UploadComplete')
    const ended = await fetch(`${lab.emulator.controlUrl}/bulk/salesforce/jobs/${job?.id}`, {
      method: 'PUT',
      body: JSON.stringify({ state: 'Aborted' }),
    })
    expect(ended.status).toBe(200)
    expect(await running).toMatchObject({ exitCode: ExitCode.rowFailures, totals: { retryable: ROWS, unknown: 0 } })
    await bulk({ queue_ms: 0 })
    await finished('aborted')
  })

  test('F24 a job that fails half-way: what was applied counts, the rest goes with the next run', async () => {
    await given('failed')
    await bulk({ fail_after_rows: 100 })
    const result = await lab.execute('run', 'failed')
    expect(result.exitCode).toBe(ExitCode.rowFailures)
    expect(result.totals).toMatchObject({ unknown: 0, rejected: 0 })
    const { succeeded = 0, retryable = 0 } = result.totals ?? {}
    expect([
      [100, 200],
      [200, 100],
    ]).toContainEqual([succeeded, retryable])
    expect(await stored('failed')).toBe(succeeded)
    await bulk({ fail_after_rows: null })
    await finished('failed')
  })

  // Salesforce records nothing about rows beyond the allocation, so that nothing is known about them.
  test('the allocation of the day used up: unknown, read back by the next run', async () => {
    await given('quota')
    await bulk({ daily_batches: 0 })
    const result = await lab.execute('run', 'quota')
    expect(result).toMatchObject({ exitCode: ExitCode.unknownOutcomes, totals: { unknown: ROWS, rejected: 0 } })
    await bulk({ daily_batches: 15_000 })
    await finished('quota')
  })

  test('F22 a signal while the job runs: it goes on, and the next run takes it over without sending it again', async () => {
    await given('signalled')
    await bulk({ queue_ms: HOUR })
    const stop = new AbortController()
    const result = await lab.execute('run', 'signalled', {
      signal: stop.signal,
      onPoint: (point) => point === 'CP20' && setTimeout(() => stop.abort(), 300),
    })
    expect(result).toMatchObject({ exitCode: ExitCode.interrupted, totals: { unknown: ROWS } })
    expect(result.message).toContain('goes on in the CRM')
    await lab.emulator.control.advanceClock(2 * HOUR)
    await bulk({ queue_ms: 0 })
    await lab.writes()
    const next = await finished('signalled')
    expect(next.totals).toMatchObject({ writeCalls: 0 })
    expect(await uploads()).toBe(0)
  })
})
