/** Who erased what, when and why: append-only, with a hash chain of its own. */
import { createHash, createHmac } from 'node:crypto'
import type { AtomicStep, StatementOptions, TextRow, Warehouse } from '../warehouse/warehouse.ts'
import { keyMark } from './chain.ts'

export interface PurgeEntry {
  purgeId: string
  phase: 'started' | 'finished'
  kind: 'key' | 'retention'
  sync: string | null
  rowKey: string | null
  /** ISO, UTC. */
  olderThan: string | null
  reason: string
  actor: string
  loggedAt: string
}

export interface PurgeLog {
  entries: readonly PurgeEntry[]
  /** Purges that began and did not come to their end. */
  open: readonly PurgeEntry[]
  lastHash: string
  /** Ids of entries whose hash does not fit. */
  broken: readonly string[]
}

const columns = [
  'purge_id',
  'phase',
  'kind',
  'sync_name',
  'row_key',
  'older_than',
  'reason',
  'actor',
  'logged_at',
  'prev_hash',
  'hash',
  'chain_key',
]

export interface PurgeLogPlace {
  warehouse: Warehouse
  schema: string
  options: (step: string) => StatementOptions
  auditKey: string
}

export function entryStep(
  { schema, auditKey }: PurgeLogPlace,
  entry: PurgeEntry,
  prevHash: string,
): { step: AtomicStep; hash: string } {
  const cells = cellsOf(entry)
  const hash = hashOf(cells, prevHash, auditKey)
  return {
    step: { table: { schema, name: 'sync_purge' }, columns, rows: [[...cells, prevHash, hash, keyMark(auditKey)]] },
    hash,
  }
}

export async function readPurges({ warehouse, schema, options, auditKey }: PurgeLogPlace): Promise<PurgeLog> {
  const sql = `select ${columns.join(', ')} from ${schema}.sync_purge order by logged_at, case phase when 'started' then 0 else 1 end`
  const rows = await warehouse.rows(sql, { ...options('purge'), max: 1_000_000 })
  const broken: string[] = []
  let lastHash = ''
  for (const row of rows) {
    const [prevHash, hash, mark] = row.slice(9)
    const key = (mark ?? null) === null ? '' : auditKey
    if ((prevHash ?? '') !== lastHash || hashOf(cellsOf(entryOf(row)), lastHash, key) !== hash)
      broken.push(row[0] ?? '')
    lastHash = hash ?? ''
  }
  const entries = rows.map(entryOf)
  const ended = new Set(entries.filter(({ phase }) => phase === 'finished').map(({ purgeId }) => purgeId))
  return {
    entries,
    open: entries.filter(({ purgeId, phase }) => phase === 'started' && !ended.has(purgeId)),
    lastHash,
    broken,
  }
}

function cellsOf(entry: PurgeEntry): TextRow {
  const { purgeId, phase, kind, sync, rowKey, olderThan, reason, actor, loggedAt } = entry
  return [purgeId, phase, kind, sync, rowKey, olderThan, reason, actor, loggedAt]
}

function entryOf(row: TextRow): PurgeEntry {
  const iso = (cell: string | null | undefined) => (cell ? `${cell.slice(0, 23)}Z` : null)
  return {
    purgeId: row[0] ?? '',
    phase: row[1] === 'finished' ? 'finished' : 'started',
    kind: row[2] === 'retention' ? 'retention' : 'key',
    sync: row[3] ?? null,
    rowKey: row[4] ?? null,
    olderThan: iso(row[5]),
    reason: row[6] ?? '',
    actor: row[7] ?? '',
    loggedAt: iso(row[8]) ?? '',
  }
}

function hashOf(cells: TextRow, prevHash: string, auditKey: string): string {
  const hash = auditKey === '' ? createHash('sha256') : createHmac('sha256', auditKey)
  return hash.update([prevHash, ...cells.map((cell) => cell ?? '')].join('\n')).digest('hex')
}
