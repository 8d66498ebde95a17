/** HubSpot refuses a batch as a whole: every good row of 100 goes out exactly once, in a bounded number of requests. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Change, Destination, Outcome } from '../../../runner/destination/destination.ts'
import { systemPorts } from '../../../runner/ports.ts'
import { NEVER, openForTest, realTarget } from '../../support/open-for-test.ts'
import { json, type StubServer, stubServer } from '../../support/stub-server.ts'

const ROWS = 100
const BAD = 'Nonsense-0815'
/** Of a window that this test does not want to wait for. */
const ROOM = { 'X-HubSpot-RateLimit-Max': '1000' }

let server: StubServer | undefined
afterEach(() => server?.close())

interface Input {
  objectWriteTraceId: string
  id: string
  properties: Record<string, string>
}

/** How the refusal tells what is wrong. */
type Telling = (bad: readonly Input[]) => object

const detail = (row: Input): object => ({
  isValid: false,
  message: `${row.properties.segment} was not one of the allowed options`,
  error: 'INVALID_OPTION',
  name: 'segment',
})
const refusal = (more: object): object => ({ status: 'error', category: 'VALIDATION_ERROR', message: 'm', ...more })

const TELLINGS: Record<string, Telling> = {
  'the message alone, one of the errors': (bad) =>
    refusal({ message: `Property values were not valid: ${JSON.stringify(bad.slice(0, 1).map(detail))}` }),
  'the message alone, all of them': (bad) =>
    refusal({ message: `Property values were not valid: ${JSON.stringify(bad.map(detail))}` }),
  nothing: () => refusal({ message: 'One or more values are wrong' }),
  'errors with trace ids': (bad) =>
    refusal({ context: { objectWriteTraceId: bad.map((row) => row.objectWriteTraceId) } }),
}

interface Crm {
  destination: Destination
  written: string[]
}

async function crm(telling: Telling): Promise<Crm> {
  const written: string[] = []
  server = await stubServer(({ body }, out) => {
    const { inputs }: { inputs: Input[] } = JSON.parse(body)
    const bad = inputs.filter(({ properties }) => properties.segment === BAD)
    if (bad.length > 0) return json(out, 400, telling(bad), ROOM)
    written.push(...inputs.map(({ id }) => id))
    json(out, 200, {
      status: 'COMPLETE',
      results: inputs.map(({ id, objectWriteTraceId }) => ({ id, objectWriteTraceId, properties: {} })),
    })
  })
  const target = realTarget('access_token', { base_url: server.url, access_token: 't' })
  return { destination: await openForTest({ type: 'hubspot', target, ports: systemPorts() }), written }
}

function changes(badRows: ReadonlySet<number>, value: (row: number) => string = () => 'power'): Change[] {
  return Array.from({ length: ROWS }, (_, row) => ({
    changeId: `c${row}`,
    body: JSON.stringify({
      objectWriteTraceId: `c${row}`,
      id: String(1_000 + row),
      properties: { segment: badRows.has(row) ? BAD : value(row) },
    }),
  }))
}

async function deliver({ destination }: Crm, batch: readonly Change[]): Promise<readonly Outcome[]> {
  return (await destination.write({ object: 'companies', path: 'update', changes: batch }, NEVER)).outcomes
}

/** Spread over the batch, never at its edges only. */
const spread = (count: number): ReadonlySet<number> =>
  new Set(Array.from({ length: count }, (_, index) => Math.floor(((index + 0.37) * ROWS) / count)))

describe.each(Object.entries(TELLINGS))('a refusal that tells %s', (telling, tell) => {
  /** Most requests that may be needed, by the number of bad rows. One by one it would be 101. */
  const BOUNDS: Record<string, Record<number, number>> = {
    'the message alone, one of the errors': { 1: 2, 2: 14, 5: 50, 100: 130 },
    'the message alone, all of them': { 1: 2, 2: 4, 5: 7, 100: 130 },
    nothing: { 1: 15, 2: 26, 5: 53, 100: 130 },
    'errors with trace ids': { 1: 2, 2: 2, 5: 2, 100: 1 },
  }

  test.each([1, 2, 5, 100])('%i bad of 100', async (count) => {
    const bad = spread(count)
    expect(bad.size).toBe(count)
    const portal = await crm(tell)
    const outcomes = await deliver(portal, changes(bad))
    expect(outcomes.map(({ status }) => status)).toEqual(
      Array.from({ length: ROWS }, (_, row) => (bad.has(row) ? 'rejected' : 'succeeded')),
    )
    const good = Array.from({ length: ROWS }, (_, row) => row).filter((row) => !bad.has(row))
    expect(portal.written.toSorted()).toEqual(good.map((row) => String(1_000 + row)).toSorted())
    expect(portal.destination.calls.writes).toBeLessThanOrEqual(BOUNDS[telling]?.[count] ?? 0)
    expect(JSON.stringify(outcomes)).not.toContain(BAD)
  })
})

test('a row that only seems to be meant is delivered all the same', async () => {
  // HubSpot quotes the bad value in a form of its own, and a good row happens to hold that text.
  const portal = await crm(() =>
    refusal({
      message: `Property values were not valid: ${JSON.stringify([{ message: 'odd was not one of the allowed options', error: 'INVALID_OPTION', name: 'segment' }])}`,
    }),
  )
  const outcomes = await deliver(
    portal,
    changes(new Set([42]), (row) => (row === 7 ? 'odd' : 'power')),
  )
  expect(outcomes.filter(({ status }) => status !== 'succeeded').map(({ changeId }) => changeId)).toEqual(['c42'])
  expect(portal.written).toHaveLength(99)
  expect(new Set(portal.written).size).toBe(99)
})

test('the reason of a row is its own, when a refusal lists those of several', async () => {
  server = await stubServer(({ body }, out) => {
    const { inputs }: { inputs: Input[] } = JSON.parse(body)
    const bad = inputs.filter(({ properties }) => properties.segment === BAD || properties.plan === BAD)
    const list = bad.map(({ properties }) => {
      const name = properties.segment === BAD ? 'segment' : 'plan'
      return { message: `${BAD} is bad`, error: name === 'plan' ? 'INVALID_LONG' : 'INVALID_OPTION', name }
    })
    if (list.length > 0)
      return json(out, 400, refusal({ message: `Property values were not valid: ${JSON.stringify(list)}` }))
    json(out, 200, {
      status: 'COMPLETE',
      results: inputs.map(({ id, objectWriteTraceId }) => ({ id, objectWriteTraceId })),
    })
  })
  const target = realTarget('access_token', { base_url: server.url, access_token: 't' })
  const destination = await openForTest({ type: 'hubspot', target, ports: systemPorts() })
  const row = (changeId: string, properties: object): Change => ({
    changeId,
    body: JSON.stringify({ objectWriteTraceId: changeId, id: changeId.slice(1), properties }),
  })
  const batch = [row('c1', { segment: BAD }), row('c2', { segment: 'power' }), row('c3', { plan: BAD })]
  const { outcomes } = await destination.write({ object: 'companies', path: 'update', changes: batch }, NEVER)
  expect(outcomes).toMatchObject([
    { changeId: 'c1', status: 'rejected', code: 'INVALID_OPTION', field: 'segment', reason: '… is bad' },
    { changeId: 'c2', status: 'succeeded' },
    { changeId: 'c3', status: 'rejected', code: 'INVALID_LONG', field: 'plan', reason: '… is bad' },
  ])
})
