/**
 * The only file that knows jsforce. jsforce's Connection keeps the session: it signs requests, renews the token once for
 * all callers, and repeats the request that met the 401. The socket below it is ours, because jsforce's own
 * repeats GET and PUT by itself, cannot be cancelled, and waits forever for the rest of a body that was cut short.
 */
import { PassThrough } from 'node:stream'
import type { Connection, HttpRequest, HttpResponse, Schema, StreamPromise } from 'jsforce'
import type { SessionRefreshFunc } from 'jsforce/lib/session-refresh-delegate.js'
import { invariant } from '../../errors.ts'
import type { Ports } from '../../ports.ts'
import { toCallFailure } from '../call-failure.ts'
import { withDeadline } from '../deadline.ts'
import { receiveAnswer, sentBody } from '../http-body.ts'
import type { RawAnswer, RawRequest, Transport } from '../raw-answer.ts'
import { callError } from './salesforce-errors.ts'
import type { SalesforceLogin } from './salesforce-login.ts'

/** Collections calls may run triggers for minutes; Salesforce itself gives up after ten. */
const DEADLINE_MS = 120_000
const UNAUTHORIZED = 401

export interface SalesforceTransportOptions {
  login: SalesforceLogin
  apiVersion: string
  /** Sent as `Sforce-Call-Options: client=…`. */
  clientTag: string
  ports: Ports
}

interface Opened {
  connection: Connection
  /** Why renewing the token failed, when it did; jsforce keeps only the text. */
  renewal: { failure?: unknown }
}

export function salesforceTransport(options: SalesforceTransportOptions): Transport {
  const calls = { reads: 0, writes: 0 }
  let opened: Promise<Opened> | undefined
  let host = options.login.host

  async function open(signal: AbortSignal): Promise<Opened> {
    const jsforce = await import('jsforce')
    const session = await options.login.open(signal)
    host = new URL(session.instanceUrl).host
    const renewal: Opened['renewal'] = {}
    const connection = new jsforce.Connection({
      ...session,
      version: options.apiVersion,
      callOptions: { client: options.clientTag },
      ...renewedBy(options, renewal),
    })
    return { connection, renewal }
  }

  return {
    calls,
    host: () => host,
    async send(request) {
      // A failed login is forgotten: the next call tries again.
      opened ??= open(request.signal).catch((error: unknown) => {
        opened = undefined
        throw error
      })
      return new Exchange({
        ...(await opened),
        request,
        ports: options.ports,
        clientTag: options.clientTag,
        calls,
      }).run()
    },
    async close() {},
  }
}

/** jsforce calls it once for all requests that met the same expired token. */
function renewedBy(
  { login, ports }: SalesforceTransportOptions,
  renewal: Opened['renewal'],
): { refreshFn?: SessionRefreshFunc<Schema> } {
  const { renew } = login
  if (renew === undefined) return {}
  const refreshFn: SessionRefreshFunc<Schema> = async (connection, done) => {
    try {
      const renewing = renew(new AbortController().signal)
      ports.crashPoints.at('CP28')
      const session = await renewing
      connection.instanceUrl = session.instanceUrl
      delete renewal.failure
      done(null, session.accessToken)
    } catch (error) {
      renewal.failure = error
      done(toCallFailure(error))
    }
  }
  return { refreshFn }
}

/** A new token would be refused like the old one: the app or the kind of session is wrong, not its age. */
const NOT_ITS_AGE = /not valid for use with the REST API|not attached to Agent/i

function hasExpired(answer: RawAnswer): boolean {
  const error = answer.status === UNAUTHORIZED ? callError(answer) : undefined
  return error?.code === 'INVALID_SESSION_ID' && !NOT_ITS_AGE.test(error.message)
}

interface ExchangeContext extends Opened {
  request: RawRequest
  ports: Ports
  clientTag: string
  calls: { reads: number; writes: number }
}

/** One request and, after a renewed token, its one replay. */
class Exchange {
  readonly #context: ExchangeContext
  #answer: RawAnswer | undefined
  #failure: unknown
  #attempts = 0

  constructor(context: ExchangeContext) {
    this.#context = context
  }

  async run(): Promise<RawAnswer> {
    const { connection, request, renewal, clientTag } = this.#context
    const { method, path, headers = {}, body } = request
    const httpRequest = {
      method,
      url: path,
      headers: { 'User-Agent': clientTag, ...headers },
      // A file goes past jsforce, which could not send it twice.
      ...(typeof body === 'string' ? { body } : {}),
    }
    try {
      await connection.request(httpRequest, {
        transport: { httpRequest: (signed: HttpRequest) => this.#forJsforce(signed) },
      })
    } catch (error) {
      if (this.#failure !== undefined) throw toCallFailure(this.#failure)
      if (this.#attempts === 1 && renewal.failure !== undefined) throw renewal.failure
      // What else jsforce makes an error of is an answer all the same.
      if (this.#answer === undefined) throw error
    }
    invariant(this.#answer !== undefined, 'jsforce sends what it is given')
    return this.#answer
  }

  /** jsforce gets the status it decides by and no body: parsing is ours, once. */
  #forJsforce(signed: HttpRequest): StreamPromise<HttpResponse> {
    const promise = this.#attempt(signed).then((answer) => {
      const renewable = this.#attempts === 1 && hasExpired(answer)
      return { statusCode: renewable ? UNAUTHORIZED : 204, headers: {}, body: renewable ? answer.text : '' }
    })
    return Object.assign(promise, { stream: () => new PassThrough() })
  }

  async #attempt(signed: HttpRequest): Promise<RawAnswer> {
    const { request, calls } = this.#context
    this.#attempts += 1
    if (request.purpose === 'read') calls.reads += 1
    else calls.writes += 1
    try {
      this.#answer = undefined
      this.#answer = await this.#fetch(signed.headers ?? {})
      return this.#answer
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  #fetch(signedHeaders: Readonly<Record<string, string>>): Promise<RawAnswer> {
    const { connection, request, ports } = this.#context
    // fetch counts the bytes itself and refuses a second opinion.
    const { 'content-length': _, ...headers } = signedHeaders
    const deadline = { clock: ports.clock, ms: request.deadlineMs ?? DEADLINE_MS, signal: request.signal }
    return withDeadline(deadline, async (signal) => {
      const { body, ...length } = sentBody(request.body)
      const response = await ports.http(connection.instanceUrl + request.path, {
        method: request.method,
        headers: { ...headers, ...length },
        redirect: 'manual',
        signal,
        ...(body === undefined ? {} : { body, duplex: 'half' }),
      })
      return receiveAnswer(response, request, ports.clock)
    })
  }
}
