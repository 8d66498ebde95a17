/**
 * A reverse proxy that breaks what passes through it, by rules. Every other exchange goes through byte for byte: headers, their
 * spelling, the Host the client wrote and the order of bytes. What the CRM did is asked of the CRM itself, where no fault reaches.
 */
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { type Exchange, type FaultAction, withFault } from './fault-actions.ts'

export interface FaultMatch {
  method?: string
  /** Of the path with its query string. */
  path?: RegExp
  /** Counts matching requests from 1, from the moment the rule was added; absent: every one. */
  nth?: number
}

export interface FaultRule {
  match: FaultMatch
  action: FaultAction
}

export interface SeenRequest {
  method: string
  path: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** The rule that fired. */
  fault?: FaultAction['kind']
}

export interface FaultProxy {
  url: string
  seen: SeenRequest[]
  /** The first rule that matches acts; a rule with `nth` counts its matches even when another one acted. */
  add(...rules: FaultRule[]): void
  clear(): void
  /** Lets go of everything that is held now. */
  release(): void
  /** Resolves when a rule fires for the first time after the call. */
  fired(): Promise<SeenRequest>
  close(): Promise<void>
}

interface ArmedRule extends FaultRule {
  seen: number
}

export interface ProxyOptions {
  /** Serves https with this certificate. */
  tls?: { key: string; cert: string }
}

export async function startFaultProxy(target: string, options: ProxyOptions = {}): Promise<FaultProxy> {
  const agent = new Agent()
  const rules: ArmedRule[] = []
  const seen: SeenRequest[] = []
  const waiting: ((request: SeenRequest) => void)[] = []
  const held = new Set<() => void>()
  const onRequest = (incoming: IncomingMessage, out: ServerResponse): void => {
    const { method = 'GET', url: path = '/', headers } = incoming
    const action = take(rules, method, path)
    const request: SeenRequest = { method, path, headers, ...(action === undefined ? {} : { fault: action.kind }) }
    seen.push(request)
    if (action !== undefined) for (const resolve of waiting.splice(0)) resolve(request)
    const exchange: Exchange = {
      incoming,
      out,
      released: new Promise((resolve) => held.add(resolve)),
      forward: (body) => forward({ target, agent, incoming }, body),
    }
    withFault(action, exchange).catch(() => out.destroy())
  }
  const server = options.tls === undefined ? createServer(onRequest) : createTlsServer(options.tls, onRequest)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  // A client that gives a handshake up is not this program's trouble.
  server.on('tlsClientError', () => {})
  server.on('clientError', (_, socket) => socket.destroy())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    seen,
    add: (...more) => rules.push(...more.map((rule) => ({ ...rule, seen: 0 }))),
    clear: () => rules.splice(0),
    release: () => letGo(held),
    fired: () => new Promise((resolve) => waiting.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        letGo(held)
        agent.destroy()
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function letGo(held: Set<() => void>): void {
  for (const resolve of held) resolve()
  held.clear()
}

function take(rules: readonly ArmedRule[], method: string, path: string): FaultAction | undefined {
  const firing = rules.filter((rule) => {
    const { match } = rule
    if (match.method !== undefined && match.method !== method) return false
    if (match.path !== undefined && !match.path.test(path)) return false
    rule.seen += 1
    return match.nth === undefined || match.nth === rule.seen
  })
  return firing[0]?.action
}

interface Onward {
  target: string
  agent: Agent
  incoming: IncomingMessage
}

/** Sends the request on and resolves with the head of its answer. `body`: in place of what is still to come from the client. */
function forward({ target, agent, incoming }: Onward, body?: Buffer): Promise<IncomingMessage> {
  const { hostname, port } = new URL(target)
  const { method = 'GET', url = '/' } = incoming
  return new Promise((resolve, reject) => {
    const onward = send({
      hostname,
      port,
      method,
      path: url,
      agent,
      headers: pairs(incoming.rawHeaders),
      setHost: false,
    })
    onward.on('response', resolve)
    onward.on('error', reject)
    if (body === undefined) incoming.pipe(onward)
    else onward.end(body)
  })
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'expect'])

/** Repeated headers stay repeated. */
export function pairs(rawHeaders: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {}
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2)
    if (HOP_BY_HOP.has(name.toLowerCase())) continue
    const before = headers[name]
    headers[name] = before === undefined ? value : [before, value].flat()
  }
  return headers
}
