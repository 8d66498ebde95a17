import { fieldType } from './field-type.ts'
import {
  type Call,
  openManagedWarehouse,
  quoted,
  quotedTable,
  tooManyRows,
  type WarehouseSession,
} from './managed-warehouse.ts'
import { textCells } from './postgres-cells.ts'
import { PostgresClients } from './postgres-clients.ts'
import { loadPostgres, type PostgresClient, type PostgresDriver } from './postgres-driver.ts'
import { beforeCommit, commitError, postgresError } from './postgres-errors.ts'
import { postgresConnection } from './postgres-settings.ts'
import { cancelled } from './race-deadline.ts'
import type {
  AtomicStep,
  Column,
  OpenContext,
  TableRef,
  TextRow,
  Warehouse,
  WarehouseAdapter,
  WarehouseCapabilities,
  WarehouseSettings,
} from './warehouse.ts'
import { WarehouseError } from './warehouse-error.ts'

const capabilities: WarehouseCapabilities = {
  transactions: 'yes',
  ddlInTransaction: 'yes',
  mergeRejectsDuplicates: 'yes',
  exclusiveFile: 'no',
  cancelOnServer: 'yes',
  statementId: 'no',
}

/** Settings: see postgres-settings.ts. */
export const postgresAdapter: WarehouseAdapter = {
  name: 'postgres',
  dialectChain: ['postgres'],
  open: openPostgres,
}

async function openPostgres(settings: WarehouseSettings, context: OpenContext): Promise<Warehouse> {
  const connection = postgresConnection(settings)
  const connect = async (): Promise<WarehouseSession> => {
    const driver = await loadPostgres(context.projectDir)
    const clients = new PostgresClients(driver, connection)
    await clients.check()
    return new PostgresSession(driver, clients)
  }
  return openManagedWarehouse({ name: 'postgres', capabilities, connect, classify: postgresError }, context)
}

type Append = Exclude<AtomicStep, string>
interface Answer {
  rows: (string | null)[][]
  command: string
  affected: number | null
}

class PostgresSession implements WarehouseSession {
  readonly #driver: PostgresDriver
  readonly #clients: PostgresClients

  constructor(driver: PostgresDriver, clients: PostgresClients) {
    this.#driver = driver
    this.#clients = clients
  }

