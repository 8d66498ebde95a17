import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** Above what either CRM accepts in one request (Bulk uploads: 150 MB). */
export const MAX_BODY_BYTES = 256 * 1024 * 1024

export interface ReadBodyOptions {
  /** Bodies of more bytes are hashed while they come in: they are too long to be kept for the journal. */
  hashAbove?: number
}

export type BodyResult =
  | { body: Buffer; sha256?: string | undefined }
  | { problem: 'too large' | 'cut off' | 'bad encoding' }

export async function readBody(request: IncomingMessage, options: ReadBodyOptions = {}): Promise<BodyResult> {
  const collector = new Collector(Number(request.headers['content-length'] ?? 0), options.hashAbove)
  try {
    for await (const chunk of request) {
      if (!collector.take(chunk as Buffer)) return { problem: 'too large' }
    }
  } catch {
    return { problem: 'cut off' }
  }
  const read = decoded(collector.bytes(), request.headers['content-encoding'])
  return 'problem' in read ? read : { ...read, sha256: collector.sha256() }
}

/** Into one block where the length was announced, so that a long upload is in memory once and not twice. */
class Collector {
  readonly #hashAbove: number
  #announced: Buffer | undefined
  #chunks: Buffer[] = []
  #length = 0
  #hash: Hash | undefined

  constructor(announcedBytes: number, hashAbove = Number.POSITIVE_INFINITY) {
    this.#hashAbove = hashAbove
    const fits = announcedBytes > 0 && announcedBytes <= MAX_BODY_BYTES
    if (fits) this.#announced = Buffer.allocUnsafeSlow(announcedBytes)
  }

  /** False when it is too much. */
  take(chunk: Buffer): boolean {
    const before = this.#length
    this.#length += chunk.length
    if (this.#length > MAX_BODY_BYTES) return false
    if (this.#announced === undefined) this.#chunks.push(chunk)
    else chunk.copy(this.#announced, before)
    if (this.#hash !== undefined) this.#hash.update(chunk)
    else if (this.#length > this.#hashAbove) this.#startHash()
    return true
  }

  bytes(): Buffer {
    if (this.#announced !== undefined) return this.#announced.subarray(0, this.#length)
    this.#announced = Buffer.concat(this.#chunks)
    this.#chunks = []
    return this.#announced
  }

  sha256(): string | undefined {
    return this.#hash?.digest('hex')
  }

  #startHash(): void {
    this.#hash = createHash('sha256')
    if (this.#announced !== undefined) this.#hash.update(this.#announced.subarray(0, this.#length))
    for (const chunk of this.#chunks) this.#hash.update(chunk)
  }
}

function decoded(body: Buffer, encoding: string | undefined): BodyResult {
  if (encoding === undefined || encoding === 'identity') return { body }
  if (encoding !== 'gzip') return { problem: 'bad encoding' }
  try {
    return { body: gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES }) }
  } catch {
    return { problem: 'bad encoding' }
  }
}
