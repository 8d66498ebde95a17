/** The invariants of the protocol find nothing in what real runs wrote, and each of them finds what was planted for it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allChecks } from '../../runner/audit/checks.ts'
import { ledgerDefinition } from '../../runner/audit/ledger.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { type AuditLab, busyHistory, openAuditLab } from './audit-lab.ts'

/** A row of each that was really sent; `where` picks it. */
const lastSent = (sync: string) =>
  `event_id = (select min(event_id) from backfeed.sync_result where send_seq is not null and outcome = 'succeeded' and run_id in (select run_id from backfeed.sync_run where sync_name = '${sync}'))`
const sentPlan =
  "plan_id = (select min(plan_id) from backfeed.sync_result where send_seq is not null and outcome = 'succeeded')"
const run = (more: Record<string, string>): string => {
  const cells = { sync_name: "'accounts'", org_id: "'org'", started_at: "timestamp '2026-01-01 00:00:00'", ...more }
  return `insert into backfeed.sync_run (${Object.keys(cells).join(', ')}) values (${Object.values(cells).join(', ')})`
}
const link = (how: string, key: string, record: string) =>
  `insert into backfeed.sync_identity (org_id, object, sync_name, row_key, crm_id, how, run_id, logged_at) values ('org', 'Account', 'accounts', '${key}', '${record}', '${how}', 'run_x', timestamp '2099-01-01 00:00:00')`
const event = (runId: string, name: string) =>
  `insert into backfeed.sync_run_event (run_id, epoch, seq, chain_no, event) values ('${runId}', 1, 1, 1, '${name}')`

/** SQL that breaks exactly this promise, on any warehouse. */
const planted: Record<string, readonly string[]> = {
  'INV-01': [link('created', 'K-X', 'record-1'), link('created', 'K-X', 'record-2')],
  'INV-02': [link('matched', 'K-X', 'record-1'), link('matched', 'K-Y', 'record-1')],
  'INV-03': ["update backfeed.state_accounts set fingerprint = null, is_open = false where row_key = 'K-1'"],
  'INV-04': [
    "delete from backfeed.sync_result where plan_id = (select max(r.plan_id) from backfeed.sync_run as r join backfeed.sync_run_event as e on e.run_id = r.run_id and e.event = 'succeeded' join backfeed.sync_plan as p on p.plan_id = r.plan_id and p.send_rows > 0 where r.kind = 'run')",
  ],
  'INV-05': [`delete from backfeed.sync_result where ${lastSent('accounts')}`],
  'INV-06': ["update backfeed.sync_plan_field set field = 'OwnerId' where action = 'set' and field = 'Plan__c'"],
  'INV-07': ['update backfeed.sync_intent set seq = seq + 100000'],
  'INV-08': [
    `update backfeed.sync_result set sent_at = timestamp '2099-01-01 00:00:00' where ${lastSent('companies')}`,
  ],
  'INV-09': [
    run({ run_id: "'run_x'", kind: "'run'", epoch: '1' }),
    run({ run_id: "'run_y'", kind: "'run'", epoch: '1' }),
  ],
  'INV-10': [`update backfeed.sync_result set resolves_epoch = epoch + 1 where ${lastSent('accounts')}`],
  'INV-11': ["update backfeed.sync_plan set plan_serial = 1000 - plan_serial where sync_name = 'accounts'"],
  'INV-12': [
    `update backfeed.sync_result set payload_hash = 'another' where ${lastSent('loads')}`,
    `update backfeed.sync_result set payload_hash = 'another' where ${lastSent('accounts')}`,
  ],
  'INV-13': ["update backfeed.sync_plan_field set action = 'clear' where field = 'Segment__c' and action = 'set'"],
  'INV-14': [`update backfeed.sync_plan set approved_creates = 0, approved_updates = 0 where ${sentPlan}`],
  'INV-15': [`update backfeed.sync_run set pinned_org_id = 'another' where ${sentPlan}`],
  'INV-16': [`update backfeed.sync_plan_row set before_captured = false where op = 'update' and decision = 'send'`],
  'INV-17': [
    `update backfeed.sync_result set outcome = 'unknown', seq = send_seq - 1, epoch = epoch - 1 where ${lastSent('accounts')}`,
    `insert into backfeed.sync_result (event_id, run_id, epoch, seq, resolves_epoch, plan_id, row_no, row_key, outcome, send_seq) select 'again', run_id, epoch + 1, seq + 5, epoch + 1, plan_id, row_no, row_key, 'succeeded', send_seq from backfeed.sync_result where ${lastSent('accounts').replace("and outcome = 'succeeded' ", "and outcome = 'unknown' ")}`,
  ],
  'INV-18': [
    "update backfeed.sync_plan_row set op = 'delete' where decision = 'send'",
    "update backfeed.sync_identity set how = 'matched'",
  ],
  'INV-19': [
    `insert into backfeed.sync_job (run_id, epoch, seq, plan_id, batch_no, job_id, phase) select run_id, 0, 1, plan_id, 1, '750x', 'created' from backfeed.sync_plan where sync_name = 'accounts' and plan_serial = 1`,
  ],
  'INV-20': ["update backfeed.state_accounts set seq = seq + 100000 where row_key = 'K-1'"],
  'INV-21': ['delete from backfeed.sync_run_event where chain_no = 2'],
  'INV-22': ['run_x', 'run_y'].flatMap((id) => [
    run({ run_id: `'${id}'`, kind: "'run'", run_key: "'airflow'", target: "'dev'" }),
    event(id, 'succeeded'),
  ]),
  'INV-23': [
    run({ run_id: "'run_x'", kind: "'apply'", plan_id: "'plan_x'" }),
    run({ run_id: "'run_y'", kind: "'revert'", plan_id: "'plan_x'" }),
  ],
  'INV-24': [
    `update backfeed.sync_result set outcome = 'unknown', logged_at = timestamp '2020-01-01 00:00:00' where plan_id = (select max(plan_id) from backfeed.sync_plan where sync_name = 'accounts' and send_rows > 0 and plan_serial = (select max(plan_serial) from backfeed.sync_plan where sync_name = 'accounts' and send_rows > 0))`,
  ],
}

