/** A throw-away Postgres for tests: own data folder, own port on 127.0.0.1, stopped by its process id. */
import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

export interface PostgresServer {
  port: number
  pid: number
  user: string
  password: string
  stop(): Promise<void>
}

export const postgresMissing = 'initdb and postgres not found: apt-get install postgresql-15'

/** Folder with initdb and postgres: PATH first, then where Debian keeps them. */
export function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...versions.map((v) => join(debian, v, 'bin'))]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** `durable`: commits reach the disk, as on the databases people have. */
export async function startPostgres(bin: string, { durable = false } = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-postgres-'))
  const account = unprivilegedAccount()
  if (account) chownSync(folder, account.uid, account.gid)
  chmodSync(folder, 0o700)
  const data = join(folder, 'data')
  const password = randomBytes(12).toString('hex')
  const init = initialise(bin, { data, password, account })
  if (init.status !== 0) throw new Error(`initdb failed: ${init.stderr || init.error}`)
  const port = await freePort()
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...serverOptions(port, durable)], {
    ...account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const stop = stopper(server, folder)
  // The last chance when the tests are interrupted: no server may outlive them.
  process.once('exit', () => server.kill('SIGQUIT'))
  await untilReady(server).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { port, pid: server.pid ?? 0, user: 'backfeed', password, stop }
}

function initialise(
  bin: string,
  { data, password, account }: { data: string; password: string; account: Account | undefined },
): SpawnSyncReturns<string> {
  const passwordFile = `${data}.password`
  writeFileSync(passwordFile, password)
  if (account) chownSync(passwordFile, account.uid, account.gid)
  const login = ['-U', 'backfeed', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  // C.UTF-8: lower() knows every letter, as on the databases people have, and the locale is on every machine.
  const options = ['-D', data, ...login, '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync']
  return spawnSync(join(bin, 'initdb'), options, { ...account, encoding: 'utf8', cwd: dirname(data) })
}

/** Durability off by default: the data is thrown away. No socket file: two runs may share a machine. */
function serverOptions(port: number, durable: boolean): string[] {
  const onDisk = durable ? 'on' : 'off'
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `fsync=${onDisk}`,
    `synchronous_commit=${onDisk}`,
    `full_page_writes=${onDisk}`,
    'max_connections=200',
    'shared_buffers=64MB',
  ]
  return settings.flatMap((setting) => ['-c', setting])
}

interface Account {
  uid: number
  gid: number
}

/** Postgres refuses to run as root. */
function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout.trim())
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('running as root, and there is neither a postgres nor a nobody account to run the server as')
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    const timer = setTimeout(() => reject(new Error(`postgres did not start in 60 s: ${log}`)), 60_000)
    server.stderr?.on('data', (part: Buffer) => {
      log = (log + part.toString()).slice(-4_000)
      if (log.includes('ready to accept connections')) settle(resolve)
    })
    server.on('exit', (code) => settle(() => reject(new Error(`postgres ended with ${code}: ${log}`))))
    function settle(then: () => void): void {
      clearTimeout(timer)
      then()
    }
  })
}

function stopper(server: ChildProcess, folder: string): () => Promise<void> {
  return async () => {
    if (server.exitCode === null && server.signalCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      // Immediate shutdown: nothing of it is kept.
      server.kill('SIGQUIT')
      await ended
    }
    rmSync(folder, { recursive: true, force: true })
  }
}
