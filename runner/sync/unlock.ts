/**
 * Ends the lease of a run whose process is gone, before it ends by itself. Its epoch grows, so that a holder that lives on finds
 * out before it sends anything more. What it left behind is recovered by the next run, as after any crash.
 */
import { ledgerRelations } from '../audit/ledger.ts'
import { BackfeedError, ExitCode } from '../errors.ts'
import type { Session } from './session.ts'

/** A run gives a sign of life at least every half minute while it plans, and with every window while it sends. */
const freshMs = 60_000

export interface HeldLease {
  resource: string
  orgId: string
  holder: string
  epoch: number
  runId: string
  /** To the second, UTC, by the warehouse's clock; as are the others. */
  since: string
  heartbeatAt: string
  expiresAt: string
  /** Since the last sign of life. */
  silentMs: number
  isFresh: boolean
  isExpired: boolean
}

type Asker = Pick<Session, 'warehouse' | 'environment' | 'target' | 'options' | 'invocationId'>

/** Leases of the sync that somebody holds, one per organisation at most. */
export async function heldLeases(asker: Asker, sync: string): Promise<HeldLease[]> {
  const { sync_lease } = ledgerRelations(asker.target.schema)
  const now = asker.environment.call('sql.now_utc', [])
  const sql = `select resource, holder, epoch, run_id, acquired_at, heartbeat_at, expires_at, ${now} from ${sync_lease} where holder is not null`
  const rows = await asker.warehouse.rows(sql, { ...optionsOf(asker, sync), max: 10_000 })
  return rows.flatMap((row) => {
    const [resource, holder, epoch, runId, since, heartbeatAt, expiresAt, at] = row.map((cell) => cell ?? '')
    if (!resource?.endsWith(`/${sync}`)) return []
    const silentMs = msOf(at) - msOf(heartbeatAt)
    return [
      {
        resource,
        orgId: resource.slice(0, -sync.length - 1),
        holder: holder ?? '',
        epoch: Number(epoch),
        runId: runId ?? '',
        since: toSecond(since),
        heartbeatAt: toSecond(heartbeatAt),
        expiresAt: toSecond(expiresAt),
        silentMs,
        isFresh: silentMs < freshMs,
        isExpired: msOf(expiresAt) <= msOf(at),
      },
    ]
  })
}

export interface Unlock {
  sync: string
  lease: HeldLease
  reason: string
  force: boolean
}

/** @throws BackfeedError E-RUN-ALIVE (exit 3) while the holder gives signs of life; E-RUN-BUSY (exit 6) when it is another one by now. */
export async function unlock(session: Session, { sync, lease, reason, force }: Unlock): Promise<void> {
  if (lease.isFresh && !force) throw alive(sync, lease)
  const ledger = ledgerRelations(session.target.schema)
  const same = `resource = ${text(lease.resource)} and epoch = ${lease.epoch}`
  const now = session.environment.call('sql.now_utc', [])
  const stamp = (cell: string) =>
    session.environment.call('sql.cast', [text(cell.replace(' UTC', '')), { kind: 'timestamp' }])
  const cells = {
    resource: text(lease.resource),
    sync_name: text(sync),
    target: text(session.target.name),
    org_id: text(lease.orgId),
    epoch: String(lease.epoch),
    run_id: text(lease.runId),
    held_since: stamp(lease.since),
    heartbeat_at: stamp(lease.heartbeatAt),
    forced: String(lease.isFresh),
    reason: text(reason),
    actor: text(session.actor),
    git_sha: session.gitSha === undefined ? session.environment.call('sql.null_of', ['text']) : text(session.gitSha),
    logged_at: now,
  }
  // What is recorded first is recorded only if the lease is still that one; both happen or neither.
  const record = `select distinct ${Object.values(cells).join(', ')} from ${ledger.sync_lease} where ${same} and holder = ${text(lease.holder)}`
  const steps = [
    session.environment.call('sql.insert_select', [ledger.sync_unlock, Object.keys(cells), record]),
    `update ${ledger.sync_lease} set holder = null, expires_at = null, epoch = epoch + 1 where ${same} and holder = ${text(lease.holder)}`,
  ]
  await session.warehouse.atomic(steps, optionsOf(session, sync))
  const ended = `select count(*) from ${ledger.sync_unlock} where ${same}`
  const rows = await session.warehouse.rows(ended, { ...optionsOf(session, sync), max: 1 })
  if (Number(rows[0]?.[0] ?? 0) === 0) throw changedHands(lease)
}

function alive(sync: string, lease: HeldLease): BackfeedError {
  return new BackfeedError(
    {
      code: 'E-RUN-ALIVE',
      message: `run ${lease.runId} gave a sign of life ${Math.round(lease.silentMs / 1000)} seconds ago; its lease was left as it is`,
      help: `wait for it, stop its process, or take the lease away all the same with \`backfeed unlock ${sync} --force --reason "…" --yes\`: it sends nothing more then`,
    },
    { exitCode: ExitCode.refused },
  )
}

function changedHands({ resource }: HeldLease): BackfeedError {
  return new BackfeedError(
    {
      code: 'E-RUN-BUSY',
      message: `the lease on ${resource} changed hands in the meantime; nothing was ended`,
      help: 'look again who holds it',
    },
    { exitCode: ExitCode.leaseHeld },
  )
}

function optionsOf({ options, invocationId }: Asker, sync: string) {
  return options({ run: invocationId, sync, step: 'unlock' })
}

function msOf(cell: string | undefined): number {
  return Date.parse(`${(cell ?? '').slice(0, 23).replace(' ', 'T').replace(/Z$/, '')}Z`)
}

function toSecond(cell: string | undefined): string {
  return `${(cell ?? '').slice(0, 19).replace('T', ' ')} UTC`
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
