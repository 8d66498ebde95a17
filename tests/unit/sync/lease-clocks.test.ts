/** The holder's own deadline on clocks that stop, jump and disagree. The warehouse is two statements over one row. */
import { beforeEach, describe, expect, test } from 'vitest'
import { type Ports, systemPorts } from '../../../runner/ports.ts'
import { keepingLease } from '../../../runner/sync/keep-lease.ts'
import { acquireLease, type Lease, leaseTtlMs } from '../../../runner/sync/lease.ts'
import type { StatementOptions, TextRow, Warehouse } from '../../../runner/warehouse/warehouse.ts'
import { packageEnvironment } from '../../support/package-environment.ts'

/** Two clocks that a test moves apart. */
class TwoClocks {
  wallMs = 1_000_000
  /** Of the warehouse: nothing that happens to the machine moves it. */
  warehouseMs = 1_000_000
  monotonic = 5_000

  pass(ms: number): void {
    this.wallMs += ms
    this.warehouseMs += ms
    this.monotonic += ms
  }

  readonly clock: Ports['clock'] = {
    nowMs: () => this.wallMs,
    monotonicMs: () => this.monotonic,
    sleep: async (ms, signal) => {
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      signal?.throwIfAborted()
      this.pass(ms)
    },
  }
}

class LeaseTable {
  holder = ''
  renewals = 0
  down = false
  /** How long a renewal takes. */
  slowMs = 0
  readonly clocks: TwoClocks

  constructor(clocks: TwoClocks) {
    this.clocks = clocks
  }

  readonly warehouse = {
    exec: async (sql: string) => {
      if (this.down) throw new Error('connection lost')
      const claimed = /set epoch = epoch \+ 1, holder = '(\w+)'/.exec(sql)?.[1]
      if (claimed !== undefined) this.holder = claimed
      if (sql.includes('set heartbeat_at')) {
        this.renewals += 1
        this.clocks.pass(this.slowMs)
      }
      return {}
    },
    rows: async (): Promise<TextRow[]> => [
      [this.holder, '1', 'run', null, null, new Date(this.clocks.warehouseMs).toISOString()],
    ],
    release: async () => {},
  } as unknown as Warehouse
}

describe('the holder of a lease', () => {
  let clocks: TwoClocks
  let table: LeaseTable
  let lease: Lease
  let ports: Ports

  beforeEach(async () => {
    clocks = new TwoClocks()
    table = new LeaseTable(clocks)
    ports = { ...systemPorts(), clock: clocks.clock }
    lease = await acquireLease({
      warehouse: table.warehouse,
      environment: packageEnvironment('duckdb'),
      table: 'backfeed.sync_lease',
      resource: 'org/sync',
      runId: 'run',
      ports,
      options: () => ({}) as StatementOptions,
    })
  })

  test('asks nobody while its deadline is far, and renews when it is near', async () => {
    clocks.pass(40_000)
    await lease.confirm()
    expect(table.renewals).toBe(0)
    // From here on a request that waits a minute for its turn would come too late.
    clocks.pass(6_000)
    await lease.confirm()
    expect(table.renewals).toBe(1)
    clocks.pass(40_000)
    await lease.confirm()
    expect(table.renewals).toBe(1)
  })

  test('F51 a machine that slept asks again before it sends anything, however near it believes its deadline to be', async () => {
    clocks.wallMs += 6_000
    await lease.confirm()
    expect(table.renewals).toBe(1)
    await lease.confirm()
    expect(table.renewals).toBe(1)
    clocks.wallMs += 600_000
    table.holder = 'another'
    await expect(lease.confirm()).rejects.toMatchObject({ code: 'E-RUN-FENCED', exitCode: 6 })
  })

  test('F51 a wall clock that was set back does not make a lease younger', async () => {
    clocks.pass(100_000)
    clocks.wallMs -= 95_000
    await lease.confirm()
    expect(table.renewals).toBe(1)
    table.holder = 'another'
    clocks.wallMs -= 30_000
    clocks.monotonic += 20_000
    await expect(lease.confirm()).rejects.toMatchObject({ code: 'E-RUN-FENCED' })
  })

  test('F66 a clock that jumped is asked about before anything is sent, and moments are right again', async () => {
    const trueMs = clocks.warehouseMs
    clocks.wallMs += 3_600_000
    expect([lease.clock.earliestMs(), lease.clock.latestMs()]).toEqual([trueMs, trueMs + 3_600_000])
    await lease.confirm()
    expect([lease.clock.earliestMs(), lease.clock.latestMs()]).toEqual([trueMs, trueMs])
    expect(lease.clock.aheadMs()).toBe(3_600_000)
  })

  test('a write that renewed while the clocks disagreed proves nothing', async () => {
    const startedMs = clocks.wallMs
    clocks.wallMs += 30_000
    lease.renewed(startedMs)
    table.holder = 'another'
    await expect(lease.confirm()).rejects.toMatchObject({ code: 'E-RUN-FENCED' })
  })

  test('F54 a renewal that fails ends the sending, before the deadline', async () => {
    clocks.pass(106_000)
    table.down = true
    await expect(lease.confirm()).rejects.toThrow('connection lost')
    expect(clocks.wallMs).toBeLessThan(lease.deadlineMs())
  })

  test('F54 a renewal whose answer took longer than it promises is no renewal', async () => {
    clocks.pass(106_000)
    table.slowMs = leaseTtlMs
    await expect(lease.confirm()).rejects.toMatchObject({ code: 'E-RUN-FENCED' })
  })

  test('what takes longer than a lease is accompanied by signs of life', async () => {
    await keepingLease({ lease, ports }, async () => {
      const endMs = clocks.monotonic + 10 * 60_000
      while (clocks.monotonic < endMs) await new Promise((resolve) => setImmediate(resolve))
    })
    expect(table.renewals).toBeGreaterThanOrEqual(10 * 2 - 1)
    await lease.confirm()
    expect(lease.deadlineMs() - clocks.wallMs).toBeGreaterThan(60_000)
  })
})
