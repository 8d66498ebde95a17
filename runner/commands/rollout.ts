/** `rollout show|advance|set|pause`: which rows a sync reaches now, and moving that by hand. No CRM is contacted. */
import { BackfeedError, ExitCode } from '../errors.ts'
import { renderTable } from '../output/table.ts'
import type { Project, Sync } from '../project/project.ts'
import type { RolloutPhase } from '../project/sync-rollout.ts'
import { activeTarget } from './active-target.ts'
import { withWarehouse } from './audit-session.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { knownSync } from './known-sync.ts'
import { openProject } from './open-project.ts'
import { readLocked } from './read-locked.ts'

const EVENTS = { 'rollout advance': 'advanced', 'rollout set': 'set', 'rollout pause': 'paused' } as const

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const project = await openProject(context)
  const sync = project.syncs.get(knownSync(project, context.args.required('sync')))
  if (sync === undefined)
    throw new BackfeedError({
      code: 'E-CLI-SELECT',
      message: 'links and associations follow the rollout of their sync',
    })
  const event = EVENTS[context.verb as keyof typeof EVENTS]
  return event === undefined ? show(context, project, sync) : change(context, { project, sync, event })
}

interface Change {
  project: Project
  sync: Sync
  event: (typeof EVENTS)[keyof typeof EVENTS]
}

async function change(context: CommandContext, { project, sync, event }: Change): Promise<ExitCode> {
  const reason = context.args.text('reason')?.trim() ?? ''
  if (reason === '')
    throw new BackfeedError({
      code: 'E-CLI-OPTION',
      message: `${context.verb} needs --reason: it goes into the audit`,
      help: `write for example: ${context.verb} ${sync.name} … --reason "canary looked good"`,
    })
  const { openSession } = await import('../sync/open-session.ts')
  const { changeRollout } = await import('../sync/rollout/change-rollout.ts')
  const session = await openSession({
    verb: 'plan',
    project,
    target: activeTarget(project),
    env: context.env,
    ports: context.ports,
    signal: context.signal,
    onEvent: () => {},
    locked: readLocked(context.args),
  })
  try {
    const phase = context.args.text('phase')
    const done = await changeRollout(session, sync, { event, reason, ...(phase !== undefined && { phase }) })
    return finish(context, { exit: ExitCode.ok, facts: done, text: () => sentence(done) })
  } finally {
    await session.close()
  }
}

function sentence({
  sync,
  before,
  phase,
  event,
}: {
  sync: string
  before: string
  phase: string
  event: string
}): string {
  if (event === 'paused') return `${sync} stays in phase ${phase} until somebody advances or sets it`
  return `${sync} is in phase ${phase} from the next run on${before === '' ? '' : ` (it was in ${before})`}`
}

const COLUMNS = ['phase', 'holds', 'status', 'since', 'event', 'reason', 'actor']

async function show(context: CommandContext, project: Project, sync: Sync): Promise<ExitCode> {
  const { rolloutOf } = await import('../sync/rollout/change-rollout.ts')
  const { phases } = rolloutOf(sync)
  const events = await eventsOf(context, project, sync)
  const active = events.at(-1)?.phase ?? phases[0]?.name
  const at = phases.findIndex(({ name }) => name === active)
  const rows = phases.map((phase, index) => {
    const last = events.findLast((event) => event.phase === phase.name)
    const status =
      index === at ? (events.at(-1)?.event === 'paused' ? 'paused' : 'active') : index < at ? 'reached' : 'later'
    return [
      phase.name,
      holds(phase),
      status,
      last?.at ?? null,
      last?.event ?? null,
      last?.reason ?? null,
      last?.actor ?? null,
    ]
  })
  return finish(context, {
    exit: ExitCode.ok,
    facts: { sync: sync.name, phase: active ?? null, columns: COLUMNS, rows },
    text: () =>
      renderTable(
        COLUMNS.map((title) => ({ title })),
        rows,
        { style: context.console.style },
      ),
  })
}

/** What a phase adds to the ones before it. */
function holds({ where, samplePercent, keys }: RolloutPhase): string {
  const condition = [where, samplePercent === undefined ? undefined : `${samplePercent}% of the keys`]
    .filter(Boolean)
    .join(' and ')
  const listed = keys === undefined ? '' : `${keys.length} keys`
  return [condition, listed].filter((part) => part !== '').join(', or ') || 'every row'
}

interface PhaseEvent {
  phase: string
  event: string
  reason: string | null
  actor: string | null
  at: string | null
}

/** Of the organisation that was reached last; none while nothing has been planned. */
async function eventsOf(context: CommandContext, project: Project, sync: Sync): Promise<PhaseEvent[]> {
  const target = activeTarget(project)
  return withWarehouse(context, project, async (warehouse, options) => {
    const known = await warehouse.columns({ schema: target.schema, name: 'sync_rollout' })
    if (known === undefined) return []
    const sql = `select phase, event, reason, actor, logged_at from ${target.schema}.sync_rollout
where sync_name = '${sync.name}' and target = '${target.name}'
  and org_id = (select org_id from ${target.schema}.sync_run where sync_name = '${sync.name}' and target = '${target.name}' order by started_at desc limit 1)
order by epoch, seq`
    const rows = await warehouse.rows(sql, { ...options('rollout'), max: 10_000 })
    return rows.map(([phase, event, reason, actor, at]) => ({
      phase: phase ?? '',
      event: event ?? '',
      reason: reason ?? null,
      actor: actor ?? null,
      at: at?.slice(0, 19).replace('T', ' ') ?? null,
    }))
  })
}
