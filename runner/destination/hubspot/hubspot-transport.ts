/**
 * The only file that knows @hubspot/api-client, and only its apiRequest(): the typed methods drop errors of a 200,
 * repeat creates after a 5xx, and have no deadline. Its retries and its limiter belong to the process, not to a client:
 * every client constructed sets them for all, so ours sets none and carries no token; each request brings its own.
 */
import type { Client } from '@hubspot/api-client'
import type { Ports } from '../../ports.ts'
import { CallFailure, toCallFailure } from '../call-failure.ts'
import { withDeadline } from '../deadline.ts'
import type { RawAnswer, RawRequest, Transport } from '../raw-answer.ts'
import type { HubspotLogin } from './hubspot-login.ts'

const DEADLINE_MS = 60_000
/**
 * The client's fetch never learns that a connection closed in the middle of a body of announced length; it waits. So a
 * body that brings nothing for this long is taken as cut off.
 */
const BODY_IDLE_MS = 10_000
const UNAUTHORIZED = 401

export interface HubspotTransportOptions {
  /** Origin, without trailing slash. */
  baseUrl: string
  login: HubspotLogin
  /** Sent as User-Agent. */
  clientTag: string
  ports: Pick<Ports, 'clock'>
}

type ApiResponse = Awaited<ReturnType<Client['apiRequest']>>

export function hubspotTransport(options: HubspotTransportOptions): Transport {
  const { login, ports } = options
  const calls = { reads: 0, writes: 0 }
  let client: Promise<Client> | undefined

  async function exchange(hubspot: Client, request: RawRequest, token: string): Promise<RawAnswer> {
    const response = await hubspot.apiRequest({
      method: request.method,
      path: request.path,
      // The body is sent as it is: JSON.stringify would quote it again.
      defaultJson: false,
      headers: {
        'Content-Type': 'application/json',
        Connection: 'keep-alive',
        // Inflating costs more than a third of a batch's CPU, and only a plain body of announced length shows that it was cut.
        'Accept-Encoding': 'identity',
        'User-agent': options.clientTag,
        ...request.headers,
        Authorization: `Bearer ${token}`,
      },
      ...(request.body === undefined ? {} : { body: request.body }),
    })
    if (isRedirect(response.status)) throw new CallFailure('E-CRM-REDIRECT', 'unknown')
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text: await readBody(response, ports.clock),
    }
  }

  async function attempt(hubspot: Client, request: RawRequest, token: string): Promise<RawAnswer> {
    if (request.purpose === 'read') calls.reads += 1
    else calls.writes += 1
    const deadline = { clock: ports.clock, ms: request.deadlineMs ?? DEADLINE_MS, signal: request.signal }
    try {
      return await withDeadline(deadline, () => exchange(hubspot, request, token))
    } catch (error) {
      throw toCallFailure(error)
    }
  }

  return {
    calls,
    host: () => new URL(options.baseUrl).host,
    async send(request) {
      // Neither loading the library nor a login is part of the call: they take no time from the deadline.
      client ??= open(options)
      const hubspot = await client
      const token = await login.token(request.signal)
      const answer = await attempt(hubspot, request, token)
      if (answer.status !== UNAUTHORIZED || login.renew === undefined) return answer
      // A 401 is decided before anything is applied, so the one replay is safe for writes too.
      return attempt(hubspot, request, await login.renew(token, request.signal))
    },
    async close() {},
  }
}

async function open(options: HubspotTransportOptions): Promise<Client> {
  const { Client } = await import('@hubspot/api-client')
  await refuseRedirects()
  return new Client({ basePath: options.baseUrl, numberOfApiCallRetries: 0 })
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400

let refusing: Promise<void> | undefined

/**
 * The client would follow a redirect and take the rows along to wherever it points, and has no setting against that. Its one sender
 * is told once for the process.
 */
function refuseRedirects(): Promise<void> {
  refusing ??= tellSender()
  return refusing
}

async function tellSender(): Promise<void> {
  const { HttpClient } = await import('@hubspot/api-client/lib/src/services/http/HttpClient.js')
  const { send } = HttpClient
  HttpClient.send = (request) => {
    const sendData = request.getSendData()
    request.getSendData = () => ({ ...sendData, redirect: 'manual' })
    return send(request)
  }
}

async function readBody(response: ApiResponse, clock: Ports['clock']): Promise<string> {
  const chunks: Buffer[] = []
  const iterator = response.body[Symbol.asyncIterator]()
  for (;;) {
    const timer = new AbortController()
    const idle = clock.sleep(BODY_IDLE_MS, timer.signal).then(() => {
      throw new CallFailure('TRUNCATED', 'unknown')
    })
    const step = await Promise.race([iterator.next(), idle]).finally(() => timer.abort())
    if (step.done === true) return Buffer.concat(chunks).toString('utf8')
    chunks.push(Buffer.from(step.value))
  }
}
