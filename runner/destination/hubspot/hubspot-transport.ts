/**
 * The only file that knows @hubspot/api-client, and only its apiRequest(): the typed methods drop errors of a 200,
 * repeat creates after a 5xx, and have no deadline. Its retries and its limiter stay off.
 */
import type { Client } from '@hubspot/api-client'
import type { Clock } from '../../ports.ts'
import { CallFailure, toCallFailure } from '../call-failure.ts'
import { withDeadline } from '../deadline.ts'
import type { RawAnswer, RawRequest, Transport } from '../raw-answer.ts'

const DEADLINE_MS = 60_000
/**
 * The client's fetch never learns that a connection closed in the middle of a body of announced length; it waits. So a
 * body that brings nothing for this long is taken as cut off.
 */
const BODY_IDLE_MS = 10_000

export interface HubspotTransportOptions {
  /** Origin, without trailing slash. */
  baseUrl: string
  accessToken: string
  clock: Clock
}

type ApiResponse = Awaited<ReturnType<Client['apiRequest']>>

export function hubspotTransport(options: HubspotTransportOptions): Transport {
  const { clock } = options
  const calls = { reads: 0, writes: 0 }
  let client: Promise<Client> | undefined

  async function exchange(hubspot: Client, request: RawRequest): Promise<RawAnswer> {
    const response = await hubspot.apiRequest({
      method: request.method,
      path: request.path,
      // The body is sent as it is: JSON.stringify would quote it again.
      defaultJson: false,
      headers: { 'Content-Type': 'application/json', Connection: 'keep-alive', ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
    })
    if (response.redirected) throw new CallFailure('E-CRM-REDIRECT', 'unknown')
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text: await readBody(response, clock),
    }
  }

  return {
    calls,
    host: () => new URL(options.baseUrl).host,
    async send(request) {
      // Loading the library is no part of the call: it takes no time from the deadline.
      client ??= open(options)
      const hubspot = await client
      if (request.purpose === 'read') calls.reads += 1
      else calls.writes += 1
      try {
        return await withDeadline({ clock, ms: DEADLINE_MS, signal: request.signal }, () => exchange(hubspot, request))
      } catch (error) {
        throw toCallFailure(error)
      }
    },
    async close() {},
  }
}

async function open(options: HubspotTransportOptions): Promise<Client> {
  const { Client } = await import('@hubspot/api-client')
  return new Client({ accessToken: options.accessToken, basePath: options.baseUrl, numberOfApiCallRetries: 0 })
}

async function readBody(response: ApiResponse, clock: Clock): Promise<string> {
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
