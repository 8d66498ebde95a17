import { invariant } from '../errors.ts'
import { raceDeadline } from './race-deadline.ts'
import type {
  AtomicStep,
  Column,
  OpenContext,
  PageRange,
  StatementOptions,
  StatementTiming,
  TableRef,
  TextRow,
  Warehouse,
  WarehouseCapabilities,
  WarehouseName,
} from './warehouse.ts'
import { WarehouseError } from './warehouse-error.ts'

/** One call as a driver sees it. When `signal` aborts, the driver stops the statement on the server and then settles. */
export interface Call {
  tag: StatementOptions['tag']
  signal: AbortSignal
}

/** What one warehouse's own file implements; everything common to all of them is below. Statements arrive tagged. */
export interface WarehouseSession {
  exec(sql: string, call: Call): Promise<{ affected?: number }>
  /** All rows as text cells. Throws tooManyRows() beyond `max`. */
  select(sql: string, call: Call & { max: number }): Promise<(string | null)[][]>
  atomic(steps: readonly AtomicStep[], call: Call): Promise<void>
  columns(table: TableRef, call: Call): Promise<readonly Column[] | undefined>
  estimate(sql: string, call: Call): Promise<{ rows?: number; bytes?: number }>
  release(): Promise<void>
  close(): Promise<void>
}

export interface WarehouseDriver {
  name: WarehouseName
  capabilities: WarehouseCapabilities
  connect(): Promise<WarehouseSession>
  /** Maps what the driver threw. A cancelled statement has the code E-WH-CANCELLED. */
  classify(error: unknown, operation: StatementTiming['operation']): WarehouseError
}

type Operation = StatementTiming['operation']
type Work<T> = (session: WarehouseSession, call: Call) => Promise<T>

const inspection = { id: 'inspect', tag: { run: '', sync: '', step: 'inspect' }, timeoutMs: 60_000 }

/** Opens and connects. A connect that failed is forgotten, so the next call tries again; one that worked is kept. */
export async function openManagedWarehouse(driver: WarehouseDriver, context: OpenContext): Promise<Warehouse> {
  const warehouse = new ManagedWarehouse(driver, context.onStatement ?? (() => {}))
  await warehouse.connect()
  return warehouse
}

class ManagedWarehouse implements Warehouse {
  readonly name: WarehouseName
  readonly capabilities: WarehouseCapabilities
  readonly #driver: WarehouseDriver
  readonly #onStatement: (timing: StatementTiming) => void
  #session: Promise<WarehouseSession> | undefined
  #closed = false

  constructor(driver: WarehouseDriver, onStatement: (timing: StatementTiming) => void) {
    this.name = driver.name
    this.capabilities = driver.capabilities
    this.#driver = driver
    this.#onStatement = onStatement
  }

