/**
 * The warehouse of all simulated worlds: one SQLite in memory per process, emptied between worlds. Statements are kept prepared:
 * what differs from run to run (ids, moments, numbers of the log) is bound, and a table that is built anew with the same columns
 * keeps its definition, so that no statement has to be prepared twice.
 */
import initSqlJs, { type Database, type SqlValue, type Statement } from 'sql.js'
import { fieldType } from '../../runner/warehouse/field-type.ts'
import type { AtomicStep, Column, TableRef, TextRow } from '../../runner/warehouse/warehouse.ts'
import { WarehouseError } from '../../runner/warehouse/warehouse-error.ts'
import { momentOf, registerFunctions } from './sqlite-functions.ts'

export interface SqliteStore {
  /** Of the world that uses the store now. */
  clock: { nowMs: () => number }
  exec(sql: string): number
  select(sql: string): TextRow[]
  append(table: TableRef, columns: readonly string[], rows: readonly TextRow[]): void
  /** All or nothing. */
  atomic(steps: readonly AtomicStep[]): void
  columns(table: TableRef): readonly Column[] | undefined
  /** Empties every table. */
  clear(): void
}

/** Views cannot see across attached databases, so a schema is the first part of a name: `backfeed.sync_run` is backfeed__sync_run. */
const schemaOf = /\b(backfeed_audit|backfeed|crm)\.(?=[a-z])/g

function flat(sql: string): string {
  return sql.replace(schemaOf, '$1__')
}

export async function openStore(): Promise<SqliteStore> {
  const { Database: Sqlite } = await initSqlJs()
  const db = new Sqlite()
  const clock = { nowMs: () => 0 }
  for (const pragma of ['journal_mode = off', 'locking_mode = exclusive', 'synchronous = off', 'temp_store = memory'])
    db.run(`pragma ${pragma}`)
  registerFunctions(db, () => clock.nowMs())
  return new Store(db, clock)
}

interface Bound {
  sql: string
  values: SqlValue[]
}

/**
 * What only one run says: ids, hashes and moments in quotes, epochs and places in the log before the id of a plan. Never the
 * names of tables, fields or rules.
 */
const runWords =
  /'((?:run|plan)_[0-9a-f]{18}(?::\d+:)?|[0-9a-f]{32}|[0-9a-f]{64}|[0-9a-f]{10}-|\d{4}-\d\d-\d\dT[0-9:.]+Z?|\{"(?:[^']|'')*\})'|(?<=, )(\d+)(?=, (?:\d+|planned\.plan_id))/g

function bound(sql: string): Bound {
  const values: SqlValue[] = []
  const text = flat(sql).replace(runWords, (_, word?: string, number?: string) => {
    values.push(word?.replaceAll("''", "'") ?? Number(number))
    return '?'
  })
  return { sql: text, values }
}

const built = /^create (table|view) ([a-z0-9_]+) as\n/

class Store implements SqliteStore {
  readonly clock: { nowMs: () => number }
  readonly #db: Database
  readonly #statements = new Map<string, Statement>()
  /** The select, or the definition, that each table or view was made by. */
  readonly #shapes = new Map<string, string>()
  readonly #definitions = new Map<string, string>()
  readonly #columns = new Map<string, Column[]>()
  /** Of all worlds, and made by this one: what another world left behind is empty, and not there. */
  readonly #shared = new Set<string>()
  readonly #own = new Set<string>()

  constructor(db: Database, clock: { nowMs: () => number }) {
    this.#db = db
    this.clock = clock
  }

