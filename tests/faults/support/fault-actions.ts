/** What may happen to one exchange. Each action says whether the request reaches the CRM; none changes what it would do with it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { pairs } from './fault-proxy.ts'

export type FaultAction =
  /** The connection is reset; the request goes nowhere. */
  | { kind: 'reset-before' }
  /** Applied; the client gets status and headers, then a reset. */
  | { kind: 'reset-after-headers' }
  /** Applied; the client gets nothing but a reset. */
  | { kind: 'drop-response-after-apply' }
  | { kind: 'delay'; ms: number; until?: 'request' | 'answer' }
  /** Goes on when `release()` of the proxy is called. Applied before the wait, or after it. */
  | { kind: 'hold-until-told'; applied: 'before' | 'after' }
  /** Applied; the announced length is whole, the bytes are not. */
  | { kind: 'truncate'; bytes: number }
  /** Applied; the first array of the answer loses or repeats its last element, or the text loses its last byte. */
  | { kind: 'corrupt-json'; how: 'pop' | 'repeat' | 'cut' }
  /** Not applied, unless `applied`. */
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string; applied?: boolean }
  | { kind: 'redirect'; to: string; status?: 301 | 302 | 303 | 307 | 308 }
  /** The CRM gets it twice, as from a proxy that repeats; the client sees the second answer. */
  | { kind: 'duplicate-delivery' }
  /** Applied; the answer comes a few bytes at a time. */
  | { kind: 'slow-drip'; bytesPerSecond: number }
  /** Never an answer. */
  | { kind: 'blackhole'; applied: boolean }
  /** Calls back at that moment, then lets the exchange go on: a place to kill a process, or to change the CRM. */
  | { kind: 'tell'; when: 'before' | 'applied'; call: () => void | Promise<void> }

export interface Exchange {
  incoming: IncomingMessage
  out: ServerResponse
  released: Promise<void>
  /** May be called several times when it is given the body. */
  forward: (body?: Buffer) => Promise<IncomingMessage>
}

export async function withFault(action: FaultAction | undefined, exchange: Exchange): Promise<void> {
  const { incoming, out, forward, released } = exchange
  switch (action?.kind) {
    case undefined:
      return pass(await forward(), out)
    case 'reset-before':
      return reset(incoming)
    case 'reset-after-headers':
      return resetAfterHeaders(await forward(), exchange)
    case 'drop-response-after-apply':
      await bytesOf(await forward())
      return reset(incoming)
    case 'delay':
      return delayed(action, exchange)
    case 'hold-until-told':
      return held(action, exchange)
    case 'truncate':
      return truncate(await forward(), exchange, action.bytes)
    case 'corrupt-json':
      return corrupt(await forward(), exchange, action.how)
    case 'status':
      if (action.applied === true) await bytesOf(await forward())
      else await bytesOf(incoming)
      out.writeHead(action.status, action.headers).end(action.body ?? '')
      return
    case 'redirect':
      await bytesOf(incoming)
      out.writeHead(action.status ?? 307, { location: action.to, 'content-length': '0' }).end()
      return
    case 'duplicate-delivery':
      return duplicate(exchange)
    case 'slow-drip':
      return drip(await forward(), exchange, action.bytesPerSecond)
    case 'blackhole':
      await (action.applied ? forward().then(bytesOf) : bytesOf(incoming))
      return released
    case 'tell':
      return tell(action, exchange)
  }
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** RST, not FIN: the client must not take it for the end of an answer. */
function reset(incoming: IncomingMessage): void {
  incoming.socket.resetAndDestroy()
}

function head(answer: IncomingMessage, out: ServerResponse, length?: number): void {
  const { 'Transfer-Encoding': _, 'transfer-encoding': __, ...plain } = pairs(answer.rawHeaders)
  const headers = length === undefined ? pairs(answer.rawHeaders) : { ...plain, 'content-length': String(length) }
  out.sendDate = false
  out.writeHead(answer.statusCode ?? 502, answer.statusMessage, headers)
}

function pass(answer: IncomingMessage, out: ServerResponse): void {
  head(answer, out)
  // An answer that breaks off upstream breaks off here too.
  answer.on('aborted', () => out.destroy())
  answer.pipe(out)
}

async function resetAfterHeaders(answer: IncomingMessage, { incoming, out }: Exchange): Promise<void> {
  await bytesOf(answer)
  head(answer, out)
  out.flushHeaders()
  // A reset overtakes bytes that are still on their way out.
  await wait(50)
  reset(incoming)
}

async function delayed(
  { ms, until = 'request' }: Extract<FaultAction, { kind: 'delay' }>,
  { incoming, out, forward }: Exchange,
): Promise<void> {
  if (until === 'answer') {
    const answer = await forward()
    await wait(ms)
    return pass(answer, out)
  }
  const body = await bytesOf(incoming)
  await wait(ms)
  return pass(await forward(body), out)
}

async function held(
  { applied }: Extract<FaultAction, { kind: 'hold-until-told' }>,
  { incoming, out, forward, released }: Exchange,
): Promise<void> {
  const body = await bytesOf(incoming)
  if (applied === 'after') await released
  const answer = await forward(body)
  if (applied === 'before') await released
  pass(answer, out)
}

async function truncate(answer: IncomingMessage, { incoming, out }: Exchange, bytes: number): Promise<void> {
  const body = await bytesOf(answer)
  head(answer, out, body.length)
  out.write(body.subarray(0, bytes))
  await wait(50)
  incoming.socket.destroy()
}

async function corrupt(answer: IncomingMessage, { out }: Exchange, how: 'pop' | 'repeat' | 'cut'): Promise<void> {
  const text = (await bytesOf(answer)).toString('utf8')
  const changed = how === 'cut' ? text.slice(0, -1) : JSON.stringify(withOtherLength(JSON.parse(text), how))
  const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers
  out.writeHead(answer.statusCode ?? 502, { ...headers, 'content-length': Buffer.byteLength(changed) }).end(changed)
}

/** The answer itself, or its first member that is an array. */
function withOtherLength(answer: unknown, how: 'pop' | 'repeat'): unknown {
  if (Array.isArray(answer)) return how === 'pop' ? answer.slice(0, -1) : [...answer, answer.at(-1)]
  if (typeof answer !== 'object' || answer === null) return answer
  const name = Object.entries(answer).find(([, value]) => Array.isArray(value))?.[0]
  return name === undefined ? answer : { ...answer, [name]: withOtherLength(Reflect.get(answer, name), how) }
}

async function duplicate({ incoming, out, forward }: Exchange): Promise<void> {
  const body = await bytesOf(incoming)
  await bytesOf(await forward(body))
  pass(await forward(body), out)
}

async function drip(answer: IncomingMessage, { out }: Exchange, bytesPerSecond: number): Promise<void> {
  const body = await bytesOf(answer)
  head(answer, out)
  const piece = Math.max(1, Math.floor(bytesPerSecond / 10))
  for (let from = 0; from < body.length && !out.destroyed; from += piece) {
    out.write(body.subarray(from, from + piece))
    await wait(100)
  }
  out.end()
}

async function tell(
  { when, call }: Extract<FaultAction, { kind: 'tell' }>,
  { incoming, out, forward }: Exchange,
): Promise<void> {
  const body = await bytesOf(incoming)
  if (when === 'before') await call()
  const answer = await forward(body)
  if (when === 'applied') await call()
  pass(answer, out)
}
