/**
 * Erases values from our own tables: those of one key, or those that are older than a moment and that nothing needs. The leases
 * of the syncs are held meanwhile, and a purge that died half-way is completed by the next one before it does its own work.
 */

import { type LedgerPlace, ledgerRelations } from '../audit/ledger.ts'
import { entryStep, type PurgeEntry, readPurges } from '../audit/purge-log.ts'
import { keyStatements, retentionStatements } from '../audit/purge-statements.ts'
import { sha256, terminalEvents } from '../audit/run-log.ts'
import { BackfeedError, ExitCode } from '../errors.ts'
import type { Ports } from '../ports.ts'
import { derivedSuffix } from '../project/sync-match.ts'
import { acquireLease, type Lease } from './lease.ts'
import { workTables } from './sync-context.ts'

export interface PurgePlace extends LedgerPlace {
  auditKey: string
  actor: string
  ports: Ports
}

export type PurgeRequest = { reason: string } & (
  | { kind: 'key'; sync: string; key: string }
  | { kind: 'retention'; olderThan: string }
)

export interface Purged {
  purgeId: string
  /** Purges of earlier commands that were completed first. */
  resumed: number
}

export async function purgeValues(place: PurgePlace, request: PurgeRequest): Promise<Purged> {
  const { open } = await readPurges(place)
  for (const entry of open) await complete(place, entry)
  const entry: PurgeEntry = {
    purgeId: `purge_${place.ports.random.hex(9)}`,
    phase: 'started',
    kind: request.kind,
    sync: request.kind === 'key' ? request.sync : null,
    rowKey: request.kind === 'key' ? await loggedKey(place, request) : null,
    olderThan: request.kind === 'retention' ? request.olderThan : null,
    reason: request.reason,
    actor: place.actor,
    loggedAt: now(place),
  }
  const leases = await holdLeases(place, entry)
  try {
    await append(place, entry)
    await erase(place, entry)
  } finally {
    for (const lease of leases) await lease.release()
  }
  return { purgeId: entry.purgeId, resumed: open.length }
}

/** A sensitive key is in the log as a hash only, and stays so in the record of its purge. */
async function loggedKey(
  { warehouse, environment, schema, options }: PurgePlace,
  { sync, key }: { sync: string; key: string },
): Promise<string> {
  const { sync_plan_row } = ledgerRelations(schema)
  const sql = `select count(*) from ${sync_plan_row} where row_key = ${environment.call('sql.text_literal', [key])}`
  const [row] = await warehouse.rows(sql, { ...options('purge'), max: 1 })
  return row?.[0] === '0' ? hashedKey(sync, key) : key
}

function hashedKey(sync: string, key: string): string {
  return sha256(`${sync.replace(derivedSuffix, '')}:${key.trim()}`)
}

async function complete(place: PurgePlace, entry: PurgeEntry): Promise<void> {
  const leases = await holdLeases(place, entry)
  try {
    await erase(place, entry)
  } finally {
    for (const lease of leases) await lease.release()
  }
}

async function erase(place: PurgePlace, entry: PurgeEntry): Promise<void> {
  const statements =
    entry.kind === 'retention'
      ? retentionStatements(place, entry.olderThan ?? '')
      : await statementsForKey(place, entry)
  for (const statement of statements) {
    await place.warehouse.exec(statement, place.options('purge'))
    place.ports.crashPoints.at('CP30')
  }
  await append(place, { ...entry, phase: 'finished', loggedAt: now(place) })
}

/** The tables of the last plan hold values too; the next plan makes them anew. */
async function statementsForKey(place: PurgePlace, { sync, rowKey }: PurgeEntry): Promise<string[]> {
  const names = await namesOf(place, sync ?? '')
  const key = rowKey ?? ''
  const states = new Map<string, readonly string[]>()
  const drops: string[] = []
  for (const name of names) {
    const columns = await place.warehouse.columns({ schema: place.schema, name: `state_${name}` })
    if (columns)
      states.set(
        name,
        columns.map((column) => column.name.toLowerCase()),
      )
    drops.push(...(await dropsOf(place, name)))
  }
  const hashed = hashedKey(sync ?? '', key)
  return [...keyStatements(place, { names, rowKeys: [key, hashed], states }), ...drops]
}

