/** Bodies that are too large to be a string, on their way through fetch. */
import type { Clock } from '../ports.ts'
import { CallFailure, toCallFailure } from './call-failure.ts'
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

interface Silence {
  clock: Clock
  ms: number
  /** Of the run. */
  signal: AbortSignal
}

/** Throws CallFailure when the body is cut short: fetch compares it with Content-Length or the last chunk. */
async function* receivedChunks(body: ReadableStream<Uint8Array>, silence: Silence): AsyncIterable<Uint8Array> {
  const watched = new WatchedReader(body, silence)
  try {
    for (let chunk = await watched.read(); chunk !== undefined; chunk = await watched.read()) yield chunk
  } catch (error) {
    throw toCallFailure(error)
  } finally {
    await watched.close()
  }
}

/** One timer for the whole body: a deadline per chunk costs more than reading it. Whoever reads may take any time. */
class WatchedReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #silence: Silence
  readonly #ended = new AbortController()
  #failure: CallFailure | undefined
  #waitingSinceMs: number | undefined

  constructor(body: ReadableStream<Uint8Array>, silence: Silence) {
    this.#reader = body.getReader()
    this.#silence = silence
    const { signal } = this.#ended
    silence.signal.addEventListener('abort', () => this.#cut('ABORTED'), { once: true, signal })
    if (silence.signal.aborted) this.#cut('ABORTED')
    // Ends with the sleep that closing interrupts.
    this.#watch().catch(() => {})
  }

  async read(): Promise<Uint8Array | undefined> {
    this.#waitingSinceMs = this.#silence.clock.monotonicMs()
    const { value } = await this.#reader.read()
    this.#waitingSinceMs = undefined
    if (this.#failure !== undefined) throw this.#failure
    return value
  }

  async close(): Promise<void> {
    this.#ended.abort()
    await this.#reader.cancel().catch(() => {})
  }

  async #watch(): Promise<void> {
    const { clock, ms } = this.#silence
    for (let waitMs = ms; waitMs > 0; ) {
      await clock.sleep(waitMs, this.#ended.signal)
      waitMs = ms - (clock.monotonicMs() - (this.#waitingSinceMs ?? clock.monotonicMs()))
    }
    this.#cut('TIMEOUT')
  }

  /** A cancelled reader answers "done" to whoever waits; the failure says why. */
  #cut(code: string): void {
    this.#failure ??= new CallFailure(code, 'unknown')
    this.#reader.cancel().catch(() => {})
  }
}
