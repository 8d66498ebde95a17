import { resolve } from 'node:path'
import { BackfeedError } from '../errors.ts'
import { textRows } from './duckdb-cells.ts'
import { type DuckdbConnection, type DuckdbDriver, type DuckdbResult, loadDuckdb } from './duckdb-driver.ts'
import { duckdbError } from './duckdb-errors.ts'
import { type DuckdbFile, openFile } from './duckdb-file.ts'
import { fieldType } from './field-type.ts'
import {
  type Call,
  openManagedWarehouse,
  quoted,
  quotedTable,
  tooManyRows,
  type WarehouseSession,
} from './managed-warehouse.ts'
import { cancelled } from './race-deadline.ts'
import type {
  AtomicStep,
  Column,
  OpenContext,
  TableRef,
  Warehouse,
  WarehouseAdapter,
  WarehouseCapabilities,
  WarehouseSettings,
} from './warehouse.ts'
import { WarehouseError } from './warehouse-error.ts'

const capabilities: WarehouseCapabilities = {
  transactions: 'yes',
  ddlInTransaction: 'yes',
  mergeRejectsDuplicates: 'no',
  exclusiveFile: 'yes',
  cancelOnServer: 'yes',
  statementId: 'no',
}

/** Settings: path, memory_limit?, threads?, lock_timeout_ms? (10,000), idle_release_ms? (1,000). */
export const duckdbAdapter: WarehouseAdapter = {
  name: 'duckdb',
  dialectChain: ['duckdb'],
  open: openDuckdb,
}

async function openDuckdb(settings: WarehouseSettings, context: OpenContext): Promise<Warehouse> {
  const path = String(settings.path ?? 'target/warehouse.duckdb')
  const options = {
    path: path === ':memory:' ? path : resolve(context.projectDir, path),
    lockTimeoutMs: Number(settings.lock_timeout_ms ?? 10_000),
    idleReleaseMs: Number(settings.idle_release_ms ?? 1_000),
  }
  const connect = async (): Promise<WarehouseSession> => {
    const driver = await loadDuckdb()
    const file = await openFile(driver, options)
    try {
      const connection = await file.connect(new AbortController().signal)
      await applySettings(connection, settings)
      return new DuckdbSession(driver, file, connection)
    } catch (error) {
      await file.close()
      throw error instanceof BackfeedError ? error : duckdbError(error)
    }
  }
  return openManagedWarehouse({ name: 'duckdb', capabilities, connect, classify: duckdbError }, context)
}

async function applySettings(connection: DuckdbConnection, settings: WarehouseSettings): Promise<void> {
  await connection.run(`set TimeZone = 'UTC'`)
  for (const name of ['memory_limit', 'threads']) {
    const value = settings[name]
    if (value !== undefined) await applySetting(connection, name, String(value))
  }
}

async function applySetting(connection: DuckdbConnection, name: string, value: string): Promise<void> {
  try {
    await connection.run(`set global ${name} = '${value.replaceAll("'", "''")}'`)
  } catch (cause) {
    const message = `target settings: DuckDB refuses ${name} "${value}"`
    throw new BackfeedError({ code: 'E-CFG-VALUE', message, help: 'memory_limit: 2GB; threads: 4' }, { cause })
  }
}

class DuckdbSession implements WarehouseSession {
  readonly #driver: DuckdbDriver
  readonly #file: DuckdbFile
  readonly #connection: DuckdbConnection
  /** One statement at a time: a second one on the same connection would end the first one's result early. */
  #queue: Promise<unknown> = Promise.resolve()
  #appends = 0
  /** Set while a transaction ends: an interrupt there would leave it open, or its fate in doubt. */
  #ending = false

  constructor(driver: DuckdbDriver, file: DuckdbFile, connection: DuckdbConnection) {
    this.#driver = driver
    this.#file = file
    this.#connection = connection
  }

  exec(sql: string, call: Call): Promise<{ affected?: number }> {
    return this.#unit(call, async () => affectedRows(await this.#statement(sql)))
  }

