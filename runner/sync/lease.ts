/**
 * One live run per sync and organisation: a lease with an epoch in the warehouse, on the warehouse's clock. The holder also
 * keeps a deadline on its own clock and stops sending before it passes (protocol A4).
 */

import type { TemplateEnvironment } from '../compile/compile.ts'
import { BackfeedError, ExitCode, invariant } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { StatementOptions, Warehouse } from '../warehouse/warehouse.ts'
import { type ClockReading, cellMs, momentOf, type WarehouseClock, warehouseClock } from './warehouse-clock.ts'

export const leaseTtlMs = 120_000
/** The runner's deadline ends this much before the warehouse's, for the time the answer travelled. */
const deadlineMarginMs = 10_000
const dispatchMarginMs = 5_000
/** A request may wait this long for its turn after the lease was looked at (LONGEST_WAIT_MS of the pacing). */
const longestTurnMs = 60_000
/** How long the holder may rely on one renewal, counted from before it was asked for. */
const spanMs = leaseTtlMs - deadlineMarginMs
/** One of the two clocks stopped or jumped: a machine that slept, a wall clock that was set. */
const disagreementMs = 5_000

export interface LeaseRequest {
  warehouse: Warehouse
  environment: TemplateEnvironment
  /** `schema.sync_lease` */
  table: string
  /** `<org id>/<sync>` */
  resource: string
  runId: string
  ports: Ports
  options: (step: string) => StatementOptions
}

export interface Lease {
  readonly epoch: number
  /** Query with a row or more as long as the lease is held, by the warehouse's own look; for `exists` and `from`. */
  readonly heldQuery: string
  /** Read with the lease: when it is taken, and with every renew(). */
  readonly clock: WarehouseClock
  /** Local wall-clock deadline in epoch milliseconds; nothing may be sent after it. */
  deadlineMs(): number
  /** Statement that renews the lease; goes into a window's write so that renewing costs no round trip of its own. */
  renewStatement(): string
  /**
   * Call when a write that held renewStatement() has committed; `startedMs` is the clock before it was sent. A write that came
   * back after the deadline proves nothing: it may have found somebody else's lease, so confirm() has to ask.
   */
  renewed(startedMs: number): void
  /**
   * Renews when the deadline is near, and whenever the wall clock and the monotonic one do not agree on how long ago the last
   * renewal was. Throws E-RUN-FENCED when the lease cannot be confirmed in time.
   */
  confirm(): Promise<void>
  /** Renews at once and reads back. Throws E-RUN-FENCED when somebody else holds the lease. */
  renew(): Promise<void>
  release(): Promise<void>
}

const askAgainMs = 2_000

/**
 * Takes a free or expired lease with the next epoch, within `waitMs`. Throws E-RUN-BUSY (exit 6) when somebody still holds it then.
 */
export async function acquireLease(request: LeaseRequest & { waitMs?: number; signal?: AbortSignal }): Promise<Lease> {
  const { clock } = request.ports
  const untilMs = clock.monotonicMs() + (request.waitMs ?? 0)
  await ensureRow(request)
  for (;;) {
    try {
      return await claim(request)
    } catch (error) {
      const leftMs = untilMs - clock.monotonicMs()
      if (!(error instanceof BackfeedError) || error.code !== 'E-RUN-BUSY' || leftMs <= 0) throw error
      await request.warehouse.release()
      await clock.sleep(Math.min(askAgainMs, leftMs), request.signal)
    }
  }
}

async function claim(request: LeaseRequest): Promise<Lease> {
  const { warehouse, options, ports } = request
  const holder = ports.random.hex(16)
  const startedMs = ports.clock.nowMs()
  const startedMonotonicMs = ports.clock.monotonicMs()
  await warehouse.exec(claimStatement(request, holder), options('lease'))
  ports.crashPoints.at('CP02')
  const row = await readLease(request, holder)
  if (row.isOurs) return heldLease(request, { holder, ...row, startedMs, startedMonotonicMs })
  await warehouse.exec(freeStatement(request, holder), options('lease'))
  throw busy(request, row)
}

/**
 * The epochs of a resource never start again, so its row is made once and never deleted. Two runners that come first together
 * may both make one, because not every warehouse enforces keys: whoever does not hold all of them holds nothing.
 */
async function ensureRow({ warehouse, table, resource, options }: LeaseRequest): Promise<void> {
  const literal = quoteText(resource)
  const insert = `insert into ${table} (resource, epoch) select ${literal}, 0 where not exists (select 1 from ${table} where resource = ${literal})`
  await warehouse.exec(insert, options('lease'))
}

function claimStatement({ environment, table, resource, runId }: LeaseRequest, holder: string): string {
  const now = environment.call('sql.now_utc', [])
  const expires = environment.call('sql.seconds_from_now', [leaseTtlMs / 1000])
  return [
    `update ${table} set epoch = epoch + 1, holder = '${holder}', run_id = ${quoteText(runId)},`,
    `  acquired_at = ${now}, heartbeat_at = ${now}, expires_at = ${expires}`,
    `where resource = ${quoteText(resource)} and (holder is null or expires_at < ${now})`,
  ].join('\n')
}

interface LeaseRow {
  isOurs: boolean
  epoch: number
  runId: string | null
  acquiredAt: string | null
  expiresAt: string | null
  reading: ClockReading
}

