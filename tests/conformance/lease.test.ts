import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureLedger, ledgerRelations } from '../../runner/audit/ledger.ts'
import type { TemplateEnvironment } from '../../runner/compile/compile.ts'
import { systemPorts } from '../../runner/ports.ts'
import { acquireLease, type Lease } from '../../runner/sync/lease.ts'
import { packageEnvironment } from '../support/package-environment.ts'
import { openTestWarehouse, statement, type TestWarehouse, warehousesUnderTest } from '../support/warehouses.ts'

describe.each(warehousesUnderTest().map(({ name }) => name))('lease on %s', (name) => {
  let opened: TestWarehouse
  let environment: TemplateEnvironment

  beforeAll(async () => {
    opened = await openTestWarehouse(name)
    environment = packageEnvironment(name)
    await ensureLedger({
      warehouse: opened.warehouse,
      environment,
      schema: opened.schema,
      auditSchema: 'backfeed_audit',
      options: statement,
    })
  })
  afterAll(() => opened.drop())

  const table = () => ledgerRelations(opened.schema).sync_lease
  const acquire = (resource: string, runId: string): Promise<Lease> =>
    acquireLease({
      warehouse: opened.warehouse,
      environment,
      table: table(),
      resource,
      runId,
      ports: systemPorts(),
      options: statement,
    })
  const expire = (resource: string) =>
    opened.warehouse.exec(
      `update ${table()} set expires_at = timestamp '2000-01-01' where resource = '${resource}'`,
      statement('expire'),
    )

  test('a second holder is refused with the run that holds it', async () => {
    const lease = await acquire('org/busy', 'run_a')
    await expect(acquire('org/busy', 'run_b')).rejects.toMatchObject({
      code: 'E-RUN-BUSY',
      exitCode: 6,
      message: expect.stringContaining('run_a'),
    })
    await lease.release()
    expect((await acquire('org/busy', 'run_c')).epoch).toBe(lease.epoch + 1)
  })

  test('a runner that may wait gets the lease when it is free, and is refused when the time is over', async () => {
    const request = {
      warehouse: opened.warehouse,
      environment,
      table: table(),
      resource: 'org/waits',
      ports: systemPorts(),
      options: statement,
    }
    const first = await acquireLease({ ...request, runId: 'run_a' })
    await expect(acquireLease({ ...request, runId: 'run_b', waitMs: 300 })).rejects.toMatchObject({
      code: 'E-RUN-BUSY',
    })
    const waiting = acquireLease({ ...request, runId: 'run_c', waitMs: 20_000 })
    await new Promise((resolve) => setTimeout(resolve, 500))
    await first.release()
    expect((await waiting).epoch).toBe(first.epoch + 1)
  })

  test('two rows made by two first runners are one lease', async () => {
    const first = await acquire('org/twice', 'run_a')
    await opened.warehouse.exec(`insert into ${table()} (resource, epoch) values ('org/twice', 0)`, statement('twin'))
    await expect(acquire('org/twice', 'run_b')).rejects.toMatchObject({ code: 'E-RUN-BUSY' })
    await first.release()
    const next = await acquire('org/twice', 'run_c')
    expect(next.epoch).toBe(first.epoch + 1)
    await expect(acquire('org/twice', 'run_d')).rejects.toMatchObject({ code: 'E-RUN-BUSY' })
  })

  test('F54 a renewal that came back too late is asked about before anything else is sent', async () => {
    let now = systemPorts().clock.nowMs()
    const ports = { ...systemPorts(), clock: { ...systemPorts().clock, nowMs: () => now } }
    const request = {
      warehouse: opened.warehouse,
      environment,
      table: table(),
      runId: 'run_a',
      ports,
      options: statement,
    }
    const lease = await acquireLease({ ...request, resource: 'org/late' })
    const startedMs = now
    await expire('org/late')
    await acquire('org/late', 'run_b')
    now += 115_000
    await opened.warehouse.exec(lease.renewStatement(), statement('renew'))
    lease.renewed(startedMs)
    await expect(lease.confirm()).rejects.toMatchObject({ code: 'E-RUN-FENCED' })
  })

  test('the same sync of another organisation is another lease', async () => {
    await acquire('org1/sync', 'run_a')
    expect((await acquire('org2/sync', 'run_b')).epoch).toBe(1)
  })

  test('an expired lease is taken over with a higher epoch, and the old holder may not go on', async () => {
    const old = await acquire('org/expired', 'run_a')
    await expire('org/expired')
    const next = await acquire('org/expired', 'run_b')
    expect(next.epoch).toBe(old.epoch + 1)
    const late = await acquireLate('org/expired', old)
    expect(late).toBe('E-RUN-FENCED')
  })

  test('releasing somebody else’s lease changes nothing', async () => {
    const old = await acquire('org/release', 'run_a')
    await expire('org/release')
    await acquire('org/release', 'run_b')
    await old.release()
    await expect(acquire('org/release', 'run_c')).rejects.toMatchObject({ code: 'E-RUN-BUSY' })
  })

  test('a lease that expired unnoticed and was taken by nobody is still ours after renewing', async () => {
    const lease = await acquire('org/slow', 'run_a')
    await expire('org/slow')
    await opened.warehouse.exec(lease.renewStatement(), statement('renew'))
    await expect(acquire('org/slow', 'run_b')).rejects.toMatchObject({ code: 'E-RUN-BUSY' })
  })

  /** Whatever confirm() does when its own deadline is over. */
  async function acquireLate(resource: string, old: Lease): Promise<string> {
    const clock = { ...systemPorts().clock, nowMs: () => old.deadlineMs() + 1 }
    const rows = await opened.warehouse.rows(
      `select holder from ${table()} where resource = '${resource}'`,
      statementWithMax(),
    )
    expect(rows[0]?.[0]).toBeTruthy()
    const expired = await staleLease(resource, clock)
    try {
      await expired.confirm()
      return 'confirmed'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  /** A lease whose holder's clock has passed its deadline and whose row belongs to somebody else by now. */
  async function staleLease(resource: string, clock: ReturnType<typeof systemPorts>['clock']): Promise<Lease> {
    let now = systemPorts().clock.nowMs()
    const ports = { ...systemPorts(), clock: { ...clock, nowMs: () => now } }
    await expire(resource)
    const lease = await acquireLease({
      warehouse: opened.warehouse,
      environment,
      table: table(),
      resource,
      runId: 'run_stale',
      ports,
      options: statement,
    })
    await expire(resource)
    await acquire(resource, 'run_thief')
    now = lease.deadlineMs() + 1
    return lease
  }

  const statementWithMax = () => ({ ...statement('read'), max: 1 })
})
