import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { type Call, useEmulator } from './emulator-support.ts'

const emulator = useEmulator()
const post: Call = { method: 'POST', body: { Name: 'x' } }
const create = () => emulator.api('/sobjects/Account', post)
const stored = async () => (await emulator.control.records('salesforce', 'Account')).length
const fault = emulator.plane.bind(emulator, '/faults')

describe('what a fault does', () => {
  test('status: answered instead of applied, in the words of the CRM', async () => {
    await emulator.control.addFault({ match: { crm: 'salesforce', method: 'post' }, action: { status: 503 } })
    expect(await create()).toMatchObject({ status: 503, body: [{ errorCode: 'SERVER_UNAVAILABLE' }] })
    expect(await stored()).toBe(0)
    const [entry] = await emulator.control.journal()
    expect(entry).toMatchObject({ status: 503, fault: { status: 503 } })
  })

  test('status with headers and body: sent as given, html as html', async () => {
    const action = { status: 503, headers: { 'Retry-After': '7' }, body: '<html>down</html>' }
    await emulator.control.addFault({ match: { path: '/services/data' }, action })
    const answer = await emulator.raw('/services/data')
    expect(answer).toMatchObject({ status: 503, text: '<html>down</html>' })
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
    expect(answer.headers.get('retry-after')).toBe('7')
  })

  test('hubspot gets its own words', async () => {
    await emulator.control.addFault({ match: { crm: 'hubspot' }, action: { status: 429 } })
    expect(await emulator.raw('/crm/v3/objects/contacts')).toMatchObject({
      status: 429,
      body: { status: 'error', category: 'RATE_LIMITS' },
    })
  })

  test('reset_before: the socket dies and nothing is applied', async () => {
    await emulator.control.addFault({
      match: { path: '/services/data/v66.0/sobjects' },
      action: { reset_before: true },
    })
    await expect(create()).rejects.toThrow('fetch failed')
    expect(await stored()).toBe(0)
    expect(await emulator.control.journal()).toMatchObject([
      { status: null, response: null, fault: { reset_before: true } },
    ])
  })

  test('drop_after_apply: the socket dies and all is applied', async () => {
    await emulator.control.addFault({ match: { method: 'POST' }, action: { drop_after_apply: true } })
    await expect(create()).rejects.toThrow('fetch failed')
    expect(await stored()).toBe(1)
    expect(await emulator.control.journal()).toMatchObject([{ status: 201, response: { success: true } }])
  })

  test('truncate_bytes: applied, the first bytes arrive, then the socket dies', async () => {
    await emulator.control.addFault({ match: { method: 'POST' }, action: { truncate_bytes: 12 } })
    await expect(create()).rejects.toThrow()
    expect(await stored()).toBe(1)
    const received = await rawExchange(
      'POST /services/data/v66.0/sobjects/Account HTTP/1.1\r\nhost: x\r\nauthorization: Bearer x\r\ncontent-length: 12\r\n\r\n{"Name":"x"}',
    )
    const [head = '', body] = received.split('\r\n\r\n')
    expect(Number(/content-length: (\d+)/i.exec(head)?.[1])).toBeGreaterThan(40)
    expect(body).toBe('{"id":"0015g')
  })

  test('truncate_bytes: what is cut is the text, not a compressed stream', async () => {
    await emulator.control.addFault({
      match: { path: '/services/data/v66.0/sobjects' },
      action: { truncate_bytes: 20 },
    })
    const head = 'host: x\r\nauthorization: Bearer x\r\naccept-encoding: gzip'
    const received = await rawExchange(`GET /services/data/v66.0/sobjects/Account/describe HTTP/1.1\r\n${head}\r\n\r\n`)
    expect(received.split('\r\n\r\n')[1]).toBe('{"actionOverrides":[')
  })

  test('delay_ms: later, and with other actions', async () => {
    await emulator.control.addFault({ match: { method: 'POST', nth: 1 }, action: { delay_ms: 300 } })
    await emulator.control.addFault({ match: { method: 'POST', nth: 2 }, action: { delay_ms: 200, status: 500 } })
    const startedMs = performance.now()
    expect((await create()).status).toBe(201)
    expect(performance.now() - startedMs).toBeGreaterThan(290)
    expect((await create()).status).toBe(500)
    expect(performance.now() - startedMs).toBeGreaterThan(490)
  })

  test('a delayed request is applied although its caller has gone', async () => {
    await emulator.control.addFault({ match: { method: 'POST' }, action: { delay_ms: 150 } })
    const url = `${emulator.url}/services/data/v66.0/sobjects/Account`
    const init = {
      method: 'POST',
      body: '{"Name":"x"}',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    }
    await expect(fetch(url, { ...init, signal: AbortSignal.timeout(50) })).rejects.toThrow()
    await expect.poll(stored, { timeout: 5_000 }).toBe(1)
  })
})

describe('which requests it meets', () => {
  const statuses = async (paths: readonly string[]) => {
    const answers: number[] = []
    for (const path of paths) answers.push((await emulator.raw(path)).status)
    return answers
  }

  test('nth counts the requests that match, from 1; without it every one', async () => {
    await emulator.control.addFault({ match: { path: '/services/data', nth: 2 }, action: { status: 418 } })
    expect(await statuses(['/services/data', '/nope', '/services/data', '/services/data'])).toEqual([
      200, 404, 418, 200,
    ])
    await emulator.control.addFault({ match: { path: '/nope' }, action: { status: 500 } })
    expect(await statuses(['/nope', '/nope'])).toEqual([500, 500])
    await emulator.control.clearFaults()
    expect(await statuses(['/nope'])).toEqual([404])
  })

  test('a path is a prefix, query string included, or an expression', async () => {
    await fault({
      method: 'POST',
      body: [
        { match: { path: '/services/data/v' }, action: { status: 501 } },
        { match: { path: '/NOPE\\?x=\\d$/i' }, action: { status: 502 } },
      ],
    })
    expect(await statuses(['/services/data', '/services/data/v66.0/limits', '/nope?x=1', '/nope?x=a'])).toEqual([
      200, 501, 502, 404,
    ])
  })

  test('several faults on one request add up, the earlier one winning', async () => {
    await emulator.control.addFault([
      { match: { method: 'GET' }, action: { status: 500 } },
      { match: {}, action: { status: 501, delay_ms: 100 } },
    ])
    const startedMs = performance.now()
    expect(await statuses(['/services/data'])).toEqual([500])
    expect(performance.now() - startedMs).toBeGreaterThan(90)
  })
})

function rawExchange(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(emulator.url).port), '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
    socket.on('error', reject)
    socket.write(request)
  })
}
