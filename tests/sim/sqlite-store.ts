/**
 * The warehouse of all simulated worlds: one SQLite in memory per process, emptied between worlds. Statements are kept prepared:
 * what differs from run to run (ids, moments, numbers of the log) is bound, and a table that is built anew by the same select is
 * only filled anew, so that no statement has to be prepared twice.
 */
import initSqlJs, { type Database, type SqlValue, type Statement } from 'sql.js'
import { fieldType } from '../../runner/warehouse/field-type.ts'
import type { AtomicStep, Column, TableRef, TextRow } from '../../runner/warehouse/warehouse.ts'
import { WarehouseError } from '../../runner/warehouse/warehouse-error.ts'
import { KeptRelations } from './kept-relations.ts'
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

/** Of flat SQL. */
function bound(sql: string): Bound {
  const values: SqlValue[] = []
  const text = sql.replace(runWords, (_, word?: string, number?: string) => {
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
  readonly #kept = new KeptRelations()
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
      const { sql: text, values } = bound(this.#kept.placed(flat(sql)))
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
        throw error
      }
      this.#plain('commit')
    })
  }

  columns({ schema, name }: TableRef): readonly Column[] | undefined {
    const key = `${schema}__${name}`
    if (!this.#shared.has(key) && !this.#own.has(key)) return undefined
    const place = this.#kept.placeOf(key)
    const known = this.#columns.get(place)
    if (known) return known
    const [result] = this.#db.exec(`pragma table_info(${place})`)
    if (!result) return undefined
    const columns = result.values.map((row) => {
      const declared = String(row[2] ?? '')
      return { name: String(row[1]), declared, type: fieldType(declared) }
    })
    this.#columns.set(place, columns)
    return columns
  }

  clear(): void {
    if (this.#shared.size === 0) for (const name of this.#own) this.#shared.add(name)
    this.#own.clear()
    this.#kept.reset()
    for (const [name] of this.select(`select name from sqlite_master where type = 'table' order by name`))
      this.#plain(`delete from ${name}`)
  }

  #run(sql: string): number {
    if (/^(create|alter|drop)/.test(sql)) return this.#define(flat(sql))
    const { sql: text, values } = bound(this.#kept.placed(flat(sql)))
    this.#prepared(text).run(values)
    return this.#db.getRowsModified()
  }

  #plain(sql: string): void {
    this.#prepared(sql).run()
  }

  #define(sql: string): number {
    const build = built.exec(sql)
    if (build) return this.#build(build, sql)
    const [, dropped] = /^drop (?:table|view) if exists ([a-z0-9_]+)$/.exec(sql) ?? []
    if (dropped !== undefined) return this.#drop(dropped)
    const [, created] = /^create table if not exists ([a-z0-9_]+) /.exec(sql) ?? []
    if (created !== undefined) return this.#create(created, sql)
    const [, from, to] = /^alter table ([a-z0-9_]+) rename to ([a-z0-9_]+)$/.exec(sql) ?? []
    if (from !== undefined && to !== undefined) return this.#rename(from, `backfeed__${to}`)
    this.#db.run(sql)
    this.#columns.clear()
    return 0
  }

  #drop(name: string): number {
    this.#own.delete(name)
    if (this.#kept.isKept(name) || this.#definitions.has(name)) this.#kept.drop(name)
    return 0
  }

  #create(name: string, sql: string): number {
    this.#own.add(name)
    if (this.#definitions.get(name) !== sql) {
      this.#definitions.set(name, sql)
      this.#columns.delete(name)
      this.#db.run(sql)
    } else if (this.#kept.isGone(name)) {
      this.#kept.restore(name)
      this.#plain(`delete from ${name}`)
    }
    return 0
  }

  /** Into a place of its own: the old name is about to be built anew, by the same select. */
  #rename(from: string, to: string): number {
    const select = `select * from ${this.#kept.placeOf(from)}`
    this.#fill(to, { kind: 'table', select: { sql: select, values: [] } })
    return this.#drop(from)
  }

  #build([head = '', kind = '', key = '']: RegExpExecArray, sql: string): number {
    const text = this.#kept.placed(sql.slice(head.length))
    // A view binds nothing: one with another moment in it is another view.
    return this.#fill(key, { kind, select: kind === 'view' ? { sql: text, values: [] } : bound(text) })
  }

  #fill(key: string, { kind, select }: { kind: string; select: Bound }): number {
    const { name, isNew } = this.#kept.make(key, `${kind} ${select.sql}`)
    this.#own.add(key)
    if (isNew) this.#db.run(`create ${kind} ${name} as ${select.sql}`, select.values)
    else if (kind === 'table') {
      this.#plain(`delete from ${name}`)
      this.#prepared(`insert into ${name} ${select.sql}`).run(select.values)
    }
    return this.#db.getRowsModified()
  }

  #append(table: TableRef, columns: readonly string[], rows: readonly TextRow[]): void {
    const known = this.columns(table)
    const kinds = columns.map((name) => known?.find((column) => column.name === name)?.type.kind)
    const list = columns.map((name) => `"${name}"`).join(', ')
    const places = columns.map(() => '?').join(', ')
    const place = this.#kept.placeOf(`${table.schema}__${table.name}`)
    const statement = this.#prepared(`insert into ${place} (${list}) values (${places})`)
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