  select(sql: string, call: Call & { max: number }): Promise<(string | null)[][]> {
    return this.#unit(call, async () => {
      const result = await this.#statement(sql)
      if (result.rowCount > call.max) throw tooManyRows(call.max)
      return textRows(result)
    })
  }

  atomic(steps: readonly AtomicStep[], call: Call): Promise<void> {
    return this.#unit(call, async () => {
      await this.#connection.run('begin transaction')
      try {
        for (const step of steps) {
          if (call.signal.aborted) throw cancelled(call.signal.reason)
          await (typeof step === 'string' ? this.#statement(step) : this.#append(step))
        }
      } catch (error) {
        await this.#end('rollback')
        throw error
      }
      await this.#commit()
    })
  }

  columns(table: TableRef, call: Call): Promise<readonly Column[] | undefined> {
    const sql = `select column_name, data_type from duckdb_columns() where database_name = current_database()
      and lower(schema_name) = lower($1) and lower(table_name) = lower($2) order by column_index`
    return this.#unit(call, async () => {
      const rows = await textRows(await this.#connection.run(sql, [table.schema, table.name]))
      if (rows.length === 0) return undefined
      return rows.map(([name, declared]) => ({
        name: name ?? '',
        type: fieldType(declared ?? ''),
        declared: declared ?? '',
      }))
    })
  }

  async estimate(sql: string, call: Call): Promise<{ rows?: number }> {
    const [plan] = await this.select(`explain (format json) ${sql}`, { ...call, max: 10 })
    const rows = /"Estimated Cardinality": *"~?(\d+)"/.exec(plan?.[1] ?? '')?.[1]
    return rows === undefined ? {} : { rows: Number(rows) }
  }

  async release(): Promise<void> {
    await this.#queue
    await this.#file.release()
  }

  async close(): Promise<void> {
    await this.#queue
    this.#connection.closeSync()
    await this.#file.close()
  }

  /** A unit of work in its turn, with the file attached, interrupted when the call's signal aborts. */
  #unit<T>(call: Call, work: () => Promise<T>): Promise<T> {
    const mine = this.#queue.then(() => {
      if (call.signal.aborted) throw cancelled(call.signal.reason)
      return this.#file.work(call.signal, () => this.#interruptible(call.signal, work))
    })
    this.#queue = mine.catch(() => {})
    return mine
  }

  /** Interrupts again and again: an interrupt that arrives before the statement has begun is forgotten by DuckDB. */
  async #interruptible<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    let repeat: NodeJS.Timeout | undefined
    const interrupt = (): void => {
      if (!this.#ending) this.#connection.interrupt()
    }
    const stop = (): void => {
      interrupt()
      repeat = setInterval(interrupt, 20)
    }
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await work()
    } finally {
      signal.removeEventListener('abort', stop)
      clearInterval(repeat)
    }
  }

  async #statement(sql: string): Promise<DuckdbResult & { rowCount: number }> {
    const statements = await this.#connection.extractStatements(sql)
    // PIVOT is taken apart by DuckDB itself into a type and a select.
    if (statements.count > 1 && !/\bpivot/i.test(sql)) {
      throw new WarehouseError('syntax', { code: 'E-SQL-WAREHOUSE', message: 'one call carries one statement' })
    }
    return this.#connection.run(sql)
  }

  async #commit(): Promise<void> {
    try {
      await this.#end('commit')
    } catch (error) {
      await this.#end('rollback').catch(() => {})
      const known = duckdbError(error)
      if (known.kind === 'conflict' || known.kind === 'data') throw known
      const message = `the commit failed and may have happened: ${known.problems[0]?.message ?? ''}`
      throw new WarehouseError('unknown', { code: 'E-SQL-WAREHOUSE', message }, { cause: error })
    }
  }

  async #end(how: 'commit' | 'rollback'): Promise<void> {
    this.#ending = true
    try {
      await this.#connection.run(how)
    } finally {
      this.#ending = false
    }
  }

  /** Text goes through the appender into a temporary table, and the insert from there casts it to the column types. */
  async #append({ table, columns, rows }: Exclude<AtomicStep, string>): Promise<void> {
    const literals = columns.map((_, column) => commonLiteral(rows, column))
    const insert = (from: string): string =>
      `insert into ${quotedTable(table)} (${columns.map(quoted).join(', ')}) select ${literals.map((literal, i) => literal ?? `c${i}`).join(', ')} from ${from}`
    const varying = columns.flatMap((_, i) => (literals[i] === undefined ? [i] : []))
    if (varying.length === 0) return void (await this.#connection.run(insert(`range(${rows.length})`)))
    this.#appends += 1
    const name = `backfeed_append_${this.#appends}`
    await this.#connection.run(`create temp table ${name} (${varying.map((i) => `c${i} varchar`).join(', ')})`)
    await this.#fill(name, varying, rows)
    await this.#connection.run(insert(`temp.${name}`))
    await this.#connection.run(`drop table temp.${name}`)
  }

  async #fill(name: string, varying: readonly number[], rows: Exclude<AtomicStep, string>['rows']): Promise<void> {
    const appender = await this.#connection.createAppender(name, 'main', 'temp')
    const chunkRows = 2048
    const types = new Array(varying.length).fill(this.#driver.VARCHAR)
    for (let from = 0; from < rows.length; from += chunkRows) {
      const part = rows.slice(from, from + chunkRows)
      const chunk = this.#driver.DuckDBDataChunk.create(types, part.length)
      chunk.setColumns(varying.map((column) => part.map((row) => row[column] ?? null)))
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
    appender.closeSync()
  }
}

/** Of a column that holds one value in all rows: half of a log's columns do, and a vector of text costs as much as the insert. */
function commonLiteral(rows: Exclude<AtomicStep, string>['rows'], column: number): string | undefined {
  const cell = rows[0]?.[column] ?? null
  const isCommon = rows.length > 0 && rows.every((row) => (row[column] ?? null) === cell)
  // No statement can carry a NUL; the appender can.
  if (!isCommon || cell?.includes('\0')) return undefined
  return cell === null ? 'null::varchar' : `'${cell.replaceAll("'", "''")}'::varchar`
}

/** Writes answer with one cell named Count; CREATE TABLE AS does too, without being called a change. */
async function affectedRows(result: DuckdbResult & { rowCount: number }): Promise<{ affected?: number }> {
  if (result.columnCount !== 1 || result.columnName(0) !== 'Count' || result.statementType === 1) return {}
  const [row] = await textRows(result)
  return row?.[0] == null ? {} : { affected: Number(row[0]) }
}
