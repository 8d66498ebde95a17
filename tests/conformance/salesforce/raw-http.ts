import { type IncomingHttpHeaders, request } from 'node:http'
import { request as requestTls } from 'node:https'

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  /** As it came over the wire: not inflated. */
  bytes: Buffer
}

export interface RawCall {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** Trusted certificate, PEM; https only. */
  ca?: string
}

/** One request on a connection of its own, with nothing added that fetch would: no inflating, no redirects, no URL clean-up. */
export function rawHttp(url: string, call: RawCall = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const [, scheme = '', host = '', port = '', path = '/'] = /^(https?):\/\/([^:/]+):(\d+)(\/.*)?$/.exec(url) ?? []
    const send = scheme === 'https' ? requestTls : request
    const trusted = call.ca === undefined ? {} : { ca: call.ca }
    const options = {
      host,
      port,
      path,
      method: call.method ?? 'GET',
      headers: call.headers ?? {},
      agent: false,
      ...trusted,
    }
    const out = send(options, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, bytes: Buffer.concat(chunks) }),
      )
    })
    out.on('error', reject)
    out.end(call.body)
  })
}
