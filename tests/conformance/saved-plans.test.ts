/** A saved plan is sent exactly as it was planned, shrinks where somebody edited a record, and is refused by name otherwise. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runChecks } from '../../runner/audit/checks.ts'
import { sha256 } from '../../runner/audit/run-log.ts'
import type { Purpose } from '../../runner/sync/purpose.ts'
import { applyPurpose } from '../../runner/sync/saved-plans/apply-purpose.ts'
import { sealPlan } from '../../runner/sync/saved-plans/seal-plan.ts'
import { packageEnvironment } from '../support/package-environment.ts'
import { statement, warehousesUnderTest } from '../support/warehouses.ts'
import { applySaved, readSaved, savePlan } from './saved-plan-lab.ts'
import { Crash, openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

const ACCOUNT = {
  fields: [
    { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
    { name: 'Plan__c', type: 'string', length: 80 },
    { name: 'Note__c', type: 'string', length: 80 },
  ],
}

describe.each(warehousesUnderTest().map(({ name }) => name))('saved plans on %s', { timeout: 180_000 }, (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    await lab.emulator.control.putSchema('salesforce', 'Account', ACCOUNT)
    await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80), note varchar(80))')
  })
  afterAll(() => lab.close())

  type Given = readonly [id: string, plan: string | null, note?: string]
  const fill = (rows: readonly Given[]) =>
    lab.exec(
      'delete from backfeed.rows_given',
      `insert into backfeed.rows_given values ${rows.map(([id, plan, note]) => `(${quoted(id)}, ${quoted(plan)}, ${quoted(note)})`).join(', ')}`,
    )
  const mapping = (sync: string, { fields = '', more = '', guards = openGuards } = {}) =>
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
${fields}
    limits: {batch_size: 2, concurrency: 1}
    ${guards}
    ${more}
`)
  const stored = async (prefix: string): Promise<Record<string, unknown>> => {
    const records = await lab.emulator.control.records('salesforce', 'Account')
    const own = records.filter((record) => String(record.Key__c ?? '').startsWith(prefix))
    return Object.fromEntries(own.map((record) => [String(record.Key__c).slice(prefix.length), record.Plan__c]))
  }
  /** Somebody types another value into the CRM. */
  const edit = async (key: string, value: string) => {
    const record = (await lab.emulator.control.records('salesforce', 'Account')).find(({ Key__c }) => Key__c === key)
    await lab.emulator.control.putRecords('salesforce', 'Account', [{ Id: record?.Id, Plan__c: value }])
  }
  /** The sync has run once over these keys; then their plans change. */
  const planned = async (sync: string, ids: readonly string[] = ['1', '2', '3']) => {
    mapping(sync)
    await fill(ids.map((id) => [`${sync}-${id}`, 'old'] as const))
    await lab.execute('run', sync)
    await fill(ids.map((id) => [`${sync}-${id}`, 'new'] as const))
    const saved = await savePlan(lab, sync)
    await lab.writes()
    return saved
  }
  /** Exit 3, nothing sent, and each reason in words. */
  const refused = async (sync: string, text: string, ...reasons: readonly RegExp[]) => {
    await lab.writes()
    const result = await applySaved(lab, sync, text)
    expect(result.exitCode).toBe(3)
    for (const reason of reasons) expect(result.error?.message).toMatch(reason)
    expect(await lab.writes()).toEqual([])
    return result
  }

  test('nothing changed: every request byte for byte as planned, with creates and updates', async () => {
    mapping('exact')
    await fill(['1', '2', '3'].map((id) => [`exact-${id}`, 'old'] as const))
    await lab.execute('run', 'exact')
    await fill(['0', '1', '2', '3', '4'].map((id) => [`exact-${id}`, 'new'] as const))
    const { plan, text } = await savePlan(lab, 'exact')
    await lab.writes()
    expect(await applySaved(lab, 'exact', text)).toMatchObject({ exitCode: 0, totals: { succeeded: 5 }, planned: 5 })
    const sent = (await lab.writes()).map(({ method, path, body }) => ({
      method,
      path,
      sha256: sha256(JSON.stringify(body)),
    }))
    expect(sent).toEqual(
      plan.plan?.predicted.requests.map(({ method, path, sha256: hash }) => ({ method, path, sha256: hash })),
    )
    expect(sent).toHaveLength(3)
    expect(await stored('exact-')).toEqual({ 0: 'new', 1: 'new', 2: 'new', 3: 'new', 4: 'new' })
    expect(await lab.execute('run', 'exact')).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
    expect(await lab.query("select * from backfeed_audit.reconciliation where sync_name = 'exact'")).toEqual([])
  })

  test('rows that are new in the source stay out: the plan and its bytes are the same', async () => {
    const { plan, text } = await planned('grown')
    await fill(['0', '1', '2', '3', '9'].map((id) => [`grown-${id}`, 'new'] as const))
    expect(await applySaved(lab, 'grown', text)).toMatchObject({ exitCode: 0, totals: { succeeded: 3 } })
    const sent = (await lab.writes()).map(({ body }) => sha256(JSON.stringify(body)))
    expect(sent).toEqual(plan.plan?.predicted.requests.map((request) => request.sha256))
    expect(await stored('grown-')).toEqual({ 1: 'new', 2: 'new', 3: 'new' })
    expect(await lab.execute('run', 'grown')).toMatchObject({ totals: { succeeded: 2, created: 2 } })
  })

  test('F68 a record edited in the CRM since the plan is held, the others are sent', async () => {
    const { text } = await planned('edited')
    await edit('edited-2', 'by hand')
    const result = await applySaved(lab, 'edited', text)
    expect(result).toMatchObject({ exitCode: 0, planned: 3, held: 1, totals: { succeeded: 2 } })
    expect(result.message).toBe('1 row was edited in the CRM since the plan; nothing was sent for them')
    expect(await stored('edited-')).toEqual({ 1: 'new', 2: 'by hand', 3: 'new' })
    const held = `select row_key, reason from backfeed.sync_plan_row where plan_id = '${result.plan?.plan_id}' and decision = 'held'`
    expect(await lab.query(held)).toEqual([['edited-2', 'drifted_since_plan']])
    expect(await lab.query("select * from backfeed_audit.reconciliation where sync_name = 'edited'")).toEqual([])
  })

  test('a record made by somebody else since the plan is not written to', async () => {
    mapping('made')
    await fill([['made-1', 'new']])
    const { text } = await savePlan(lab, 'made')
    await lab.emulator.control.putRecords('salesforce', 'Account', [
      { Key__c: 'made-1', Name: 'Theirs', Plan__c: 'theirs' },
    ])
    await lab.writes()
    expect(await applySaved(lab, 'made', text)).toMatchObject({ exitCode: 0, held: 1, totals: { writeCalls: 0 } })
    expect(await stored('made-')).toEqual({ 1: 'theirs' })
  })

  test('INV-14 what was allowed with a reason is allowed once more, to the row, and the reason goes along', async () => {
    mapping('allowed', { guards: 'guards: {max_creates: 1}' })
    await fill(['1', '2', '3'].map((id) => [`allowed-${id}`, 'new'] as const))
    const blocked = await savePlan(lab, 'allowed')
    expect(blocked.plan.exitCode).toBe(3)
    await refused(
      'allowed',
      blocked.text,
      /E-BUDGET-CREATES allowed: the plan was refused: creates is 3, the limit is 1/,
    )
    const { plan, text } = await savePlan(lab, 'allowed', {
      allowance: { limits: { creates: 3 }, reason: 'first load' },
    })
    expect(plan.exitCode).toBe(0)
    expect(readSaved(lab, text).saved.allow_reason).toBe('first load')
    const result = await applySaved(lab, 'allowed', text)
    expect(result).toMatchObject({ exitCode: 0, totals: { created: 3 } })
    const header = `select creates, approved_creates, source_plan_id from backfeed.sync_plan where plan_id = '${result.plan?.plan_id}'`
    expect(await lab.query(header)).toEqual([['3', '3', plan.plan?.plan_id]])
  })

  describe('F78 is refused as stale, by name', () => {
    test('another source', async () => {
      const { text } = await planned('source')
      await fill([
        ['source-1', 'newest'],
        ['source-2', 'new'],
      ])
      await refused(
        'source',
        text,
        /E-PLAN-STALE .*the source changed since the plan: 2 of 3 planned rows are different, 1 of them left the model/,
      )
    })

    test('another mapping', async () => {
      const { text } = await planned('mapped')
      mapping('mapped', { fields: '      - {to: Note__c, from: note}' })
      await refused('mapped', text, /the sync file changed/, /the mapping of the fields changed/)
    })

    test('another sync file with the same mapping', async () => {
      const { text } = await planned('filed')
      mapping('filed', { more: 'tags: [other]' })
      const { error } = await refused('filed', text, /the sync file changed/)
      expect(error?.message).not.toMatch(/mapping/)
    })

    test('other fields in the CRM', async () => {
      const { text } = await planned('schema')
      const [key, plan, note] = ACCOUNT.fields
      await lab.emulator.control.putSchema('salesforce', 'Account', { fields: [key, { ...plan, length: 60 }, note] })
      await refused('schema', text, /the fields of Account or the rights to them changed in the CRM/)
      await lab.emulator.control.putSchema('salesforce', 'Account', ACCOUNT)
    })

    test('a run since the plan', async () => {
      const { text } = await planned('overtaken')
      const run = await lab.execute('run', 'overtaken')
      await refused(
        'overtaken',
        text,
        new RegExp(`run ${run.runId} of this sync went by since the plan, with 3 changes`),
      )
    })

    test('a run with nothing to send makes no plan stale', async () => {
      mapping('idle')
      await fill([['idle-1', 'old']])
      await lab.execute('run', 'idle')
      const { text } = await savePlan(lab, 'idle')
      await lab.execute('run', 'idle')
      await lab.execute('plan', 'idle')
      expect(await applySaved(lab, 'idle', text)).toMatchObject({ exitCode: 0, status: 'nothing to do' })
    })

    test('another org', async () => {
      const { text } = await planned('org')
      const other = text.replace(/"org_id":"[^"]*"/, '"org_id":"00D000000000XYZ"')
      await refused('org', reseal(other), /E-PLAN-DIGEST/, /the plan is for 00D000000000XYZ/)
    })

    test('INV-23 the same plan twice', async () => {
      const { text } = await planned('twice')
      const first = await applySaved(lab, 'twice', text)
      expect(first.exitCode).toBe(0)
      await refused('twice', text, new RegExp(`the plan was already applied by ${first.runId} \\(succeeded\\)`))
      const inv23 =
        'select source_plan_id from backfeed.sync_plan where source_plan_id is not null group by source_plan_id having count(distinct run_id) > 1'
      expect(await lab.query(inv23)).toEqual([])
    })

    test('rows of the plan that are gone or changed in the warehouse', async () => {
      const { plan, text } = await planned('rows')
      await lab.exec(`delete from backfeed.sync_plan_row where plan_id = '${plan.plan?.plan_id}' and row_no = 2`)
      await refused('rows', text, /the rows of the plan are not in the warehouse any more/)
    })

    test('state that moved on without anything sent', async () => {
      const { text } = await planned('moved')
      await lab.exec(
        "update backfeed.state_moved set fingerprint = (select s.fingerprint from backfeed.staging_moved as s where s.row_key = backfeed.state_moved.row_key) where row_key = 'moved-1'",
      )
      await refused('moved', text, /1 of 3 planned rows do not come up for a change any more/)
      await lab.exec("update backfeed.state_moved set fingerprint = null where row_key = 'moved-1'")
      await lab.execute('run', 'moved')
    })

    test('expired, of another version, of another format, edited', async () => {
      const { text } = await planned('file')
      expect(() => readSaved(lab, text, { toolVersion: '9.0.0' })).toThrow(
        /E-PLAN-STALE the plan was made by Backfeed .*, this is 9.0.0/,
      )
      expect(() => readSaved(lab, text.replace('backfeed-plan/1', 'backfeed-plan/2'))).toThrow(
        /E-PLAN-STALE the file has the format "backfeed-plan\/2"/,
      )
      expect(() => readSaved(lab, text.replace('"send":3', '"send":4'))).toThrow(
        /E-PLAN-DIGEST .*does not match its digest/,
      )
      await refused('file', reseal(text.replace('"send":3', '"send":4')), /E-PLAN-DIGEST .*does not know this file/)
      lab.advance(25 * 3_600_000)
      expect(() => readSaved(lab, text)).toThrow(/E-PLAN-STALE the plan expired at/)
    })

    test('F66 a plan ends by the clock of the warehouse, whatever those say that made it and that apply it', async () => {
      mapping('ends')
      await fill([['ends-1', 'new']])
      const { text } = await savePlan(lab, 'ends', { skewMs: 3_600_000 })
      // An hour ahead when it was made, an hour behind where it is applied: both of their words would still let it go.
      lab.advance(24 * 3_600_000 + 60_000)
      const file = readSaved(lab, text)
      const late = await lab.execute('run', 'ends', { purpose: applyPurpose(file), skewMs: -3_600_000 })
      expect(late.error?.problems.map(({ code, message }) => `${code} ${message}`)).toEqual([
        expect.stringMatching(/^E-PLAN-STALE ends: the plan expired at .* UTC, by the clock of the warehouse$/),
      ])
      expect(await lab.writes()).toEqual([])
    })
  })

  test('a signed plan needs its key, and an unsigned one is not taken where there is a key', async () => {
    const env = { BACKFEED_AUDIT_KEY: 'a-long-key' }
    mapping('signed')
    await fill([['signed-1', 'new']])
    const { text } = await savePlan(lab, 'signed', { env })
    expect(() => readSaved(lab, text)).toThrow(
      /E-PLAN-STALE the plan is signed with BACKFEED_AUDIT_KEY, which is not set here/,
    )
    expect(() => readSaved(lab, text, { auditKey: 'another' })).toThrow(/E-PLAN-DIGEST .*signature/)
    const unsigned = await savePlan(lab, 'signed')
    expect(() => readSaved(lab, unsigned.text, { auditKey: 'a-long-key' })).toThrow(/E-PLAN-DIGEST .*signature/)
    expect(await applySaved(lab, 'signed', text, { env })).toMatchObject({ exitCode: 0, totals: { created: 1 } })
  })

  test.each(['CP08', 'CP11', 'CP24'])(
    'killed at %s: the plan is used up, the next one recovers and sends the rest once',
    async (at) => {
      const sync = `dies_${at.toLowerCase()}`
      mapping(sync)
      await fill(['1', '2', '3', '4', '5'].map((id) => [`${sync}-${id}`, 'new'] as const))
      const { text } = await savePlan(lab, sync)
      await expect(applySaved(lab, sync, text, { crashAt: at })).rejects.toThrow(at)
      await refused(sync, text, /the plan was already applied by run_\w+ \(still running, or died\)/)
      lab.advance(3_600_000)
      await lab.execute('plan', sync)
      // What may have been sent is looked at again once it has settled.
      lab.advance(3_600_000)
      const next = await savePlan(lab, sync)
      expect(await applySaved(lab, sync, next.text)).toMatchObject({ exitCode: 0, unresolved: 0 })
      expect(await stored(`${sync}-`)).toEqual({ 1: 'new', 2: 'new', 3: 'new', 4: 'new', 5: 'new' })
      const own = (await lab.emulator.control.records('salesforce', 'Account')).filter(({ Key__c }) =>
        String(Key__c).startsWith(`${sync}-`),
      )
      expect(own).toHaveLength(5)
      expect(await lab.execute('run', sync)).toMatchObject({ exitCode: 0, totals: { writeCalls: 0 } })
      expect(await lab.query(`select * from backfeed_audit.reconciliation where sync_name = '${sync}'`)).toEqual([])
    },
  )

  test('F07 killed before its header: nothing was sent, and the plan can still be applied', async () => {
    const { text } = await planned('early')
    const dying: Purpose = {
      ...applyPurpose(readSaved(lab, text)),
      decide: () => {
        throw new Crash('before the header')
      },
    }
    await expect(lab.execute('run', 'early', { purpose: dying })).rejects.toThrow('before the header')
    await lab.writes()
    expect(await applySaved(lab, 'early', text)).toMatchObject({ exitCode: 0, totals: { succeeded: 3 } })
  })

  test('after all of this no invariant is broken, and a plan that was applied twice or grew would be found', async () => {
    const check = (invariants?: readonly string[]) =>
      runChecks({
        warehouse: lab.opened.warehouse,
        environment: packageEnvironment(name),
        schema: 'backfeed',
        auditSchema: 'backfeed_audit',
        options: statement,
        ...(invariants && { invariants }),
      })
    expect((await check()).filter(({ found }) => found > 0)).toEqual([])
    const [row] = await lab.query(
      'select plan_id, source_plan_id from backfeed.sync_plan where source_plan_id is not null and send_rows > 0 limit 1',
    )
    const [planId, source] = row ?? []
    await lab.exec(
      `insert into backfeed.sync_plan (plan_id, run_id, sync_name, source_plan_id) select 'plan_again', run_id, sync_name, '${source}' from backfeed.sync_run where run_id not in (select run_id from backfeed.sync_plan where plan_id = '${planId}') and kind = 'run' and purpose = 'apply' and plan_id is not null order by run_id limit 1`,
      `insert into backfeed.sync_plan_row (plan_id, row_no, row_key, decision, payload_hash) values ('${planId}', 999, 'grown', 'send', 'x')`,
    )
    const found = (await check(['INV-12', 'INV-23'])).flatMap(({ findings }) => findings.map(({ finding }) => finding))
    expect(found).toEqual([
      `${planId} row 999 is not in the saved plan that was applied, or not with this payload`,
      `${source}, a saved plan, was applied by 2 runs`,
    ])
  })
})

/** As somebody would who edits the file and knows how it is sealed, but not what the warehouse recorded. */
function reseal(text: string): string {
  const { digest: _, ...document } = JSON.parse(text) as Record<string, unknown>
  return JSON.stringify(sealPlan(document, '').document)
}
