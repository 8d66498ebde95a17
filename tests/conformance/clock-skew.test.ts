/** Runners whose clocks are wrong: when a row of unknown outcome may be sent again is the warehouse's to say. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reconcilePurpose } from '../../runner/sync/reconcile.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, type RunOptions, type SyncLab } from './sync-lab.ts'

const hour = 3_600_000
/** Well before and well behind the 150 seconds, however slow the machine is that runs this. */
const early = 60_000
const late = 151_000

const clocks = [
  { leaves: hour, meets: 0 },
  { leaves: -hour, meets: 0 },
  { leaves: 0, meets: hour },
  { leaves: 0, meets: -hour },
]

describe.each(warehousesUnderTest().map(({ name }) => name))('wrong clocks on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Plan__c', type: 'string', length: 80 },
      ],
    })
    await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80))')
  })
  afterAll(() => lab.close())

  /** One row to send, in a sync of its own. */
  const given = async (sync: string) => {
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, from: id, write: on_create}
      - {to: Plan__c, from: plan}
    ${openGuards}
`)
    await lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ('${sync}', 'new')`)
    await lab.writes()
  }
  /** The request may still be on its way, and is not there yet. */
  const loseAnswer = () =>
    lab.emulator.control.addFault({ match: { crm: 'salesforce', method: 'PATCH', nth: 1 }, action: { status: 503 } })
  const leaveUnknown = async (sync: string, options: RunOptions = {}) => {
    await loseAnswer()
    const left = await lab.execute('run', sync, options)
    expect(left).toMatchObject({ exitCode: 5, totals: { unknown: 1 } })
    await lab.writes()
  }
  const waits = async (sync: string, options: RunOptions = {}) => {
    expect(await lab.execute('run', sync, options)).toMatchObject({ exitCode: 5, unresolved: 1 })
    expect(await lab.writes()).toEqual([])
  }
  const goes = async (sync: string, options: RunOptions = {}) => {
    const done = await lab.execute('run', sync, options)
    expect(done).toMatchObject({ exitCode: 0, unresolved: 0, totals: { created: 1 } })
    expect(await lab.writes()).toHaveLength(1)
  }
  const warned = () => lab.warnings().filter(({ code }) => code === 'W-RUN-CLOCK')

  test.each(clocks)(
    'F66 a row left by a clock at $leaves ms and met by one at $meets ms waits for its time, and not longer',
    async ({ leaves, meets }) => {
      const sync = `left_${clocks.findIndex((each) => each.leaves === leaves && each.meets === meets)}`
      await given(sync)
      await leaveUnknown(sync, { skewMs: leaves })
      expect(warned()).toHaveLength(leaves === 0 ? 0 : 1)
      lab.advance(early)
      await waits(sync, { skewMs: meets })
      expect(warned().map(({ message }) => message)).toEqual(
        meets === 0
          ? []
          : [`the clock of this machine is 60 minutes ${meets > 0 ? 'ahead of' : 'behind'} the warehouse's`],
      )
      lab.advance(late - early)
      await goes(sync, { skewMs: meets })
    },
    240_000,
  )

  test.each([
    { sync: 'closed_fast', skewMs: hour },
    { sync: 'closed_slow', skewMs: -hour },
  ])(
    'F66 a run that died is closed by a clock at $skewMs ms: its row waits for its time, and not longer',
    async ({ sync, skewMs }) => {
      await given(sync)
      await expect(lab.execute('run', sync, { crashAt: 'CP08' })).rejects.toThrow('CP08')
      lab.advance(late)
      await waits(sync, { skewMs })
      lab.advance(early)
      await waits(sync)
      lab.advance(late - early)
      await goes(sync)
    },
    240_000,
  )

  test('F66 a clock that jumps an hour ahead while the answer is waited for holds the row no longer', async () => {
    await given('jumped')
    let skewMs = 0
    const onPoint = (point: string): void => {
      if (point === 'CP11') skewMs = hour
    }
    await leaveUnknown('jumped', { skewMs: () => skewMs, onPoint })
    lab.advance(late)
    await goes('jumped')
  }, 240_000)

  test('F66 reconcile with a clock an hour ahead waits as long as it must, and not longer', async () => {
    await given('waited')
    await leaveUnknown('waited')
    const until = await lab.query('select next_attempt_at from backfeed.state_waited')
    const settledMs = Date.parse(`${until[0]?.[0]?.slice(0, 19).replace(' ', 'T')}Z`)
    // One long wait is left, and a short one after it.
    lab.advance(settledMs - lab.nowMs() - 32_000)
    const waiting = { purpose: reconcilePurpose({ waits: true }), skewMs: hour, virtualWaitMs: 30_000 }
    expect(await lab.execute('run', 'waited', waiting)).toMatchObject({ exitCode: 0, unresolved: 0 })
    expect(lab.nowMs()).toBeGreaterThanOrEqual(settledMs)
    expect(await lab.query("select outcome from backfeed_audit.last_outcomes where row_key = 'waited'")).toEqual([
      ['retryable'],
    ])
    await goes('waited')
  }, 240_000)

  test('F66 moments in the ledger are those of the warehouse, whatever the clock of the runner says', async () => {
    await given('dated')
    const fromMs = lab.nowMs()
    await lab.execute('run', 'dated', { skewMs: hour })
    const of = (sql: string) => lab.query(`select ${sql} as at from backfeed.`.concat(fromOf[sql] ?? ''))
    for (const column of Object.keys(fromOf)) {
      const at = Date.parse(`${(await of(column))[0]?.[0]?.slice(0, 23).replace(' ', 'T').replace('Z', '')}Z`)
      expect(at, column).toBeGreaterThanOrEqual(fromMs - 1_000)
      expect(at, column).toBeLessThanOrEqual(lab.nowMs() + 1_000)
    }
  }, 240_000)
})

const ofRun = "where run_id = (select run_id from backfeed.sync_run where sync_name = 'dated')"
const fromOf: Readonly<Record<string, string>> = {
  'max(started_at)': `sync_run ${ofRun}`,
  'max(created_at)': `sync_plan ${ofRun}`,
  'max(i.logged_at)': `sync_intent as i ${ofRun}`,
  'max(r.logged_at)': `sync_result as r ${ofRun}`,
  'max(e.logged_at)': `sync_run_event as e ${ofRun}`,
}
