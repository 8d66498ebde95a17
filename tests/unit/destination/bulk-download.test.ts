import { describe, expect, test } from 'vitest'
import { receiveAnswer } from '../../../runner/destination/http-body.ts'
import type { RawRequest } from '../../../runner/destination/raw-answer.ts'
import { type Clock, systemPorts } from '../../../runner/ports.ts'

const SILENCE_MS = 120_000
const real = systemPorts().clock

/** A clock on which two minutes pass in a tenth of a second. */
const FASTER = 1_200
const fast: Clock = {
  nowMs: () => real.nowMs(),
  monotonicMs: () => real.monotonicMs() * FASTER,
  sleep: (ms, signal) => real.sleep(ms / FASTER, signal),
}

interface Piece {
  text?: string
  afterMs?: number
}

/** A body whose pieces come when they come; without an end it stays open. */
function response(pieces: readonly Piece[], end = true): Response {
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (const { text, afterMs = 0 } of pieces) {
        await real.sleep(afterMs)
        if (text !== undefined) controller.enqueue(Buffer.from(text))
      }
      if (end) controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/csv; charset=UTF-8' } })
}

async function read(from: Response, signal = new AbortController().signal, pauseMs = 0): Promise<string> {
  const request: RawRequest = { purpose: 'read', method: 'GET', path: '/', streamed: 'text/csv', signal }
  const { chunks } = await receiveAnswer(from, request, fast)
  if (chunks === undefined) throw new TypeError('not streamed')
  let text = ''
  for await (const chunk of chunks) {
    text += Buffer.from(chunk).toString()
    await real.sleep(pauseMs)
  }
  return text
}

describe('a streamed answer', () => {
  test('comes whole', async () => {
    expect(await read(response([{ text: 'a' }, { text: 'b', afterMs: 20 }]))).toBe('ab')
  })

  test('may take longer in all than it may be silent', async () => {
    const pieces = Array.from({ length: 8 }, () => ({ text: 'x', afterMs: (SILENCE_MS / FASTER) * 0.4 }))
    expect(await read(response(pieces))).toBe('x'.repeat(8))
  })

  test('waits for a slow reader', async () => {
    expect(await read(response([{ text: 'a' }, { text: 'b' }]), undefined, (SILENCE_MS / FASTER) * 2)).toBe('ab')
  })

  test('that falls silent is no answer', async () => {
    await expect(read(response([{ text: 'a' }], false))).rejects.toMatchObject({
      code: 'TIMEOUT',
      certainty: 'unknown',
    })
  })

  test('ends with the run', async () => {
    const stop = new AbortController()
    const reading = read(response([{ text: 'a' }], false), stop.signal)
    await real.sleep(20)
    stop.abort()
    await expect(reading).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('of another type is read whole', async () => {
    const request: RawRequest = {
      purpose: 'read',
      method: 'GET',
      path: '/',
      streamed: 'text/csv',
      signal: new AbortController().signal,
    }
    const html = new Response('<html>', { headers: { 'content-type': 'text/html' } })
    expect(await receiveAnswer(html, request, fast)).toMatchObject({ status: 200, text: '<html>' })
  })
})
