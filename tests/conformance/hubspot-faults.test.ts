/** What may go wrong around a HubSpot write: no record twice, none lost, sums that add up; journal and record histories are the witnesses. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FaultAction, FaultMatch } from '../../emulator/core/faults.ts'
import { ExitCode } from '../../runner/errors.ts'
import type { SyncResult } from '../../runner/sync/execute-sync.ts'
import { type RecordingProxy, recordingProxy } from '../support/recording-proxy.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

const HOUR = 3_600_000
const ROWS = 25
const BATCH = 5
const ENV = { HS_SECRET: 'emulated-client-secret', HS_REFRESH: 'emulated-refresh' }
const SCOPES = ['crm.objects.companies.read', 'crm.objects.companies.write', 'crm.schemas.companies.read']
const AUTH = {
  require_issued_tokens: true,
  oauth: { client_id: 'client', client_secret: ENV.HS_SECRET, refresh_tokens: [ENV.HS_REFRESH] },
}

type Mode = 'upsert' | 'create'

describe.each(['v3', '2026-09'] as const)('HubSpot %s under faults', (version) => {
  let lab: SyncLab
  let proxy: RecordingProxy
  /** Writes still to be answered by a gateway after HubSpot has applied them. */
  let badGateways = 0

  beforeAll(async () => {
    lab = await openLab('duckdb', {
      env: ENV,
      hubspot: async (url) => {
        proxy = await recordingProxy(url, ({ path }) => {
          if (badGateways === 0 || !/\/batch\/(upsert|create)$/.test(path)) return undefined
          badGateways -= 1
          return { status: 502, body: '<html>Bad gateway</html>' }
        })
        const secret = (name: string): string => `"{{ env_var('${name}') }}"`
        return `{auth: refresh_token, base_url: "${proxy.url}", client_id: client, client_secret: ${secret('HS_SECRET')}, refresh_token: ${secret('HS_REFRESH')}, api_version: "${version}"}`
      },
    })
    await lab.emulator.control.putSchema('hubspot', 'companies', {
      properties: [
        { name: 'customer_key', type: 'string', hasUniqueValue: true },
        { name: 'plan', type: 'string' },
      ],
    })
    await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80))')
  })
  afterAll(async () => {
    await proxy.close()
    await lab.close()
  })
  beforeEach(async () => {
    badGateways = 0
    await lab.emulator.control.clearFaults()
    await lab.emulator.control.clearPolicies('hubspot')
    await lab.emulator.control.putPolicies('hubspot', { auth: AUTH })
    await lab.writes()
  })

  /** A sync of its own per case, with rows of its own. */
  const given = async (
    sync: string,
    { mode = 'upsert', concurrency = 2 }: { mode?: Mode; concurrency?: number } = {},
  ) => {
    lab.syncs(`  - name: ${sync}
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: companies}
    mode: ${mode}
    match: {field: customer_key, from: id, strategy: unique_property}
    fields:
      - {to: plan, from: plan}
    limits: {batch_size: ${BATCH}, concurrency: ${concurrency}}
    ${openGuards}
`)
    const rows = Array.from({ length: ROWS }, (_, index) => `(${quoted(`${sync}-${index}`)}, 'new')`)
    await lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${rows.join(', ')}`)
  }

  /** Records of the sync; each has one version, so it was written once, or repeated by an upsert that changed nothing. */
  const stored = async (sync: string): Promise<number> => {
    const records = await lab.emulator.control.records('hubspot', 'companies')
    const keys = records.map((record) => String(Object(record.properties).customer_key ?? ''))
    const own = records.filter((_, index) => keys[index]?.startsWith(`${sync}-`))
    expect(new Set(keys.filter((key) => key.startsWith(`${sync}-`))).size).toBe(own.length)
    for (const { id } of own) {
      const versions = await lab.emulator.control.history('hubspot', 'companies', String(id))
      expect(versions.filter(({ op }) => op === 'create')).toHaveLength(1)
    }
    return own.length
  }

  const adds = ({ totals }: SyncResult): number =>
    totals === undefined ? -1 : totals.succeeded + totals.rejected + totals.retryable + totals.unknown

  /** The next run finishes what there is to finish; the one after it finds nothing to do. */
  const finished = async (sync: string): Promise<void> => {
    badGateways = 0
    await lab.emulator.control.clearFaults()
    await lab.emulator.control.putPolicies('hubspot', { auth: { scopes: null } })
    lab.advance(HOUR)
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: ExitCode.ok, unresolved: 0 })
    expect(await stored(sync)).toBe(ROWS)
    await lab.writes()
    expect(await lab.execute('run', sync)).toMatchObject({ exitCode: ExitCode.ok, totals: { writeCalls: 0 } })
    expect(await lab.writes()).toEqual([])
    expect(await lab.query(`select * from backfeed_audit.reconciliation where sync_name = '${sync}'`)).toEqual([])
  }

  const lost: [string, Mode, FaultAction][] = [
    ['lost', 'upsert', { drop_after_apply: true }],
    ['lost', 'create', { drop_after_apply: true }],
  ]
  // Which family carries them makes no difference to these: once is enough.
  const others: [string, Mode, FaultAction][] = [
    ['html200', 'upsert', { status: 200, body: '<html>Welcome</html>' }],
    ['html502', 'upsert', { status: 502, body: '<html>Bad gateway</html>' }],
    ['empty503', 'create', { status: 503, body: '' }],
    ['cut', 'upsert', { truncate_percent: 50 }],
    ['cut', 'create', { truncate_percent: 50, end_cleanly: true }],
    // HubSpot applies it long after the caller has gone.
    ['hang', 'upsert', { delay_ms: 2_500 }],
  ]
  const cases = version === 'v3' ? lost : [...lost, ...others]

  test.each(cases)('%s, on %s: the row is unknown until it was read back', async (name, mode, action) => {
    const sync = `${name}_${mode}`
    await given(sync, { mode })
    const match: FaultMatch = { path: `/\\/batch\\/${mode}$/`, nth: 2 }
    await lab.emulator.control.addFault({ match, action })
    const result = await lab.execute('run', sync, { longestWaitMs: 1_500 })
    expect(adds(result)).toBe(ROWS)
    expect(result.totals?.rejected).toBe(0)
    expect(result.exitCode).not.toBe(ExitCode.refused)
    await finished(sync)
  })

  test.each(['upsert', 'create'] as const)('F36 502 after HubSpot has applied the %s', async (mode) => {
    const sync = `gateway_${mode}`
    await given(sync, { mode })
    badGateways = 2
    const result = await lab.execute('run', sync)
    expect(adds(result)).toBe(ROWS)
    expect(badGateways).toBe(0)
    expect(await stored(sync)).toBeGreaterThanOrEqual(2 * BATCH)
    await finished(sync)
  })

  test('F41 the token expires with ten calls in flight: no row notices', async () => {
    await given('expiry', { concurrency: 10 })
    // Slow enough for the other calls to be on their way when the tokens end.
    await lab.emulator.control.addFault({ match: { path: '/\\/batch\\/upsert$/' }, action: { delay_ms: 150 } })
    const running = lab.execute('run', 'expiry', {
      onPoint: (point) => {
        if (point === 'CP09') void lab.emulator.control.act('hubspot', 'expire-tokens')
      },
    })
    expect(await running).toMatchObject({
      exitCode: ExitCode.ok,
      totals: { succeeded: ROWS, unknown: 0, retryable: 0 },
    })
    const tokens = proxy.requests.filter(({ path }) => path === '/oauth/2026-03/token').length
    expect(tokens).toBeGreaterThan(1)
    await finished('expiry')
  })

  test('F43 a scope is taken away in the middle: the run ends and names it, no row is to blame', async () => {
    await given('scope', { concurrency: 1 })
    await lab.emulator.control.putPolicies('hubspot', { auth: { scopes: SCOPES } })
    let batches = 0
    const result = await lab.execute('run', 'scope', {
      onPoint: (point) => {
        batches += point === 'CP11' ? 1 : 0
        const scopes = SCOPES.filter((scope) => !scope.endsWith('objects.companies.write'))
        if (point === 'CP11' && batches === 2) void lab.emulator.control.putPolicies('hubspot', { auth: { scopes } })
      },
    })
    expect(result).toMatchObject({ exitCode: ExitCode.rowFailures, totals: { rejected: 0, unknown: 0 } })
    expect(JSON.stringify(result)).toContain('crm.objects.companies.write')
    expect(adds(result)).toBe(ROWS)
    expect(result.totals?.succeeded).toBe(await stored('scope'))
    await finished('scope')
  })

  // A grant that is gone does not come back: these two are the last.
  test('F42 the grant is revoked in the middle: what was answered stands, the rest goes later, and no token is shown', async () => {
    await given('renewal', { concurrency: 1 })
    let batches = 0
    const onPoint = (point: string): void => {
      batches += point === 'CP11' ? 1 : 0
      if (point !== 'CP11' || batches !== 2) return
      void lab.emulator.control.act('hubspot', 'revoke-grant')
      void lab.emulator.control.act('hubspot', 'expire-tokens')
    }
    const result = await lab.execute('run', 'renewal', { onPoint })
    expect(result.exitCode).not.toBe(ExitCode.ok)
    expect(adds(result)).toBe(ROWS)
    expect(result.totals).toMatchObject({ rejected: 0, unknown: 0 })
    expect(result.totals?.succeeded).toBe(await stored('renewal'))
    expect(JSON.stringify(result)).toContain('E-CRM-AUTH')
    for (const secret of Object.values(ENV)) expect(JSON.stringify(result)).not.toContain(secret)
    expect(await lab.query("select * from backfeed_audit.reconciliation where sync_name = 'renewal'")).toEqual([])
  })

  test('the grant is revoked: nothing is sent, and the message says what to do', async () => {
    await given('revoked')
    await lab.emulator.control.act('hubspot', 'revoke-grant')
    const failure = await lab.execute('run', 'revoked').catch((error: unknown) => error)
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(Object(failure)))).toContain('E-CRM-AUTH')
    expect(await stored('revoked')).toBe(0)
  })
})
