/** `unlock SYNC`: shows who holds the sync; with `--yes` and a reason ends the lease of a run whose process is gone. */
import { ExitCode } from '../errors.ts'
import type { HeldLease } from '../sync/unlock.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { requiredReason, withSyncSession } from './undo-session.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { heldLeases, unlock } = await import('../sync/unlock.ts')
  const ends = context.args.flag('yes')
  const reason = ends ? requiredReason(context) : ''
  const { sync, leases } = await withSyncSession(context, async ({ session, sync }) => {
    const leases = await heldLeases(session, sync)
    const force = context.args.flag('force')
    if (ends) for (const lease of leases) await unlock(session, { sync, lease, reason, force })
    return { sync, leases }
  })
  return finish(context, {
    exit: ExitCode.ok,
    facts: { sync, unlocked: ends ? leases.length : 0, leases: leases.map(facts) },
    text: () => {
      if (leases.length === 0) return `Nobody holds ${sync}`
      const lines = leases.map(inWords)
      if (ends) return [...lines, 'Ended: the next run recovers what this one left behind'].join('\n')
      return [...lines, advice(sync, leases)].join('\n')
    },
  })
}

function facts({ orgId, runId, epoch, since, heartbeatAt, expiresAt, isFresh }: HeldLease): object {
  return {
    org_id: orgId,
    run_id: runId,
    epoch,
    since,
    heartbeat_at: heartbeatAt,
    expires_at: expiresAt,
    alive: isFresh,
  }
}

function inWords({ resource, runId, since, heartbeatAt, silentMs, expiresAt, isExpired }: HeldLease): string {
  const silent = `${Math.round(silentMs / 1000)} seconds ago`
  const end = isExpired ? `ended by itself at ${expiresAt}` : `ends by itself at ${expiresAt}`
  return `${resource}: held by ${runId} since ${since}, last sign of life ${heartbeatAt} (${silent}), ${end}`
}

function advice(sync: string, leases: readonly HeldLease[]): string {
  if (leases.every((lease) => lease.isExpired)) return 'Nothing to do: the next run takes it over'
  if (leases.some((lease) => lease.isFresh)) return 'Its process is alive; wait for it, or stop it'
  return `If its process is gone: backfeed unlock ${sync} --reason "…" --yes`
}
