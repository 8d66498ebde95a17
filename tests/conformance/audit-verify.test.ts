/** `audit verify`: nothing is found in what was written, and each way to tamper with it is found and named. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ledgerDefinition } from '../../runner/audit/ledger.ts'
import { verifyAudit } from '../../runner/audit/verify.ts'
import type { VerifyRequest } from '../../runner/audit/verify-reader.ts'
import { packageEnvironment } from '../support/package-environment.ts'
import { statement, warehousesUnderTest } from '../support/warehouses.ts'
import { type AuditLab, busyHistory, openAuditLab } from './audit-lab.ts'

const KEY = 'audit-key-of-this-test'

describe.each(warehousesUnderTest().map(({ name }) => name))('audit verify on %s', (name) => {
  let lab: AuditLab
  const tables = [...ledgerDefinition().tables.keys()]
  const verify = (more: Partial<VerifyRequest> = {}) =>
    verifyAudit({
      warehouse: lab.opened.warehouse,
      environment: packageEnvironment(name),
      schema: 'backfeed',
      options: statement,
      project: 'lab',
      auditKey: '',
      ...more,
    })
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
  const one = async (sql: string): Promise<string> => (await lab.query(sql))[0]?.[0] ?? ''
  /** A run that was sent in several flushes, and is not the newest. */
  const someRun = () =>
    one(`select run_id from backfeed.sync_run_event where event = 'recorded' and run_id in (select run_id from backfeed.sync_run where sync_name = 'accounts') and run_id <> (select max(run_id) from backfeed.sync_run where epoch = (select max(epoch) from backfeed.sync_run where sync_name = 'accounts') and sync_name = 'accounts')
group by run_id having count(*) > 2 order by min(logged_at) limit 1`)

  test('finds nothing in collections, bulk jobs, HubSpot, rejections, crashes and recoveries', async () => {
    const found = await verify()
    expect(found.findings).toEqual([])
    expect(found).toMatchObject({ unsealed: 0, erased: 0 })
    expect(found.heads.map(({ sync }) => sync).sort()).toEqual(['accounts', 'companies', 'loads'])
    const [[results], [events]] = [
      await lab.query('select count(*) from backfeed.sync_result'),
      await lab.query('select count(*) from backfeed.sync_run_event'),
    ]
    expect(found.rows).toBeGreaterThanOrEqual(Number(results?.[0]))
    expect(found.events).toBe(Number(events?.[0]))
  })

  const tampered: readonly (readonly [what: string, kind: string, (run: string) => string[] | Promise<string[]>])[] = [
    ['an event was edited', 'edit', (run) => [`update backfeed.sync_run_event set detail = '{}' where run_id = '${run}' and event = 'sending'`]],
    ['an event was deleted', 'delete', (run) => [`delete from backfeed.sync_run_event where run_id = '${run}' and event = 'sending'`]],
    ['an event was inserted', 'insert', (run) => [`insert into backfeed.sync_run_event (run_id, epoch, seq, chain_no, event, detail, logged_at, prev_hash, hash) select run_id, epoch, seq, chain_no, 'recorded', '{}', logged_at, prev_hash, 'forged' from backfeed.sync_run_event where run_id = '${run}' and event = 'sending'`]],
    ['two events changed places', 'reorder', (run) => [`update backfeed.sync_run_event set chain_no = 7 - chain_no where run_id = '${run}' and chain_no in (3, 4)`]],
    ['the tail of a run was cut', 'truncated', (run) => [`delete from backfeed.sync_run_event where run_id = '${run}' and chain_no = (select max(chain_no) from backfeed.sync_run_event where run_id = '${run}')`]],
    ['a result was edited', 'edit', (run) => [`update backfeed.sync_result set crm_id = '001000000000000AAA' where run_id = '${run}' and seq = (select min(seq) from backfeed.sync_result where run_id = '${run}' and send_seq is not null)`]],
    ['a result was deleted', 'delete', (run) => [`delete from backfeed.sync_result where run_id = '${run}' and seq = (select min(seq) from backfeed.sync_result where run_id = '${run}' and send_seq is not null)`]],
    ['a result was inserted', 'insert', (run) => [`insert into backfeed.sync_result (event_id, run_id, epoch, seq, resolves_epoch, plan_id, row_no, outcome) select 'forged', run_id, epoch, 99999, epoch, plan_id, row_no, 'succeeded' from backfeed.sync_result where run_id = '${run}' and send_seq is not null limit 1`]],
    ['two results changed places', 'edit', async (run) => {
      const [[low], [high]] = (await lab.query(`select min(seq), max(seq) from backfeed.sync_result where run_id = '${run}' and send_seq = (select min(send_seq) from backfeed.sync_result where run_id = '${run}')`)).flatMap((row) => [[row[0]], [row[1]]]) as [[string], [string]]
      expect(low).not.toBe(high)
      return [`update backfeed.sync_result set seq = ${Number(low) + Number(high)} - seq where run_id = '${run}' and seq in (${low}, ${high})`]
    }],
    ['a call was edited', 'edit', (run) => [`update backfeed.sync_call set body_sha256 = 'another' where run_id = '${run}'`]],
    ['an intent was deleted', 'delete', (run) => [`delete from backfeed.sync_intent where run_id = '${run}' and window_no = 2`]],
    ['who started it was edited', 'edit', (run) => [`update backfeed.sync_run set actor = 'somebody else' where run_id = '${run}'`]],
    ['the header of a plan was edited', 'edit', (run) => [`update backfeed.sync_plan set allow_reason = 'agreed' where run_id = '${run}'`]],
    ['a planned row was edited', 'edit', (run) => [`update backfeed.sync_plan_row set decision = 'noop' where plan_id = (select plan_id from backfeed.sync_run where run_id = '${run}') and row_no = 1`]],
    ['a planned field was deleted', 'edit', (run) => [`delete from backfeed.sync_plan_field where plan_id = (select plan_id from backfeed.sync_run where run_id = '${run}') and row_no = 1`]],
    ['a value was edited', 'edit', (run) => [`update backfeed.sync_plan_field set desired_value = 'never so' where plan_id = (select plan_id from backfeed.sync_run where run_id = '${run}') and desired_value is not null`]],
    ['a whole run was deleted', 'truncated', (run) => ['sync_run_event', 'sync_run', 'sync_result', 'sync_call', 'sync_intent', 'sync_plan'].map((table) => `delete from backfeed.${table} where run_id = '${run}'`)],
  ] // biome-ignore format: one line per way to tamper
  test.each(tampered)('F81: %s', async (_, kind, statements) => {
    try {
      const run = await someRun()
      expect(run).toMatch(/^run_/)
      await lab.exec(...(await statements(run)))
      const { findings } = await verify()
      expect(findings.map((finding) => finding.kind)).toContain(kind)
      const named = findings.find((finding) => finding.kind === kind)
      if (kind !== 'truncated' || named?.runId === run)
        expect(named).toMatchObject({ sync: 'accounts', runId: run, seq: expect.any(Number) })
    } finally {
      await restore()
    }
  })

  test('F81: the newest events were cut off: only a head that was kept outside shows it', async () => {
    const { heads } = await verify()
    const hashes = heads.map(({ hash }) => hash)
    expect((await verify({ heads: hashes })).findings).toEqual([])
    try {
      const newest = heads.find(({ sync }) => sync === 'accounts')?.runId ?? ''
      for (const table of ['sync_run_event', 'sync_run', 'sync_result', 'sync_call', 'sync_intent', 'sync_plan'])
        await lab.exec(`delete from backfeed.${table} where run_id = '${newest}'`)
      expect((await verify()).findings).toEqual([])
      const { findings } = await verify({ heads: hashes })
      expect(findings).toMatchObject([{ kind: 'truncated', runId: null }])
      expect(findings[0]?.message).toContain('is not in the log')
    } finally {
      await restore()
    }
  })

  test('F81: with BACKFEED_AUDIT_KEY a chain that was made anew without the key is found', async () => {
    const key = { BACKFEED_AUDIT_KEY: KEY }
    await lab.fill([
      ['K-1', 'signed', 'core'],
      ['K-2', 'signed', 'core'],
      ['K-3', 'signed', 'core'],
    ])
    for (const sync of ['accounts', 'companies']) {
      const result = await lab.execute('run', sync, { env: key })
      expect(
        await one(
          `select hash from backfeed.sync_run_event where run_id = '${result.runId}' order by chain_no desc limit 1`,
        ),
      ).toBe(result.auditHead)
    }
    expect((await verify({ auditKey: KEY })).findings).toEqual([])
    expect((await verify()).findings[0]).toMatchObject({
      kind: 'key',
      message: expect.stringContaining('BACKFEED_AUDIT_KEY is not set'),
    })
    expect((await verify({ auditKey: 'another' })).findings[0]).toMatchObject({ kind: 'key' })
    await lab.exec(
      "update backfeed.sync_run_event set chain_key = null where chain_key is not null and event = 'succeeded'",
    )
    expect((await verify({ auditKey: KEY })).findings.map(({ kind }) => kind)).toContain('edit')
  })
})
