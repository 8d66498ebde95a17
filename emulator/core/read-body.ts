import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** Above what either CRM accepts in one request (Bulk uploads: 150 MB). */
export const MAX_BODY_BYTES = 256 * 1024 * 1024

export type BodyResult = { body: Buffer } | { problem: 'too large' | 'cut off' | 'bad encoding' }

export async function readBody(request: IncomingMessage): Promise<BodyResult> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length
      if (bytes > MAX_BODY_BYTES) return { problem: 'too large' }
      chunks.push(chunk as Buffer)
    }
  } catch {
    return { problem: 'cut off' }
  }
  return decoded(Buffer.concat(chunks), request.headers['content-encoding'])
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