  connect(): Promise<WarehouseSession> {
    invariant(!this.#closed, 'the warehouse is closed')
    this.#session ??= this.#driver.connect().catch((error: unknown) => {
      this.#session = undefined
      throw error
    })
    return this.#session
  }

  exec(sql: string, o: StatementOptions): Promise<{ affected?: number }> {
    return this.#run('exec', o, (session, call) => session.exec(tagged(sql, o), call))
  }

  rows(sql: string, o: StatementOptions & { max: number }): Promise<TextRow[]> {
    return this.#run('rows', o, (session, call) => session.select(tagged(sql, o), { ...call, max: o.max }))
  }

  async page(table: TableRef, columns: readonly string[], range: PageRange, o: StatementOptions): Promise<TextRow[]> {
    const expected = range.to - range.from + 1
    if (expected <= 0) return []
    const sql = tagged(pageStatement(table, columns, range), o)
    // One row more than asked for is enough to see that seq is not unique.
    const rows = await this.#run('page', o, (session, call) => session.select(sql, { ...call, max: expected + 1 }))
    return checkedPage(rows, range, table)
  }

  async append(
    table: TableRef,
    columns: readonly string[],
    rows: readonly TextRow[],
    o: StatementOptions,
  ): Promise<void> {
    if (rows.length === 0) return
    await this.#run('append', o, (session, call) => session.atomic([{ table, columns, rows }], call))
  }

  async atomic(steps: readonly AtomicStep[], o: StatementOptions): Promise<void> {
    const work = steps
      .filter((step) => typeof step === 'string' || step.rows.length > 0)
      .map((step) => (typeof step === 'string' ? tagged(step, o) : step))
    if (work.length === 0) return
    await this.#run('atomic', o, (session, call) => session.atomic(work, call))
  }

  columns(table: TableRef): Promise<readonly Column[] | undefined> {
    return this.#run('columns', inspectionOptions(), (session, call) => session.columns(table, call))
  }

  estimate(sql: string): Promise<{ rows?: number; bytes?: number }> {
    return this.#run('estimate', inspectionOptions(), (session, call) => session.estimate(sql, call))
  }

  async release(): Promise<void> {
    await (await this.#session)?.release()
  }

  async close(): Promise<void> {
    this.#closed = true
    const session = this.#session
    this.#session = undefined
    await (await session?.catch(() => undefined))?.close()
  }

  async #run<T>(operation: Operation, o: StatementOptions, work: Work<T>): Promise<T> {
    const startedMs = performance.now()
    let ok = false
    try {
      const session = await this.connect()
      const result = await raceDeadline(o, (signal) =>
        work(session, { tag: o.tag, signal }).catch((error: unknown) => {
          throw this.#driver.classify(error, operation)
        }),
      )
      ok = true
      return result
    } finally {
      this.#onStatement({ operation, id: o.id, tag: o.tag, elapsedMs: performance.now() - startedMs, ok })
    }
  }
}

function inspectionOptions(): StatementOptions {
  return { ...inspection, signal: new AbortController().signal }
}

/** Says in the warehouse's own query history who sent a statement. On the first line, so line numbers stay true. */
export function tagged(sql: string, o: Pick<StatementOptions, 'id' | 'tag'>): string {
  const words = { run: o.tag.run, sync: o.tag.sync, step: o.tag.step, id: o.id }
  const said = Object.entries(words).map(([key, value]) => `${key}=${value.replace(/[^A-Za-z0-9_.:-]/g, '_')}`)
  return `/* backfeed ${said.join(' ')} */ ${sql}`
}

/** Double-quoted identifier: DuckDB, Postgres and Redshift. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

export function quotedTable(table: TableRef): string {
  return `${quoted(table.schema)}.${quoted(table.name)}`
}

function pageStatement(table: TableRef, columns: readonly string[], range: PageRange): string {
  invariant(
    Number.isSafeInteger(range.from) && Number.isSafeInteger(range.to),
    'a page starts and ends at whole numbers',
  )
  const list = [...columns, 'seq'].map(quoted).join(', ')
  return `select ${list} from ${quotedTable(table)} where seq between ${range.from} and ${range.to} order by seq`
}

/** Takes the trailing seq off every row once it is proven to run from..to without a gap. */
function checkedPage(rows: (string | null)[][], range: PageRange, table: TableRef): TextRow[] {
  const expected = range.to - range.from + 1
  const dense = rows.every((row, i) => row.pop() === String(range.from + i))
  if (rows.length === expected && dense) return rows
  throw new WarehouseError('missing', {
    code: 'E-WH-SHORT-PAGE',
    message: `${table.schema}.${table.name} gave ${rows.length} rows for seq ${range.from} to ${range.to}, which must be ${expected} rows without a gap`,
    help: 'nothing of this page was used; make a new plan',
  })
}

export function tooManyRows(max: number): WarehouseError {
  return new WarehouseError('data', {
    code: 'E-WH-TOO-MANY-ROWS',
    message: `the statement returned more than ${max} rows`,
  })
}