async function dropsOf({ warehouse, environment, schema, options }: PurgePlace, name: string): Promise<string[]> {
  const drops: string[] = []
  for (const table of workTables) {
    const sql = environment.call('sql.relation_kind', [schema, `${table}_${name}`])
    const kind = (await warehouse.rows(sql, { ...options('purge'), max: 1 }))[0]?.[0]
    if (kind) drops.push(environment.call('sql.drop_relation', [`${schema}.${table}_${name}`, kind]))
  }
  return drops
}

/** The sync and those made from it, as far as they have run. */
async function namesOf({ warehouse, schema, options }: PurgePlace, sync: string): Promise<string[]> {
  const { sync_run } = ledgerRelations(schema)
  const rows = await warehouse.rows(`select distinct sync_name from ${sync_run}`, { ...options('purge'), max: 10_000 })
  return rows.flatMap(([name]) =>
    name && name.replace(derivedSuffix, '') === sync.replace(derivedSuffix, '') ? [name] : [],
  )
}

/** Nothing is erased under a run: its recovery would need what is erased. */
async function holdLeases(place: PurgePlace, { sync, purgeId }: PurgeEntry): Promise<Lease[]> {
  const { warehouse, schema, options } = place
  const ledger = ledgerRelations(schema)
  const rows = await warehouse.rows(`select distinct org_id, sync_name from ${ledger.sync_run}`, {
    ...options('purge'),
    max: 100_000,
  })
  const base = sync?.replace(derivedSuffix, '')
  const resources = rows
    .map(([org, name]) => ({ org, name: (name ?? '').replace(derivedSuffix, '') }))
    .filter(({ name }) => base === undefined || name === base)
  const held: Lease[] = []
  try {
    for (const resource of new Set(resources.map(({ org, name }) => `${org}/${name}`)))
      held.push(await acquireLease({ ...place, table: ledger.sync_lease, resource, runId: purgeId }))
    await refuseOpenRuns(place, base)
    return held
  } catch (error) {
    for (const lease of held) await lease.release()
    throw error
  }
}

async function refuseOpenRuns(place: PurgePlace, base: string | undefined): Promise<void> {
  const { warehouse, environment, schema, options } = place
  const ledger = ledgerRelations(schema)
  const ended = terminalEvents.map((event) => `'${event}'`).join(', ')
  const names = base === undefined ? [] : await namesOf(place, base)
  const own = names.map((name) => environment.call('sql.text_literal', [name])).join(', ')
  const sql = `select r.run_id, r.sync_name from ${ledger.sync_run} as r
left join ${ledger.sync_run_event} as e on e.run_id = r.run_id and e.event in (${ended})
where e.run_id is null${own === '' ? '' : ` and r.sync_name in (${own})`} limit 1`
  const rows = await warehouse.rows(sql, { ...options('purge'), max: 1 })
  const [run] = rows
  if (!run) return
  throw new BackfeedError(
    {
      code: 'E-AUDIT-OPEN',
      message: `run ${run[0]} of ${run[1]} has not ended; nothing was erased`,
      help: 'wait for it, or run the sync once so that it is closed; then purge again',
    },
    { exitCode: ExitCode.refused },
  )
}

async function append(place: PurgePlace, entry: PurgeEntry): Promise<void> {
  const { lastHash } = await readPurges(place)
  await place.warehouse.atomic([entryStep(place, entry, lastHash).step], place.options('purge'))
}

function now({ ports }: PurgePlace): string {
  return new Date(ports.clock.nowMs()).toISOString()
}
