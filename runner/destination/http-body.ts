/** Bodies that are too large to be a string, on their way through fetch. */
import type { Clock } from '../ports.ts'
import { toCallFailure } from './call-failure.ts'
import { withDeadline } from './deadline.ts'
import type { FileBody, RawAnswer, RawRequest } from './raw-answer.ts'

/** Between two pieces of an answer; a CRM that is busy preparing a download pauses for seconds, a dead connection forever. */
const SILENCE_MS = 120_000

export interface SentBody {
  body?: string | ReadableStream<Uint8Array>
  'content-length'?: string
}

/** A stream without its length would go out in chunks, and the CRM could not tell a cut file from a whole one. */
export function sentBody(body: string | FileBody | undefined): SentBody {
  if (body === undefined) return {}
  if (typeof body === 'string') return { body }
  return { body: ReadableStream.from(body.open()), 'content-length': String(body.bytes) }
}

export async function receiveAnswer(response: Response, request: RawRequest, clock: Clock): Promise<RawAnswer> {
  const { status, body } = response
  const headers = Object.fromEntries(response.headers)
  const asked = request.streamed !== undefined && (headers['content-type'] ?? '').startsWith(request.streamed)
  if (status !== 200 || !asked || body === null) return { status, headers, text: await response.text() }
  return { status, headers, text: '', chunks: receivedChunks(body, { clock, ms: SILENCE_MS, signal: request.signal }) }
}

/** Throws CallFailure when the body is cut short: fetch compares it with Content-Length or the last chunk. */
async function* receivedChunks(
  body: ReadableStream<Uint8Array>,
  deadline: Parameters<typeof withDeadline>[0],
): AsyncIterable<Uint8Array> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await withDeadline(deadline, () => reader.read())
      if (done) return
      yield value
    }
  } catch (error) {
    throw toCallFailure(error)
  } finally {
    await reader.cancel().catch(() => {})
  }
}
