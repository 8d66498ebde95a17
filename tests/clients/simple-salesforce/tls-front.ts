/** TLS in front of the emulator, and the CONNECT proxy that leads any `*.salesforce.com` there. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { runCommand } from '../run-command.ts'
import { CannotBeHad } from '../step.ts'

export interface TlsFront {
  url: string
  proxyUrl: string
  /** PEM; signs itself, so it is also the authority to trust. */
  certificateFile: string
  close(): Promise<void>
}

const NAMES = 'subjectAltName=IP:127.0.0.1,DNS:*.my.salesforce.com,DNS:login.salesforce.com'

/** Rejects with CannotBeHad where there is no openssl to make a certificate with. */
export async function startTlsFront(emulatorUrl: string): Promise<TlsFront> {
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-clients-tls-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const started: Listening[] = []
  const close = async (): Promise<void> => {
    await Promise.all(started.map(stop))
    remove()
  }
  try {
    const certificateFile = await makeCertificate(folder)
    const tls = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(certificateFile) }
    const emulatorPort = Number(new URL(emulatorUrl).port)
    const front = await listen(createTlsServer(tls, (socket) => lead(socket, emulatorPort)))
    started.push(front)
    const proxy = await listen(
      createServer().on('connect', (_, socket: Socket) => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        lead(socket, front.port)
      }),
    )
    started.push(proxy)
    const url = `https://127.0.0.1:${front.port}`
    return { url, proxyUrl: `http://127.0.0.1:${proxy.port}`, certificateFile, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function makeCertificate(folder: string): Promise<string> {
  const file = join(folder, 'cert.pem')
  const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=backfeed-clients']
  const files = ['-keyout', join(folder, 'key.pem'), '-out', file]
  const options = { cwd: folder, env: process.env, timeoutMs: 20_000 }
  const result = await runCommand('openssl', [...kind, '-addext', NAMES, ...files], options).catch(() => undefined)
  if (result?.code !== 0) throw new CannotBeHad('it needs https, and openssl cannot make a certificate here')
  return file
}

interface Listening {
  server: Server
  port: number
  sockets: Set<Socket>
}

function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve({ server, port: (server.address() as AddressInfo).port, sockets }))
  })
}

function stop({ server, sockets }: Listening): Promise<void> {
  for (const socket of sockets) socket.destroy()
  return new Promise((resolve) => server.close(() => resolve()))
}

/** Whatever ends on one side ends on the other. */
function lead(from: Socket, port: number): void {
  const to = connect(port, '127.0.0.1')
  from.pipe(to).pipe(from)
  from.on('error', () => to.destroy()).on('close', () => to.destroy())
  to.on('error', () => from.destroy()).on('close', () => from.destroy())
}
