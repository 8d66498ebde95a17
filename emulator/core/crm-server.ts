import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Crm, CrmRequest, CrmResponse } from './crm.ts'
import type { EmulatorState } from './emulator-state.ts'
import { faultBody } from './fault-body.ts'
import type { FaultAction } from './faults.ts'
import { MAX_KEPT_BODY_BYTES, type OmittedBody } from './journal.ts'
import { readBody } from './read-body.ts'
import { type Payload, payloadOf, type SendOptions, sendResponse } from './send-response.ts'

export interface CrmServerOptions {
  state: EmulatorState
  /** Told after every request that may have changed something. */
  onChange: () => void
  /** Aborted at close: delayed requests are then dropped, not applied. */
  signal: AbortSignal
}

interface Exchange {
  crm: Crm | undefined
  request: CrmRequest
  /** Path with query string, double slashes collapsed. */
  target: string
  out: ServerResponse
  fault: FaultAction | undefined
  /** Of a long body. */
  sha256: string | undefined
}

/** The listener of the CRM port: body, fault, apply, journal, answer. */
export function crmListener(options: CrmServerOptions): (request: IncomingMessage, out: ServerResponse) => void {
  return (incoming, out) => {
    void answer(options, incoming, out).catch(() => out.destroy())
  }
}

async function answer(options: CrmServerOptions, incoming: IncomingMessage, out: ServerResponse): Promise<void> {
  const { state } = options
  const hash = state.journal.keepsBodies ? { hashAbove: MAX_KEPT_BODY_BYTES } : {}
  const read = await readBody(incoming, hash)
  if ('problem' in read) return refuseBody(read.problem, out)
  const exchange = open(state, { incoming, out, ...read })
  const { fault } = exchange
  if (fault?.delay_ms !== undefined && !(await delayed(fault.delay_ms, options.signal))) return void out.destroy()
  const seq = state.journal.nextSeq()
  if (fault?.reset_before === true) {
    record(state, { exchange, seq, answered: undefined })
    return destroySocket(out)
  }
  const response = fault?.status === undefined ? apply(state, exchange, seq) : injected(exchange, fault)
  const payload = payloadOf(response.body)
  record(state, { exchange, seq, answered: { status: response.status, payload } })
  if (exchange.request.method !== 'GET' && fault?.status === undefined) options.onChange()
  if (fault?.drop_after_apply === true) return destroySocket(out)
  const headers = { headers: response.headers ?? {} }
  sendResponse(
    out,
    { status: response.status, ...headers, payload },
    { acceptEncoding: exchange.request.headers['accept-encoding'], ...deliveryOf(fault, payload) },
  )
}

function deliveryOf(fault: FaultAction | undefined, { byteLength }: Payload): Omit<SendOptions, 'acceptEncoding'> {
  if (fault === undefined) return {}
  const percent = fault.truncate_percent
  const bytes = percent === undefined ? fault.truncate_bytes : Math.floor((byteLength * percent) / 100)
  const cut = fault.end_cleanly === true ? { shortenBytes: bytes } : { truncateBytes: bytes }
  return { ...cut, bytesPerSecond: fault.bytes_per_second }
}

function keptBody(pieces: readonly Buffer[], byteLength: number, sha256?: string): Buffer | OmittedBody {
  if (byteLength > MAX_KEPT_BODY_BYTES) {
    return { omitted_bytes: byteLength, ...(sha256 === undefined ? {} : { sha256 }) }
  }
  const [only] = pieces
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces)
}

interface Incoming {
  incoming: IncomingMessage
  out: ServerResponse
  body: Buffer
  sha256?: string | undefined
}

function open(state: EmulatorState, from: Incoming): Exchange {
  const raw = from.incoming.url ?? '/'
  const cut = raw.indexOf('?')
  const path = (cut < 0 ? raw : raw.slice(0, cut)).replace(/\/{2,}/g, '/')
  const search = cut < 0 ? '' : raw.slice(cut)
  const crm = state.crms.find((one) => one.owns(path))
  const method = from.incoming.method ?? 'GET'
  const target = `${path}${search}`
  return {
    crm,
    target,
    out: from.out,
    sha256: from.sha256,
    request: {
      scheme: 'encrypted' in from.incoming.socket ? 'https' : 'http',
      method,
      path,
      query: new URLSearchParams(search),
      headers: flat(from.incoming),
      body: from.body,
    },
    fault: state.faults.take({ crm: crm?.name ?? null, method, path: target }),
  }
}

function flat(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

function apply(state: EmulatorState, exchange: Exchange, seq: number): CrmResponse {
  const { crm, request } = exchange
  if (crm === undefined) return unknownPath(request.path)
  try {
    return state.during(seq, () => crm.handle(request))
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { status: 500, body: `The emulator failed on this request: ${detail}` }
  }
}

function injected(exchange: Exchange, fault: FaultAction): CrmResponse {
  const status = fault.status ?? 500
  const body = fault.body === undefined ? faultBody(exchange.crm?.name ?? null, status) : fault.body
  return { status, headers: fault.headers ?? {}, body }
}

function record(
  state: EmulatorState,
  what: { exchange: Exchange; seq: number; answered: { status: number; payload: Payload } | undefined },
): void {
  const { exchange, answered } = what
  state.journal.add({
    seq: what.seq,
    timeMs: state.clock.nowMs(),
    crm: exchange.crm?.name ?? null,
    method: exchange.request.method,
    path: exchange.target,
    headers: exchange.request.headers,
    body: keptBody([exchange.request.body], exchange.request.body.length, exchange.sha256),
    status: answered?.status ?? null,
    response: answered === undefined ? null : keptBody(answered.payload.pieces, answered.payload.byteLength),
    ...(exchange.fault === undefined ? {} : { fault: exchange.fault }),
  })
}

function unknownPath(path: string): CrmResponse {
  return {
    status: 404,
    body: { status: 'error', message: `No CRM of this emulator answers ${path}`, category: 'OBJECT_NOT_FOUND' },
  }
}

function refuseBody(problem: 'too large' | 'cut off' | 'bad encoding', out: ServerResponse): void {
  if (problem === 'cut off') {
    destroySocket(out)
    return
  }
  const status = problem === 'too large' ? 413 : 415
  sendResponse(out, { status, payload: payloadOf(undefined) }, { acceptEncoding: undefined })
}

function destroySocket(out: ServerResponse): void {
  out.socket?.destroy()
}

function delayed(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = (): void => {
      clearTimeout(timer)
      resolve(false)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve(true)
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}