async function readLease(request: LeaseRequest, holder: string): Promise<LeaseRow> {
  const { warehouse, environment, table, resource, options, ports } = request
  const now = environment.call('sql.now_utc', [])
  const select = `select holder, epoch, run_id, acquired_at, expires_at, ${now} from ${table} where resource = ${quoteText(resource)}`
  const asked = momentOf(ports.clock)
  const rows = await warehouse.rows(select, { ...options('lease'), max: 100 })
  const answered = momentOf(ports.clock)
  const other = rows.find((row) => row[0] !== holder)
  const [, , runId = null, acquiredAt = null, expiresAt = null] = other ?? rows[0] ?? []
  invariant(rows.length > 0, 'the lease row exists')
  return {
    isOurs: other === undefined,
    epoch: Math.max(...rows.map((row) => Number(row[1]))),
    runId,
    acquiredAt,
    expiresAt,
    reading: { warehouseMs: cellMs(rows[0]?.[5]), asked, answered },
  }
}

interface Held {
  holder: string
  epoch: number
  startedMs: number
  startedMonotonicMs: number
  reading: ClockReading
}

function heldLease(request: LeaseRequest, held: Held): Lease {
  const { warehouse, ports } = request
  // What a signal stopped must still be recorded under the lease, and the lease given back.
  const options = (step: string) => ({ ...request.options(step), signal: new AbortController().signal })
  const age = leaseAge(ports.clock, held)
  const renewStatement = () => renewal(request, held.holder)
  let { reading } = held
  const renew = async () => {
    const asked = { startedMs: ports.clock.nowMs(), startedMonotonicMs: ports.clock.monotonicMs() }
    await warehouse.exec(renewStatement(), options('lease'))
    const row = await readLease({ ...request, options }, held.holder)
    if (!row.isOurs) throw fenced(request)
    age.restart(asked)
    reading = row.reading
  }
  return {
    clock: warehouseClock(ports.clock, () => reading),
    epoch: held.epoch,
    heldQuery: `select holder from ${request.table} where resource = ${quoteText(request.resource)} and holder = '${held.holder}'`,
    deadlineMs: () => age.startedMs() + spanMs,
    renewStatement,
    renewed(startedMs) {
      if (!age.isInDoubt() && age.elapsedMs() < spanMs)
        age.restart({ startedMs, startedMonotonicMs: age.monotonicAt(startedMs) })
    },
    async confirm() {
      const isShort = (ms: number) => age.isInDoubt() || age.elapsedMs() + ms >= spanMs
      if (isShort(dispatchMarginMs + longestTurnMs)) await renew()
      // The answer itself may have taken longer than what it promised.
      if (isShort(dispatchMarginMs)) throw fenced(request)
    },
    renew,
    async release() {
      await warehouse.exec(freeStatement(request, held.holder), options('lease'))
    },
  }
}

type Started = Pick<Held, 'startedMs' | 'startedMonotonicMs'>

/** How long ago the lease was last proven ours, on both clocks; the longer of the two counts. */
function leaseAge(clock: Ports['clock'], first: Started) {
  let last = first
  const wallMs = () => clock.nowMs() - last.startedMs
  const monotonicMs = () => clock.monotonicMs() - last.startedMonotonicMs
  return {
    startedMs: () => last.startedMs,
    elapsedMs: () => Math.max(wallMs(), monotonicMs()),
    isInDoubt: () => Math.abs(wallMs() - monotonicMs()) > disagreementMs,
    /** What the monotonic clock said at a recent moment of the wall clock. */
    monotonicAt: (atMs: number) => clock.monotonicMs() - (clock.nowMs() - atMs),
    /** Of two renewals under way at once the later one counts. */
    restart(started: Started) {
      if (started.startedMonotonicMs >= last.startedMonotonicMs) last = started
    },
  }
}

function freeStatement({ table, resource }: LeaseRequest, holder: string): string {
  return `update ${table} set holder = null, expires_at = null where resource = ${quoteText(resource)} and holder = '${holder}'`
}

function renewal({ environment, table, resource }: LeaseRequest, holder: string): string {
  const now = environment.call('sql.now_utc', [])
  const expires = environment.call('sql.seconds_from_now', [leaseTtlMs / 1000])
  return `update ${table} set heartbeat_at = ${now}, expires_at = ${expires} where resource = ${quoteText(resource)} and holder = '${holder}'`
}

function busy({ resource }: LeaseRequest, row: LeaseRow): BackfeedError {
  return new BackfeedError(
    {
      code: 'E-RUN-BUSY',
      message: `run ${row.runId ?? '(unknown)'} holds ${resource} since ${timeOf(row.acquiredAt)}, until ${timeOf(row.expiresAt)} unless it renews`,
      help: 'wait for it to end, or let --lock-timeout 10m wait; if its process is gone, the lease ends by itself at that time',
    },
    { exitCode: ExitCode.leaseHeld },
  )
}

/** To the second: `2024-01-31 09:08:07 UTC`. */
function timeOf(cell: string | null): string {
  return cell === null ? '(unknown)' : `${cell.slice(0, 19).replace('T', ' ')} UTC`
}

function fenced({ resource }: LeaseRequest): BackfeedError {
  return new BackfeedError(
    {
      code: 'E-RUN-FENCED',
      message: `the lease on ${resource} could not be renewed, so nothing more was sent`,
      help: 'another run has taken over; look at backfeed history runs',
    },
    { exitCode: ExitCode.leaseHeld },
  )
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
