import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { BodyPieces } from './body-pieces.ts'
import type { CrmResponse } from './crm.ts'

const GZIP_FROM_BYTES = 2_048
const GZIP_AT_ONCE_BYTES = 1 << 20
const SLICES_PER_SECOND = 20

export interface Payload {
  /** One piece, but for long results. */
  pieces: readonly Buffer[]
  byteLength: number
  contentType: string | undefined
  /** Compressed for those who ask from this length on: Salesforce compresses result files whatever their length. */
  gzipFromBytes: number
}

/** A string, bytes or BodyPieces as they are, anything else as JSON, undefined as nothing. */
export function payloadOf(body: unknown): Payload {
  if (body === undefined) return { pieces: [], byteLength: 0, contentType: undefined, gzipFromBytes: GZIP_FROM_BYTES }
  if (body instanceof BodyPieces) {
    return { pieces: body.pieces, byteLength: body.byteLength, contentType: body.contentType, gzipFromBytes: 1 }
  }
  if (Buffer.isBuffer(body)) return single(body, 'application/octet-stream')
  if (typeof body === 'string') {
    const contentType = body.trimStart().startsWith('<') ? 'text/html;charset=UTF-8' : 'text/plain;charset=UTF-8'
    return single(Buffer.from(body), contentType)
  }
  return single(Buffer.from(JSON.stringify(body)), 'application/json;charset=UTF-8')
}

export interface SendOptions {
  acceptEncoding: string | undefined
  /** Announce all, send this many bytes, destroy the socket. */
  truncateBytes?: number | undefined
  /** End the answer after so many bytes as if that were all of it, with no length announced. */
  shortenBytes?: number | undefined
  /** Send no faster than this. */
  bytesPerSecond?: number | undefined
}

/** Sends the answer. Returns nothing about delivery: a server never knows. */
export function sendResponse(
  out: ServerResponse,
  response: Omit<CrmResponse, 'body'> & { payload: Payload },
  options: SendOptions,
): void {
  const { payload, status } = response
  const headers: Record<string, string | number> = { ...lowerCased(response.headers ?? {}) }
  if (payload.contentType !== undefined && headers['content-type'] === undefined) {
    headers['content-type'] = payload.contentType
  }
  // A cut through compressed bytes would be a broken gzip stream, not the cut JSON the fault asks for.
  const whole = options.truncateBytes === undefined && options.shortenBytes === undefined
  const zip = whole && payload.byteLength >= payload.gzipFromBytes && /\bgzip\b/.test(options.acceptEncoding ?? '')
  if (zip) headers['content-encoding'] = 'gzip'
  const hasLength = status !== 204 && status !== 304 && options.shortenBytes === undefined
  const streamed = payload.byteLength > GZIP_AT_ONCE_BYTES || !whole || options.bytesPerSecond !== undefined
  if (streamed) {
    if (hasLength && !zip) headers['content-length'] = payload.byteLength
    out.writeHead(status, headers)
    stream(out, payload, { ...options, zip })
    return
  }
  const bytes = payload.pieces.length === 1 ? (payload.pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(payload.pieces)
  const sent = zip ? gzipSync(bytes, { level: 1 }) : bytes
  if (hasLength) headers['content-length'] = sent.length
  out.writeHead(status, headers)
  out.end(sent)
}

function stream(out: ServerResponse, payload: Payload, options: SendOptions & { zip: boolean }): void {
  const limit = options.truncateBytes ?? options.shortenBytes ?? Number.POSITIVE_INFINITY
  const plain = Readable.from(cut(payload.pieces, limit), { objectMode: false })
  const body = options.zip ? plain.pipe(createGzip({ level: 1 })) : plain
  void deliver(out, body, options).catch(() => out.destroy())
}

async function deliver(out: ServerResponse, body: AsyncIterable<Buffer>, options: SendOptions): Promise<void> {
  out.flushHeaders()
  for await (const piece of body) {
    if (out.destroyed) return
    await write(out, piece, options.bytesPerSecond)
  }
  if (options.truncateBytes === undefined) out.end()
  else out.socket?.destroySoon()
}

async function write(out: ServerResponse, piece: Buffer, bytesPerSecond: number | undefined): Promise<void> {
  const size = bytesPerSecond === undefined ? piece.length : Math.max(1, Math.floor(bytesPerSecond / SLICES_PER_SECOND))
  for (let from = 0; from < piece.length && !out.destroyed; from += size) {
    await drained(out, piece.subarray(from, from + size))
    if (bytesPerSecond !== undefined) await wait(1000 / SLICES_PER_SECOND)
  }
}

function drained(out: ServerResponse, bytes: Buffer): Promise<void> {
  if (out.write(bytes)) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      out.off('drain', done)
      out.off('close', done)
      resolve()
    }
    out.on('drain', done)
    out.on('close', done)
  })
}

function* cut(pieces: readonly Buffer[], limit: number): IterableIterator<Buffer> {
  let left = limit
  for (const piece of pieces) {
    if (left <= 0) return
    yield piece.length <= left ? piece : piece.subarray(0, left)
    left -= piece.length
  }
}

function single(bytes: Buffer, contentType: string): Payload {
  return { pieces: [bytes], byteLength: bytes.length, contentType, gzipFromBytes: GZIP_FROM_BYTES }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
