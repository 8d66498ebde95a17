/** A person moves a rollout: one row in sync_rollout, written under the sync's lease, so that no run is on its way meanwhile. */
import { BackfeedError } from '../../errors.ts'
import { suggestName } from '../../nearest-name.ts'
import type { Sync } from '../../project/project.ts'
import type { Rollout } from '../../project/sync-rollout.ts'
import { acquireLease, type Lease } from '../lease.ts'
import type { Session } from '../session.ts'
import { nowText } from '../warehouse-clock.ts'
import { type ActivePhase, activePhase, type RolloutEvent, type RolloutPlace, unknownPhase } from './active-phase.ts'
import { rolloutColumns } from './advance-rollout.ts'
import { lastOrg } from './last-org.ts'

export interface RolloutChange {
  event: RolloutEvent
  /** Only for `set`. */
  phase?: string
  reason: string
}

export interface ChangedRollout {
  sync: string
  event: RolloutEvent
  before: string
  phase: string
}

/** @throws BackfeedError E-ROLLOUT-NONE, E-ROLLOUT-PHASE, E-ROLLOUT-ORG or E-RUN-BUSY; then nothing has changed. */
export async function changeRollout(session: Session, sync: Sync, change: RolloutChange): Promise<ChangedRollout> {
  const rollout = rolloutOf(sync)
  const options = (step: string) => session.options({ run: session.invocationId, sync: sync.name, step })
  const orgId = await lastOrg({ ...session, schema: session.target.schema, options }, sync)
  const lease = await acquireLease({
    ...session,
    table: `${session.target.schema}.sync_lease`,
    resource: `${orgId}/${sync.name}`,
    waitMs: session.locked.waitMs,
    runId: session.invocationId,
    options,
  })
  try {
    const place = {
      ...session,
      table: `${session.target.schema}.sync_rollout`,
      target: session.target.name,
      orgId,
      options,
    }
    const before = await standing(place, sync, change)
    const phase = phaseAfter(sync, rollout, { change, before })
    await session.warehouse.append(
      { schema: session.target.schema, name: 'sync_rollout' },
      rolloutColumns,
      [rolloutRow(session, { sync, orgId, phase, change, lease })],
      options('rollout'),
    )
    return { sync: sync.name, event: change.event, before: before?.name ?? '', phase }
  } finally {
    await lease.release()
  }
}

export function rolloutOf(sync: Sync): Rollout {
  if (sync.rollout !== undefined) return sync.rollout
  throw new BackfeedError({
    code: 'E-ROLLOUT-NONE',
    message: `sync ${sync.name} has no rollout: every row is in`,
    at: sync.at,
    help: 'write rollout: {phases: […]} into the sync; see docs/rollout.md',
  })
}

/** A phase that has left the file is no hindrance to saying where the rollout stands now. */
async function standing(place: RolloutPlace, sync: Sync, { event }: RolloutChange): Promise<ActivePhase | undefined> {
  try {
    return await activePhase(place, sync)
  } catch (error) {
    if (event === 'set' && error instanceof BackfeedError && error.code === 'E-ROLLOUT-PHASE') return undefined
    throw error
  }
}

function phaseAfter(
  sync: Sync,
  { phases }: Rollout,
  { change, before }: { change: RolloutChange; before: ActivePhase | undefined },
): string {
  const names = phases.map(({ name }) => name)
  if (change.event === 'set') {
    if (names.includes(change.phase ?? '')) return change.phase ?? ''
    const hint = suggestName(change.phase ?? '', names)
    throw new BackfeedError({
      code: 'E-ROLLOUT-PHASE',
      message: `the rollout of ${sync.name} has no phase "${change.phase}"`,
      ...(hint !== undefined && { hint }),
      help: `phases: ${names.join(', ')}`,
    })
  }
  if (before === undefined) throw unknownPhase(sync, { phases, salt: '', at: sync.at }, '')
  if (change.event === 'paused') return before.name
  if (before.next !== undefined) return before.next
  const message = `phase ${before.name} is the last one of ${sync.name}`
  throw new BackfeedError({ code: 'E-ROLLOUT-PHASE', message, help: 'nothing is left to advance to' })
}

interface Row {
  sync: Sync
  orgId: string
  phase: string
  change: RolloutChange
  lease: Lease
}

function rolloutRow(session: Session, { sync, orgId, phase, change, lease }: Row): (string | null)[] {
  const at = nowText({ lease })
  return [
    sync.name, session.target.name, orgId, phase, change.event, change.reason, session.actor, session.gitSha ?? null, null,
    String(lease.epoch), '1', at,
  ] // biome-ignore format: in the order of rolloutColumns
}