  exec(sql: string): number {
    return failing(() => this.#run(sql))
  }

  select(sql: string): TextRow[] {
    return failing(() => {
      const { sql: text, values } = bound(sql)
      const statement = this.#prepared(text)
      const rows: TextRow[] = []
      statement.bind(values)
      while (statement.step()) rows.push(statement.get().map(cellText))
      statement.reset()
      return rows
    })
  }

  append(table: TableRef, columns: readonly string[], rows: readonly TextRow[]): void {
    failing(() => this.#append(table, columns, rows))
  }

  atomic(steps: readonly AtomicStep[]): void {
    failing(() => {
      this.#plain('begin')
      try {
        for (const step of steps)
          typeof step === 'string' ? this.#run(step) : this.#append(step.table, step.columns, step.rows)
      } catch (error) {
        this.#db.run('rollback')
        this.#shapes.clear()
        throw error
      }
      this.#plain('commit')
    })
  }

  columns({ schema, name }: TableRef): readonly Column[] | undefined {
    const key = `${schema}__${name}`
    if (!this.#shared.has(key) && !this.#own.has(key)) return undefined
    const known = this.#columns.get(key)
    if (known) return known
    const [result] = this.#db.exec(`pragma table_info(${key})`)
    if (!result) return undefined
    const columns = result.values.map((row) => {
      const declared = String(row[2] ?? '')
      return { name: String(row[1]), declared, type: fieldType(declared) }
    })
    this.#columns.set(key, columns)
    return columns
  }

  clear(): void {
    if (this.#shared.size === 0) for (const name of this.#own) this.#shared.add(name)
    this.#own.clear()
    for (const [name] of this.select(`select name from sqlite_master where type = 'table' order by name`))
      this.#run(`delete from ${name}`)
  }

  #run(sql: string): number {
    if (/^(create|alter|drop)/.test(sql)) return this.#define(flat(sql))
    const { sql: text, values } = bound(sql)
    this.#prepared(text).run(values)
    return this.#db.getRowsModified()
  }

  #plain(sql: string): void {
    this.#prepared(sql).run()
  }

  #define(sql: string): number {
    const build = built.exec(sql)
    if (build) return this.#build(build, sql)
    const [, dropped] = /^drop table if exists ([a-z0-9_]+)$/.exec(sql) ?? []
    if (dropped !== undefined && this.#definitions.has(dropped)) return this.#empty(dropped)
    const [, hidden] = /^drop view if exists ([a-z0-9_]+)$/.exec(sql) ?? []
    if (hidden !== undefined && this.#shapes.has(hidden)) return 0
    const [, created] = /^create table if not exists ([a-z0-9_]+) /.exec(sql) ?? []
    if (created !== undefined) this.#own.add(created)
    if (created !== undefined && this.#definitions.get(created) === sql) return 0
    if (created !== undefined) this.#definitions.set(created, sql)
    this.#db.run(sql)
    this.#columns.clear()
    if (created === undefined) this.#shapes.clear()
    return 0
  }

  /** A table that is dropped is made again at once, with the same columns. */
  #empty(table: string): number {
    this.#plain(`delete from ${table}`)
    return 0
  }

  #build([head = '', kind = '', key = '']: RegExpExecArray, sql: string): number {
    // A view binds nothing: one with another moment in it is another view.
    const select = kind === 'view' ? { sql, values: [] } : bound(sql.slice(head.length))
    this.#own.add(key)
    if (this.#shapes.get(key) === select.sql) {
      if (kind === 'view') return 0
      this.#plain(`delete from ${key}`)
      this.#prepared(`insert into ${key} ${select.sql}`).run(select.values)
      return this.#db.getRowsModified()
    }
    const [old] = this.#db.exec(`select type from sqlite_master where name = '${key}'`)
    if (old) this.#db.run(`drop ${old.values[0]?.[0]} ${key}`)
    if (kind === 'view') this.#db.run(sql)
    else this.#db.run(`${head}${select.sql}`, select.values)
    this.#columns.delete(key)
    this.#shapes.set(key, select.sql)
    return 0
  }

  #append(table: TableRef, columns: readonly string[], rows: readonly TextRow[]): void {
    const known = this.columns(table)
    const kinds = columns.map((name) => known?.find((column) => column.name === name)?.type.kind)
    const list = columns.map((name) => `"${name}"`).join(', ')
    const places = columns.map(() => '?').join(', ')
    const statement = this.#prepared(`insert into ${table.schema}__${table.name} (${list}) values (${places})`)
    for (const row of rows) statement.run(row.map((cell, index) => typed(cell ?? null, kinds[index])))
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql)
    if (known) return known
    if (this.#statements.size > 3_000) this.#forget()
    const statement = this.#db.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  #forget(): void {
    for (const statement of this.#statements.values()) statement.free()
    this.#statements.clear()
  }
}

function typed(cell: string | null, kind: string | undefined): SqlValue {
  if (cell === null) return null
  if (kind === 'bool') return cell === 'true' ? 1 : 0
  if (kind === 'integer') return Number(cell)
  return kind === 'timestamp' ? momentOf(Date.parse(/Z$/.test(cell) ? cell : `${cell}Z`)) : cell
}

function cellText(cell: SqlValue): string | null {
  return cell === null ? null : String(cell)
}

function failing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof WarehouseError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new WarehouseError('syntax', { code: 'E-SQL-WAREHOUSE', message }, { cause: error })
  }
}
