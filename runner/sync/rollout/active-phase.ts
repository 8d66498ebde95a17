/** Which phase of a rollout is active: the last event of sync_rollout says so, and before the first one it is the first phase. */
import { BackfeedError } from '../../errors.ts'
import { suggestName } from '../../nearest-name.ts'
import type { Sync } from '../../project/project.ts'
import type { Rollout, RolloutPhase } from '../../project/sync-rollout.ts'
import type { StatementOptions, Warehouse } from '../../warehouse/warehouse.ts'

export type RolloutEvent = 'advanced' | 'set' | 'paused'

export interface ActivePhase {
  name: string
  /** From 1. */
  place: number
  of: number
  /** The one after it. */
  next?: string
  /** It is left by hand only. */
  paused: boolean
  /** Lease epoch of the event that made it active; runs of later ones count for it. */
  sinceEpoch: number
}

export interface RolloutPlace {
  warehouse: Pick<Warehouse, 'rows'>
  /** `schema.sync_rollout` */
  table: string
  target: string
  orgId: string
  options: (step: string) => StatementOptions
}

/** A link and an association reach the rows of their sync, so they are in its phase. */
export function rolloutName(sync: Pick<Sync, 'name' | 'link' | 'association'>): string {
  return sync.link?.of ?? sync.association?.of ?? sync.name
}

/** Undefined without a rollout. @throws BackfeedError E-ROLLOUT-PHASE when the file has no such phase any more. */
export async function activePhase(place: RolloutPlace, sync: Sync): Promise<ActivePhase | undefined> {
  if (sync.rollout === undefined) return undefined
  const last = await lastEvent(place, rolloutName(sync))
  const name = last?.phase ?? sync.rollout.phases[0]?.name ?? ''
  const phase = sync.rollout.phases.find((one) => one.name === name)
  if (phase === undefined) throw unknownPhase(sync, sync.rollout, name)
  return describePhase(sync.rollout, phase, last)
}

interface LastEvent {
  phase: string
  event: string
  epoch: number
}

async function lastEvent(place: RolloutPlace, sync: string): Promise<LastEvent | undefined> {
  const { warehouse, table, target, orgId, options } = place
  const sql = `select phase, event, epoch from ${table}
where sync_name = '${sync}' and target = '${target}' and org_id = '${orgId}' order by epoch desc, seq desc limit 1`
  const [row] = await warehouse.rows(sql, { ...options('rollout'), max: 1 })
  return row && { phase: row[0] ?? '', event: row[1] ?? '', epoch: Number(row[2] ?? 0) }
}

export function describePhase({ phases }: Rollout, phase: RolloutPhase, last?: LastEvent): ActivePhase {
  const index = phases.indexOf(phase)
  const next = phases[index + 1]?.name
  return {
    name: phase.name,
    place: index + 1,
    of: phases.length,
    ...(next !== undefined && { next }),
    paused: last?.event === 'paused',
    sinceEpoch: last?.epoch ?? 0,
  }
}

export function unknownPhase(sync: Sync, { phases, at }: Rollout, name: string): BackfeedError {
  const hint = suggestName(
    name,
    phases.map((phase) => phase.name),
  )
  return new BackfeedError({
    code: 'E-ROLLOUT-PHASE',
    message: `sync ${rolloutName(sync)} is in phase "${name}" of its rollout, which is not in the file any more`,
    at,
    ...(hint !== undefined && { hint }),
    help: `say where it stands: backfeed rollout set ${rolloutName(sync)} PHASE --reason "…" (${phases.map((phase) => phase.name).join(', ')})`,
  })
}
