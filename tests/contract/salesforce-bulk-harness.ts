import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type {
  BulkChange,
  BulkLoader,
  BulkReader,
  BulkRequest,
  BulkResult,
  BulkState,
  PreparedLoad,
} from '../../runner/destination/bulk.ts'
import type { Destination } from '../../runner/destination/destination.ts'
import { type Ports, systemPorts } from '../../runner/ports.ts'
import { startTestEmulator, type TestEmulator } from '../support/emulator.ts'
import { NEVER, openForTest } from '../support/open-for-test.ts'
import { ACCOUNT_FIELDS } from './emulator-support.ts'

export const UPSERT: BulkRequest = { object: 'Account', path: 'upsert', matchField: 'Customer_Id__c' }

const SHORT_MS = 10
/** Polls and waits before a retry are shorter than this, deadlines are not. */
const LONGEST_POLL_MS = 30_000

/** Real time, but polls and retries come at once. */
export function hastyPorts(): Ports {
  const ports = systemPorts()
  const sleep: Ports['clock']['sleep'] = (ms, signal) =>
    ports.clock.sleep(ms <= LONGEST_POLL_MS ? Math.min(ms, SHORT_MS) : ms, signal)
  return { ...ports, clock: { ...ports.clock, sleep } }
}

export type Bulk = BulkLoader & BulkReader

export interface Loaded {
  id: string
  load: PreparedLoad
  state: BulkState
  results: Map<string, BulkResult['outcome']>
}

export function bulkOf(destination: Destination): Bulk {
  if (destination.bulk === undefined) throw new TypeError('this destination loads nothing in bulk')
  return destination.bulk
}

/** A change whose payload is `members` behind the record type. */
export function change(changeId: string, members: Readonly<Record<string, unknown>>): BulkChange {
  const body = JSON.stringify({ attributes: { type: 'Account' }, ...members })
  return { changeId, body, payloadHash: createHash('md5').update(body).digest('hex') }
}

export async function* pages(changes: readonly BulkChange[], size = 500): AsyncIterable<readonly BulkChange[]> {
  for (let at = 0; at < changes.length; at += size) yield changes.slice(at, at + size)
}

export async function resultsOf(bulk: Bulk, job: Parameters<Bulk['results']>[0]): Promise<Loaded['results']> {
  const results: Loaded['results'] = new Map()
  for await (const page of bulk.results(job, NEVER)) {
    for (const { key, outcome } of page) {
      if (results.has(key)) throw new TypeError(`two results for ${key}`)
      results.set(key, outcome)
    }
  }
  return results
}

/** All steps of a job, as the sync layer makes them. */
export async function loadAll(bulk: Bulk, request: BulkRequest, changes: readonly BulkChange[]): Promise<Loaded> {
  const load = await bulk.prepare(request, pages(changes), NEVER)
  try {
    const id = await bulk.create(request, NEVER)
    await bulk.upload(id, load, NEVER)
    await bulk.close(id, NEVER)
    const state = await bulk.settled(id, NEVER)
    return { id, load, state, results: await resultsOf(bulk, { id, request, state }) }
  } finally {
    await load.discard()
  }
}

export interface BulkHarness {
  emulator: TestEmulator
  destination: Destination
  bulk: Bulk
  /** How the emulated jobs go. */
  configure(settings: object): Promise<void>
  /** Somebody else ends a job. */
  endJob(id: string, how: { state: 'Aborted' | 'Failed'; error_message?: string }): Promise<void>
}

/** One emulator per file; before each test a clean one with the fields of ACCOUNT_FIELDS. */
export function useBulk(): () => BulkHarness {
  let emulator: TestEmulator
  let destination: Destination
  beforeAll(async () => {
    emulator = await startTestEmulator()
  })
  afterAll(() => emulator.close())
  beforeEach(async () => {
    await emulator.control.reset()
    await emulator.control.clearFaults()
    await emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS)
    destination = await openForTest({
      type: 'salesforce',
      target: { emulator: true },
      emulatorUrl: emulator.url,
      ports: hastyPorts(),
    })
    await emulator.control.clearJournal()
  })
  return () => ({
    emulator,
    destination,
    bulk: bulkOf(destination),
    configure: (settings) => control(emulator, '', settings),
    endJob: (id, how) => control(emulator, `/jobs/${id}`, how),
  })
}

async function control(emulator: TestEmulator, path: string, body: object): Promise<void> {
  const answer = await fetch(`${emulator.controlUrl}/bulk/salesforce${path}`, {
    method: 'PUT',
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new TypeError(`bulk control: ${answer.status} ${await answer.text()}`)
}
