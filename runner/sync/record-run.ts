/** Writes who runs what with which configuration, before anything else of the run. */
import { saltMark } from '../audit/chain.ts'
import { sha256 } from '../audit/run-log.ts'
import type { Sync } from '../project/project.ts'
import { fieldsOnRemoval } from '../project/sync-removal.ts'
import { toolVersion } from '../tool-version.ts'
import type { AtomicStep } from '../warehouse/warehouse.ts'
import { schemaHash } from './describe-crm.ts'
import { keyDefinition } from './refuse-other-key.ts'
import type { Session } from './session.ts'
import type { SyncRun } from './sync-run.ts'
import { nowText } from './warehouse-clock.ts'

export async function recordRun(run: SyncRun, session: Session): Promise<void> {
  const configHash = configHashOf(run.sync)
  const steps: AtomicStep[] = [
    runStep(run, session, configHash),
    ...(await configSteps(run, session, configHash)),
    ...(await mappingSteps(run)),
  ]
  const salt = saltMark(run.context.run.audit_salt)
  const { name: purpose } = run.purpose
  const detail = { sync: run.sync.name, kind: run.verb, purpose, target: run.target.name, salt }
  const started = run.log.event('started', detail, steps)
  await run.warehouse.atomic([...steps, started], run.options('start'))
}

/** Of the sync as it is written. */
export function configHashOf({ rendered }: Pick<Sync, 'rendered'>): string {
  return sha256(JSON.stringify(rendered)).slice(0, 16)
}

function runStep(run: SyncRun, session: Session, configHash: string): AtomicStep {
  const expected = run.project.connections.get(run.sync.connection)?.targets.get(run.target.name)?.expect
  const cells: Record<string, string | null> = {
    run_id: run.context.run.id,
    invocation_id: run.invocationId,
    sync_name: run.sync.name,
    kind: run.verb,
    purpose: run.purpose.name,
    target: run.target.name,
    connection: run.sync.connection,
    destination: run.context.sync.destination,
    object: run.sync.object,
    org_id: run.org.orgId,
    org_env: run.org.environment,
    pinned_org_id: expected?.orgId ?? null,
    epoch: String(run.lease.epoch),
    plan_id: run.context.run.plan_id,
    run_key: session.runKey ?? null,
    tool_version: toolVersion(),
    config_hash: configHash,
    mapping_hash: run.context.sync.mapping_hash,
    crm_schema_hash: schemaHash(run.sync, run),
    actor: run.actor,
    git_sha: session.gitSha ?? null,
    started_at: nowText(run),
    primary_key: keyDefinition(run.context.sync.key),
    pinned_env: expected?.isSandbox === undefined ? null : expected.isSandbox ? 'sandbox' : 'production',
    rollout_phase: run.rollout?.name ?? null,
    model_hash: session.modelHashOf(run.sync) ?? null,
  }
  return run.log.rows('sync_run', Object.keys(cells), [Object.values(cells)])
}

async function configSteps(run: SyncRun, session: Session, configHash: string): Promise<AtomicStep[]> {
  if (await isKnown(run, 'sync_config', `config_hash = '${configHash}'`)) return []
  const columns = ['config_hash', 'sync_name', 'config', 'first_run_id', 'actor', 'git_sha', 'logged_at']
  const row = [
    configHash,
    run.sync.name,
    JSON.stringify(run.sync.rendered),
    run.context.run.id,
    run.actor,
    session.gitSha ?? null,
    nowText(run),
  ]
  return [run.log.rows('sync_config', columns, [row])]
}

async function mappingSteps(run: SyncRun): Promise<AtomicStep[]> {
  const hash = run.context.sync.mapping_hash
  if (await isKnown(run, 'sync_mapping', `mapping_hash = '${hash}'`)) return []
  const columns = [
    'sync_name',
    'mapping_hash',
    'field',
    'source_column',
    'owner',
    'null_policy',
    'write_rule',
    'logged_at',
  ]
  const at = nowText(run)
  const mapped = run.sync.fields.map((field) => [
    run.sync.name,
    hash,
    field.to,
    field.from ?? null,
    'warehouse',
    field.onNull,
    field.write,
    at,
  ])
  const owned = run.sync.ownership.crm.map((field) => [run.sync.name, hash, field, null, 'crm', null, null, at])
  const removed = fieldsOnRemoval(run.sync).map(({ to }) => [
    run.sync.name,
    hash,
    to,
    null,
    'warehouse',
    'ignore',
    'on_removed',
    at,
  ])
  return [run.log.rows('sync_mapping', columns, [...mapped, ...removed, ...owned])]
}

async function isKnown(run: SyncRun, table: 'sync_config' | 'sync_mapping', condition: string): Promise<boolean> {
  const sql = `select count(*) from ${run.context.run.ledger[table]} where sync_name = '${run.sync.name}' and ${condition}`
  const rows = await run.warehouse.rows(sql, { ...run.options('start'), max: 1 })
  return Number(rows[0]?.[0] ?? 0) > 0
}
