import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { BodyPieces } from './body-pieces.ts'
import type { CrmResponse } from './crm.ts'

const GZIP_FROM_BYTES = 2_048

export interface Payload {
  bytes: Buffer
  contentType: string | undefined
}

/** A string or bytes as they are, anything else as JSON, undefined as nothing. */
export function payloadOf(body: unknown): Payload {
  if (body === undefined) return { bytes: Buffer.alloc(0), contentType: undefined }
  if (body instanceof BodyPieces) return { bytes: Buffer.concat(body.pieces), contentType: body.contentType }
  if (Buffer.isBuffer(body)) return { bytes: body, contentType: 'application/octet-stream' }
  if (typeof body === 'string') {
    const contentType = body.trimStart().startsWith('<') ? 'text/html;charset=UTF-8' : 'text/plain;charset=UTF-8'
    return { bytes: Buffer.from(body), contentType }
  }
  return { bytes: Buffer.from(JSON.stringify(body)), contentType: 'application/json;charset=UTF-8' }
}

export interface SendOptions {
  acceptEncoding: string | undefined
  /** Announce all, send this many bytes, destroy the socket. */
  truncateBytes?: number | undefined
}

/** Sends the answer. Returns nothing about delivery: a server never knows. */
export function sendResponse(
  out: ServerResponse,
  response: Omit<CrmResponse, 'body'> & { payload: Payload },
  options: SendOptions,
): void {
  const { payload } = response
  const headers: Record<string, string | number> = { ...lowerCased(response.headers ?? {}) }
  if (payload.contentType !== undefined && headers['content-type'] === undefined) {
    headers['content-type'] = payload.contentType
  }
  // A cut through compressed bytes would be a broken gzip stream, not the cut JSON the fault asks for.
  const cut = options.truncateBytes
  const zip =
    cut === undefined && payload.bytes.length >= GZIP_FROM_BYTES && /\bgzip\b/.test(options.acceptEncoding ?? '')
  const bytes = zip ? gzipSync(payload.bytes, { level: 1 }) : payload.bytes
  if (zip) headers['content-encoding'] = 'gzip'
  if (response.status !== 204 && response.status !== 304) headers['content-length'] = bytes.length
  out.writeHead(response.status, headers)
  if (cut === undefined) {
    out.end(bytes)
    return
  }
  out.flushHeaders()
  out.write(bytes.subarray(0, cut), () => out.socket?.destroySoon())
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