  exec(sql: string, call: Call): Promise<{ affected?: number }> {
    return this.#clients.use(call, async (client) => {
      const answer = await this.#query(client, sql, { max: Number.MAX_SAFE_INTEGER, operation: 'exec' })
      return answer.affected === null ? {} : { affected: answer.affected }
    })
  }

  select(sql: string, call: Call & { max: number }): Promise<(string | null)[][]> {
    return this.#clients.use(call, async (client, stop) => {
      const { rows } = await this.#query(client, sql, { max: call.max, operation: 'rows', stop })
      return rows
    })
  }

  atomic(steps: readonly AtomicStep[], call: Call): Promise<void> {
    return this.#clients.use(call, async (client) => {
      await client.query('begin')
      try {
        for (const step of steps) {
          if (call.signal.aborted) throw cancelled(call.signal.reason)
          await (typeof step === 'string' ? this.#query(client, step) : this.#append(client, step))
        }
        if (call.signal.aborted) throw cancelled(call.signal.reason)
      } catch (error) {
        await client.query('rollback').catch(() => {})
        // The commit was never sent, so even a lost connection leaves nothing behind.
        throw beforeCommit(postgresError(error, 'atomic'))
      }
      await commit(client)
    })
  }

  columns(table: TableRef, call: Call): Promise<readonly Column[] | undefined> {
    return this.#clients.use(call, (client) => this.#columns(client, table))
  }

  async estimate(sql: string, call: Call): Promise<{ rows?: number; bytes?: number }> {
    const lines = await this.select(`explain (format json) ${sql}`, { ...call, max: 100_000 })
    const text = lines.map(([line]) => line ?? '').join('\n')
    const rows = numberAt(text, 'Plan Rows')
    const width = numberAt(text, 'Plan Width')
    return rows === undefined ? {} : { rows, ...(width === undefined ? {} : { bytes: rows * width }) }
  }

  async release(): Promise<void> {}

  close(): Promise<void> {
    return this.#clients.close()
  }

  /** One statement through the extended protocol, which refuses a second one in the same text. */
  #query(
    client: PostgresClient,
    sql: string,
    o: { values?: unknown[]; max?: number; operation?: 'exec' | 'rows'; stop?: () => void } = {},
  ): Promise<Answer> {
    const max = o.max ?? Number.MAX_SAFE_INTEGER
    const config = { text: sql, values: o.values ?? [], rowMode: 'array', queryMode: 'extended', types: textCells }
    return new Promise((resolve, reject) => {
      const rows: (string | null)[][] = []
      const query = new this.#driver.Query<(string | null)[]>(config)
      query.on('row', (row) => {
        if (rows.length <= max) rows.push(row)
        if (rows.length === max + 1) o.stop?.()
      })
      query.on('error', (error) =>
        reject(rows.length > max ? tooManyRows(max) : postgresError(error, o.operation ?? 'exec', sql)),
      )
      query.on('end', ({ command, rowCount }) => {
        if (rows.length > max) reject(tooManyRows(max))
        else resolve({ rows, command, affected: rowCount })
      })
      client.query(query)
    })
  }

  async #columns(client: PostgresClient, table: TableRef): Promise<readonly Column[] | undefined> {
    const sql = `select a.attname::text, format_type(a.atttypid, a.atttypmod),
        case when t.typbasetype = 0 then format_type(a.atttypid, a.atttypmod) else format_type(t.typbasetype, t.typtypmod) end
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_class c on c.oid = a.attrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      join pg_catalog.pg_type t on t.oid = a.atttypid
      where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
      order by a.attnum`
    const { rows } = await this.#query(client, sql, { values: [table.schema, table.name] })
    if (rows.length === 0) return undefined
    return rows.map(([name, declared, base]) => ({
      name: name ?? '',
      type: fieldType(base ?? ''),
      declared: declared ?? '',
    }))
  }

  /** One JSON parameter per chunk: the fastest way in through this driver, and exact because every cell stays text. */
  async #append(client: PostgresClient, { table, columns, rows }: Append): Promise<void> {
    const declared = new Map((await this.#columns(client, table))?.map((column) => [column.name, column]))
    const casts = columns.map((name, i) => {
      const column = declared.get(name)
      // An explicit cast to varchar(n) would cut the text; without one the server refuses what is too long.
      return column && column.type.kind !== 'text' ? `x.c${i}::${column.declared}` : `x.c${i}`
    })
    const record = columns.map((_, i) => `c${i} text`).join(', ')
    const sql = `insert into ${quotedTable(table)} (${columns.map(quoted).join(', ')})
      select ${casts.join(', ')} from json_to_recordset($1::json) as x(${record})`
    for (const json of jsonChunks(rows)) await this.#query(client, sql, { values: [json] })
  }
}

async function commit(client: PostgresClient): Promise<void> {
  let command: string
  try {
    command = (await client.query('commit')).command
  } catch (error) {
    throw commitError(error)
  }
  // A commit of a failed transaction is answered with ROLLBACK, not with an error.
  if (command === 'COMMIT') return
  throw new WarehouseError('conflict', { code: 'E-SQL-WAREHOUSE', message: 'the transaction was rolled back' })
}

const chunkRows = 5_000
const chunkCharacters = 4_000_000

function* jsonChunks(rows: readonly TextRow[]): Generator<string> {
  let parts: string[] = []
  let characters = 0
  for (const row of rows) {
    const part = JSON.stringify(Object.fromEntries(row.map((cell, i) => [`c${i}`, cell])))
    parts.push(part)
    characters += part.length
    if (parts.length < chunkRows && characters < chunkCharacters) continue
    yield `[${parts.join(',')}]`
    parts = []
    characters = 0
  }
  if (parts.length > 0) yield `[${parts.join(',')}]`
}

/** First occurrence, which is the top of the plan. */
function numberAt(plan: string, key: string): number | undefined {
  const found = new RegExp(`"${key}": *(\\d+)`).exec(plan)?.[1]
  return found === undefined ? undefined : Number(found)
}
