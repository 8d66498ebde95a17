/** The warehouse as one process sees it: every statement an event of its own, in the store that all of them share. */
import { cancelled } from '../../runner/warehouse/race-deadline.ts'
import type {
  AtomicStep,
  PageRange,
  StatementOptions,
  TableRef,
  TextRow,
  Warehouse,
  WarehouseCapabilities,
} from '../../runner/warehouse/warehouse.ts'
import { WarehouseError } from '../../runner/warehouse/warehouse-error.ts'
import type { Prng } from './scheduler.ts'
import type { SimProcess } from './sim-process.ts'
import type { SqliteStore } from './sqlite-store.ts'

const capabilities: WarehouseCapabilities = {
  transactions: 'yes',
  ddlInTransaction: 'yes',
  mergeRejectsDuplicates: 'no',
  exclusiveFile: 'no',
  cancelOnServer: 'yes',
  statementId: 'no',
}

export interface SimWarehouseRequest {
  store: SqliteStore
  process: SimProcess
  prng: Prng
  /** Told the tag of every statement, so that whoever watches knows which run it is. */
  onStatement: (tag: StatementOptions['tag']) => void
}

export function simWarehouse({ store, process, prng, onStatement }: SimWarehouseRequest): Warehouse {
  const call = <T>(what: string, o: Pick<StatementOptions, 'signal' | 'tag'>, effect: () => T): Promise<T> => {
    if (o.signal.aborted) return Promise.reject(cancelled(o.signal.reason))
    onStatement(o.tag)
    return process.call({ port: 'warehouse', what: `${o.tag.step}: ${what}`, latencyMs: prng.between(2, 15), effect })
  }
  return {
    name: 'duckdb',
    capabilities,
    exec: (sql, o) => call('exec', o, () => ({ affected: store.exec(sql) })),
    rows: (sql, o) => call('rows', o, () => atMost(o.max, store.select(sql))),
    page: (table, columns, range, o) => call('page', o, () => page(store, { table, columns, range })),
    append: (table, columns, rows, o) =>
      call(`append ${table.name}`, o, () => store.atomic([{ table, columns, rows }])),
    atomic: (steps, o) => call(stepsText(steps), o, () => store.atomic(steps)),
    columns: (table) => call(`columns ${table.name}`, inspection(), () => store.columns(table)),
    estimate: () => Promise.resolve({}),
    release: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

function inspection(): Pick<StatementOptions, 'signal' | 'tag'> {
  return { signal: new AbortController().signal, tag: { run: '', sync: '', step: 'inspect' } }
}

function stepsText(steps: readonly AtomicStep[]): string {
  return steps.map((step) => (typeof step === 'string' ? step.slice(0, 6) : step.table.name)).join('+')
}

function atMost(max: number, rows: TextRow[]): TextRow[] {
  if (rows.length <= max) return rows
  throw new WarehouseError('data', { code: 'E-WH-TOO-MANY-ROWS', message: `more than ${max} rows` })
}

interface Page {
  table: TableRef
  columns: readonly string[]
  range: PageRange
}

function page(store: SqliteStore, { table, columns, range }: Page): TextRow[] {
  const list = columns.map((name) => `"${name}"`).join(', ')
  const rows = store.select(
    `select seq, ${list} from ${table.schema}.${table.name} where seq >= ${range.from} and seq <= ${range.to} order by seq`,
  )
  const expected = Math.max(0, range.to - range.from + 1)
  if (rows.length === expected && rows.every((row, index) => row[0] === String(range.from + index)))
    return rows.map((row) => row.slice(1))
  throw new WarehouseError('missing', {
    code: 'E-WH-SHORT-PAGE',
    message: `${rows.length} rows instead of ${expected}`,
  })
}
