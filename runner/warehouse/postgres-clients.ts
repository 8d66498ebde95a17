import { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call } from './managed-warehouse.ts'
import type {
  PostgresAnyClient,
  PostgresClient,
  PostgresClientConfig,
  PostgresDriver,
  PostgresPool,
} from './postgres-driver.ts'
import { connectError, isFatal } from './postgres-errors.ts'
import type { PostgresConnection } from './postgres-settings.ts'
import { cancelled } from './race-deadline.ts'
import { WarehouseError } from './warehouse-error.ts'

/** Everything that decides how values look as text, so that no server or role default can change it. */
const sessionSettings = `set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'iso_8601';
  set extra_float_digits = 1; set bytea_output = 'hex'; set standard_conforming_strings = on`

/** Cancels are repeated: one that arrives before the statement has begun is ignored by the server. */
const cancelEveryMs = 250
/** Cancels after which the connection is cut: the server or the network does not answer any more. */
const cancelsBeforeCut = 12

/** The pool: one client per unit of work, session settings, application name, cancellation on the server. */
export class PostgresClients {
  readonly #driver: PostgresDriver
  readonly #connection: PostgresConnection
  readonly #pool: PostgresPool
  readonly #connecting = new Set<PostgresAnyClient>()
  /** Name last told to the server; telling it costs a round trip. */
  readonly #said = new WeakMap<PostgresClient, string>()

  constructor(driver: PostgresDriver, connection: PostgresConnection) {
    this.#driver = driver
    this.#connection = connection
    const config = connection.client
    const connecting = this.#connecting
    this.#pool = new driver.Pool({
      max: connection.threads,
      // The pool's own connect timeout would also end the wait for a free client; the client's covers connecting alone.
      Client: class extends driver.Client {
        constructor() {
          super(config)
          connecting.add(this)
          this.on('end', () => connecting.delete(this))
          // Told to the statement too. Without a listener of its own a lost connection would end the process.
          this.on('error', () => {})
        }
      },
      onConnect: async (client) => {
        connecting.delete(client)
        await client.query(sessionSettings)
        if (connection.role !== undefined) await client.query(`select set_config('role', $1, false)`, [connection.role])
        if (connection.searchPath !== undefined) {
          await client.query(`select set_config('search_path', $1, false)`, [connection.searchPath])
        }
      },
    })
    // An idle client that dies is replaced.
    this.#pool.on('error', () => {})
  }

  /** Connects once, to find out now whether it works. Closes the pool when it does not. */
  async check(): Promise<void> {
    try {
      ;(await this.#checkout()).release()
    } catch (error) {
      await this.#pool.end()
      throw error
    }
  }

  /** Runs `work` on one client. `stop` cancels its statement from inside. */
  async use<T>(call: Call, work: (client: PostgresClient, stop: () => void) => Promise<T>): Promise<T> {
    const client = await this.#checkout(call.signal)
    const canceller = this.#cancellerOf(client)
    call.signal.addEventListener('abort', canceller.start, { once: true })
    let broken = false
    try {
      if (call.signal.aborted) throw cancelled(call.signal.reason)
      await this.#introduce(client, call)
      return await work(client, canceller.start)
    } catch (error) {
      broken = isBroken(error)
      throw error
    } finally {
      call.signal.removeEventListener('abort', canceller.start)
      // A cancel still under way would hit the next statement of this client.
      await canceller.finish()
      client.release(broken)
    }
  }

  close(): Promise<void> {
    return this.#pool.end()
  }

  async #checkout(signal?: AbortSignal): Promise<PostgresClient> {
    const client = this.#pool.connect().catch((error: unknown) => {
      const known = connectError(error, this.#connection.endpoint)
      if (known.code === 'E-WH-AUTH') this.#forgetLogins()
      throw known
    })
    if (!signal) return client
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        reject(cancelled(signal.reason))
        client.then((late) => late.release()).catch(() => {})
      }
      signal.addEventListener('abort', stop, { once: true })
      client.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
    })
  }

  /** The driver leaves the socket open when it has no password to answer with, which keeps process and server waiting. */
  #forgetLogins(): void {
    for (const client of this.#connecting) cut(client)
    this.#connecting.clear()
  }

  async #introduce(client: PostgresClient, { tag }: Call): Promise<void> {
    const name = `backfeed run=${tag.run} sync=${tag.sync}`.replace(/[^ -~]/g, '_').slice(0, 63)
    if (this.#said.get(client) === name) return
    await client.query(`select set_config('application_name', $1, false)`, [name])
    this.#said.set(client, name)
  }

  #cancellerOf(client: PostgresClient): { start: () => void; finish: () => Promise<void> } {
    const done = new AbortController()
    let running: Promise<void> | undefined
    const repeat = async (): Promise<void> => {
      for (let times = 0; !done.signal.aborted && times < cancelsBeforeCut; times++) {
        await this.#cancelOnce(processIdOf(client))
        await sleep(cancelEveryMs, undefined, { signal: done.signal }).catch(() => {})
      }
      if (!done.signal.aborted) cut(client)
    }
    return {
      start: () => {
        running ??= repeat()
      },
      finish: async () => {
        done.abort()
        await running
      },
    }
  }

  /** On a connection of its own: the client is busy and the pool may be full. */
  async #cancelOnce(processId: number): Promise<void> {
    const config: PostgresClientConfig = this.#connection.client
    const other = new this.#driver.Client(config)
    other.on('error', () => {})
    try {
      await other.connect()
      await other.query('select pg_cancel_backend($1)', [processId])
    } catch {
      // Tried again, and in the end the connection is cut.
    } finally {
      await other.end().catch(() => {})
    }
  }
}

/** Whether the client must not be used again, judged by what the driver said first. */
function isBroken(error: unknown): boolean {
  let root = error
  while (root instanceof WarehouseError) root = root.cause
  const ourOwn = root === undefined || root instanceof DOMException
  return !ourOwn && isFatal(root)
}

/** Both members exist on every client of pg 8 but are missing from its type declarations. */
function processIdOf(client: PostgresClient): number {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : 0
}

function cut(client: PostgresAnyClient): void {
  const connection: unknown = 'connection' in client ? client.connection : undefined
  if (typeof connection !== 'object' || connection === null || !('stream' in connection)) return
  if (connection.stream instanceof Socket) connection.stream.destroy()
}
