/**
 * A paused sync sends nothing until somebody resumes it. Append-only: the latest word about a sync on a target holds. It is read
 * under the lease, so that a run that waited for a revert to end meets the pause the revert left behind.
 * Recovery goes before it: that only reads, and what a run left behind should not wait for a person.
 */
import { ledgerRelations } from '../audit/ledger.ts'
import type { TemplateEnvironment } from '../compile/compile.ts'
import { BackfeedError, ExitCode } from '../errors.ts'
import type { Sync } from '../project/project.ts'
import type { PurposeName } from './purpose.ts'
import type { Session } from './session.ts'
import type { SyncRun } from './sync-run.ts'

export interface PauseEvent {
  event: 'paused' | 'resumed'
  sync: string
  reason?: string
  /** The run that pauses; a person has none. */
  runId?: string
  /** Unset: that of the last run of the sync. */
  orgId?: string
}

type Recorder = Pick<Session, 'target' | 'environment' | 'actor' | 'gitSha'>

const columns = [
  'pause_no',
  'sync_name',
  'target',
  'org_id',
  'event',
  'reason',
  'run_id',
  'actor',
  'git_sha',
  'logged_at',
]

/** One statement, so that it can be part of another write. */
export function pauseStatement(recorder: Recorder, pause: PauseEvent): string {
  const { environment, target } = recorder
  const ledger = ledgerRelations(target.schema)
  const cells = [
    'coalesce(max(pause_no), 0) + 1',
    text(pause.sync),
    text(target.name),
    pause.orgId === undefined ? lastOrg(recorder, pause.sync) : text(pause.orgId),
    text(pause.event),
    textOrNull(environment, pause.reason),
    textOrNull(environment, pause.runId),
    text(recorder.actor),
    textOrNull(environment, recorder.gitSha),
    environment.call('sql.now_utc', []),
  ]
  return environment.call('sql.insert_select', [
    ledger.sync_pause,
    columns,
    `select ${cells.join(', ')} from ${ledger.sync_pause}`,
  ])
}

function lastOrg({ target }: Recorder, sync: string): string {
  const { sync_run } = ledgerRelations(target.schema)
  const runs = `${sync_run} where sync_name = ${text(sync)} and target = ${text(target.name)}`
  return `(select min(org_id) from ${runs} and started_at = (select max(started_at) from ${runs}))`
}

export interface Pause {
  reason: string
  actor: string
  /** To the second, UTC. */
  since: string
  runId?: string
}

type Asker = Pick<Session, 'warehouse' | 'target' | 'options' | 'invocationId'>

/** Undefined when the sync may run. @param orgId unset: whatever the organisation. */
export async function pauseOf(asker: Asker, sync: string, orgId?: string): Promise<Pause | undefined> {
  const { sync_pause } = ledgerRelations(asker.target.schema)
  const of = orgId === undefined ? '' : ` and (org_id is null or org_id = ${text(orgId)})`
  const sql = `select event, reason, actor, logged_at, run_id from ${sync_pause}
where sync_name = ${text(sync)} and target = ${text(asker.target.name)}${of} order by pause_no desc, event limit 1`
  const options = asker.options({ run: asker.invocationId, sync, step: 'pause' })
  const [row] = await asker.warehouse.rows(sql, { ...options, max: 1 })
  const [event, reason, actor, loggedAt, runId] = row ?? []
  if (event !== 'paused') return undefined
  return {
    reason: reason ?? '(no reason given)',
    actor: actor ?? '(unknown)',
    since: `${(loggedAt ?? '').slice(0, 19).replace('T', ' ')} UTC`,
    ...(runId ? { runId } : {}),
  }
}

/** The sync that a link or an association belongs to: they stop with it. */
export function pausedName({ link, association, name }: Sync): string {
  return link?.of ?? association?.of ?? name
}

/** Runs that a pause does not stop: one undoes, the others send nothing. */
const unstopped: readonly PurposeName[] = ['revert', 'adopt', 'rekey']

/** @throws BackfeedError E-RUN-PAUSED (exit 3). Plans, reports and reverts go on. */
export async function refusePaused(session: Session, run: Pick<SyncRun, 'sync' | 'org'>): Promise<void> {
  const { purpose } = session
  if (session.verb !== 'run' || unstopped.includes(purpose.name)) return
  const name = pausedName(run.sync)
  const pause = await pauseOf(session, name, run.org.orgId)
  if (pause === undefined) return
  throw new BackfeedError(
    {
      code: 'E-RUN-PAUSED',
      message: `${name} is paused since ${pause.since} by ${pause.actor}: ${pause.reason}; nothing was sent`,
      at: run.sync.at,
      help: `see what it would send with \`backfeed plan -s ${name}\`, then let it run again with \`backfeed resume ${name}\``,
    },
    { exitCode: ExitCode.refused },
  )
}

function textOrNull(environment: TemplateEnvironment, value: string | undefined): string {
  return value === undefined ? environment.call('sql.null_of', ['text']) : text(value)
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
