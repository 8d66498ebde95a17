import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { DuckdbConnection, DuckdbDriver, DuckdbInstance } from './duckdb-driver.ts'
import { duckdbError, lockHolder, messageOf } from './duckdb-errors.ts'
import { cancelled } from './race-deadline.ts'
import { WarehouseError } from './warehouse-error.ts'

/** Name the file has inside the instance. Not the file's own name: a schema of that name would become ambiguous. */
const catalog = 'backfeed_wh'

export interface DuckdbFileOptions {
  /** Absolute path, or `:memory:`. */
  path: string
  lockTimeoutMs: number
  /** Pause after which an idle file is given up, so that other processes can read. */
  idleReleaseMs: number
}

/** One file per process, whoever opens it: of two instances on one file in one process, one loses its commits silently. */
const openFiles = new Map<string, DuckdbFile>()

/** Finds or makes the shared file and counts the caller in. Every openFile() needs one close(). */
export async function openFile(driver: DuckdbDriver, options: DuckdbFileOptions): Promise<DuckdbFile> {
  if (options.path === ':memory:') return new DuckdbFile(await createInstance(driver, options.path), options)
  const path = resolvedPath(options.path)
  const known = openFiles.get(path)
  if (known) return known.share()
  const file = new DuckdbFile(createInstance(driver, path), { ...options, path })
  openFiles.set(path, file)
  return file
}

/**
 * A database file, attached to an in-memory instance only while somebody works on it: DuckDB locks an attached file
 * against every other process, readers included.
 */
export class DuckdbFile {
  readonly path: string
  readonly #options: DuckdbFileOptions
  readonly #instance: Promise<DuckdbInstance>
  #admin: DuckdbConnection | undefined
  #users = 1
  #working = 0
  #attached = false
  #idle: NodeJS.Timeout | undefined
  /** Attach and detach take turns; each decides anew when its turn comes. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(instance: DuckdbInstance | Promise<DuckdbInstance>, options: DuckdbFileOptions) {
    this.#instance = Promise.resolve(instance)
    this.#options = options
    this.path = options.path
  }

  share(): this {
    this.#users += 1
    return this
  }

  /** A connection whose unqualified names mean this file. Valid inside work() only. */
  async connect(signal: AbortSignal): Promise<DuckdbConnection> {
    const connection = await (await this.#instance).connect()
    if (this.#inMemory()) return connection
    await this.work(signal, () => connection.run(`use ${catalog}`))
    return connection
  }

  /** Runs `unit` with the file attached, waiting for another process's lock up to the limit of the settings. */
  async work<T>(signal: AbortSignal, unit: () => Promise<T>): Promise<T> {
    if (this.#inMemory()) return unit()
    clearTimeout(this.#idle)
    this.#working += 1
    try {
      await this.#inTurn(() => this.#attach(signal))
      return await unit()
    } finally {
      this.#working -= 1
      if (this.#working === 0) this.#detachWhenIdle()
    }
  }

  /** Gives the file up now unless someone in this process still works on it. */
  async release(): Promise<void> {
    clearTimeout(this.#idle)
    await this.#inTurn(() => this.#detach())
  }

  async close(): Promise<void> {
    this.#users -= 1
    if (this.#users > 0) return
    if (openFiles.get(this.path) === this) openFiles.delete(this.path)
    await this.release()
    this.#admin?.closeSync()
    ;(await this.#instance).closeSync()
  }

  #inMemory(): boolean {
    return this.path === ':memory:'
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(step)
    this.#turn = mine.catch(() => {})
    return mine
  }

  #detachWhenIdle(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => void this.release().catch(() => {}), this.#options.idleReleaseMs)
    this.#idle.unref()
  }

  async #detach(): Promise<void> {
    if (!this.#attached || this.#working > 0) return
    try {
      await this.#admin?.run(`detach ${catalog}`)
    } catch (error) {
      // A disk without room breaks the checkpoint of a detach and takes the database away with it; the next detach finds none.
      if (!messageOf(error).includes('database not found')) throw duckdbError(error)
    }
    this.#attached = false
  }

  async #attach(signal: AbortSignal): Promise<void> {
    if (this.#attached) return
    this.#admin ??= await (await this.#instance).connect()
    const startedMs = performance.now()
    for (let attempt = 0; ; attempt++) {
      const failure = await this.#tryAttach(this.#admin)
      if (failure === undefined) break
      const waitedMs = performance.now() - startedMs
      if (!lockHolder(failure) || waitedMs >= this.#options.lockTimeoutMs)
        throw attachError(failure, this.path, waitedMs)
      await pause(Math.min(250, 20 * 2 ** attempt), signal)
    }
    this.#attached = true
  }

  /** What DuckDB threw, or undefined when the file is attached. */
  async #tryAttach(admin: DuckdbConnection): Promise<unknown> {
    try {
      await admin.run(`attach '${this.path.replaceAll("'", "''")}' as ${catalog}`)
      return undefined
    } catch (error) {
      return error
    }
  }
}

/** Nothing is fetched or loaded behind the user's back; what spills goes beside the file, never into the working folder. */
async function createInstance(driver: DuckdbDriver, path: string): Promise<DuckdbInstance> {
  const spill = path === ':memory:' ? join(tmpdir(), `backfeed-spill-${process.pid}`) : `${path}.tmp`
  const noExtensions = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' }
  return driver.DuckDBInstance.create(':memory:', { ...noExtensions, temp_directory: spill })
}

/** Creates the parent folder. Symbolic links are resolved, so that one file has one entry whatever it is called. */
function resolvedPath(path: string): string {
  try {
    makeFolder(dirname(path))
    return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path))
  } catch (error) {
    throw pathError(path, error)
  }
}

/** Level by level: Node's own recursive mkdir never returns on some file systems (/proc, for one). */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path)
  } catch (error) {
    if (!existsSync(path)) throw error
  }
}

function attachError(failure: unknown, path: string, waitedMs: number): WarehouseError {
  const holder = lockHolder(failure)
  if (!holder) return messageOf(failure).startsWith('IO Error') ? pathError(path, failure) : duckdbError(failure)
  return new WarehouseError(
    'locked',
    {
      code: 'E-WH-LOCKED',
      message: `${path} is held by PID ${holder.pid} (${holder.program}); waited ${Math.round(waitedMs / 1000)} s`,
      help: 'DuckDB lets one process at a time open a file: end that process or wait for it, or raise lock_timeout_ms',
    },
    { cause: failure },
  )
}

function pathError(path: string, cause: unknown): WarehouseError {
  const said = messageOf(cause)
  const reason = /Permission denied|EACCES|EROFS/.test(said)
    ? 'no permission'
    : /not a valid DuckDB/.test(said)
      ? 'not a DuckDB database'
      : /EISDIR|Is a directory/.test(said)
        ? 'it is a folder'
        : 'the path cannot be created or opened'
  return new WarehouseError(
    'permission',
    { code: 'E-WH-PATH', message: `cannot open ${path}: ${reason}`, help: 'set `path` to a file in a writable folder' },
    { cause },
  )
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled(signal.reason))
    const timer = setTimeout(done, ms / 2 + randomInt(Math.ceil(ms)))
    function done(): void {
      signal.removeEventListener('abort', stop)
      resolve()
    }
    function stop(): void {
      clearTimeout(timer)
      reject(cancelled(signal.reason))
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}