describe.each(warehousesUnderTest().map(({ name }) => name))('audit check on %s', (name) => {
  let lab: AuditLab
  const tables = [...ledgerDefinition().tables.keys(), 'state_accounts']
  beforeAll(async () => {
    lab = await openAuditLab(name)
    await busyHistory(lab)
    await lab.exec(...tables.map((table) => `create table backfeed.kept_${table} as select * from backfeed.${table}`))
  }, 240_000)
  afterAll(() => lab.close())
  const restore = () =>
    lab.exec(
      ...tables.flatMap((table) => [
        `delete from backfeed.${table}`,
        `insert into backfeed.${table} select * from backfeed.kept_${table}`,
      ]),
    )

  test('the history has what the invariants are about', async () => {
    const outcomes = await lab.query('select distinct outcome from backfeed.sync_result order by 1')
    expect(outcomes).toEqual([['rejected'], ['retryable'], ['succeeded'], ['unknown']])
    const events = await lab.query('select distinct event from backfeed.sync_run_event order by 1')
    expect(events.flat()).toEqual(
      expect.arrayContaining(['crashed', 'partial', 'planned', 'recorded', 'sending', 'started', 'succeeded']),
    )
    expect(await lab.query("select count(*) from backfeed.sync_job where phase = 'recorded'")).not.toEqual([['0']])
  })

  test('24 of 24 find nothing in a log that real runs wrote', async () => {
    const results = await lab.check()
    expect(results.map(({ number }) => number)).toEqual(Object.keys(planted))
    expect(results.filter(({ found }) => found > 0)).toEqual([])
  })

  test.each(allChecks().map(({ number, title }) => [number, title] as const))(
    '%s finds a planted violation: %s',
    async (number) => {
      try {
        await lab.exec(...(planted[number] ?? []))
        const [result] = await lab.check({ invariants: [number] })
        expect(result).toMatchObject({ number })
        expect(result?.found).toBeGreaterThanOrEqual(1)
        expect(result?.findings[0]?.finding).not.toBe('(no key)')
      } finally {
        await restore()
      }
    },
  )

  test('findings are limited to a sync and to a time, and counted beyond what is listed', async () => {
    try {
      await lab.exec(
        "update backfeed.sync_plan_row set before_captured = false where op = 'update' and decision = 'send'",
      )
      const only = async (more: object) => (await lab.check({ invariants: ['INV-16'], ...more }))[0]
      const all = await only({ keys: 2 })
      expect(all?.found).toBeGreaterThan(2)
      expect(all?.findings).toHaveLength(2)
      const accounts = await only({ only: ['accounts'], keys: 100 })
      expect(new Set(accounts?.findings.map(({ sync }) => sync))).toEqual(new Set(['accounts']))
      expect(accounts?.found).toBeLessThan(all?.found ?? 0)
      expect(await only({ since: '2099-01-01T00:00:00.000Z' })).toMatchObject({ found: 0, findings: [] })
    } finally {
      await restore()
    }
  })
})
