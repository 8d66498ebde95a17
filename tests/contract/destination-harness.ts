import { afterAll, beforeAll, beforeEach } from 'vitest'
import type {
  CrmRecord,
  Destination,
  Outcome,
  ReadRequest,
  WritePath,
  WriteRequest,
} from '../../runner/destination/destination.ts'
import { startTestEmulator, type TestEmulator } from '../support/emulator.ts'
import { NEVER } from '../support/open-for-test.ts'
import type { Subject } from './destination-subject.ts'

export interface Row {
  changeId: string
  id?: string
  values: Readonly<Record<string, string | null>>
}

export interface Harness {
  emulator: TestEmulator
  destination: Destination
  request(path: WritePath, rows: readonly Row[]): WriteRequest
  write(path: WritePath, rows: readonly Row[]): Promise<readonly Outcome[]>
  read(request: Omit<ReadRequest, 'object'>): Promise<CrmRecord[]>
  /** Requests in the journal. */
  requests(): Promise<number>
  /** The stored record with this key. */
  stored(key: string): Promise<Readonly<Record<string, unknown>> | undefined>
}

/** One emulator for the file; before each test a clean one with the subject's schema, an empty journal and no faults. */
export function useDestination(subject: Subject): () => Harness {
  let emulator: TestEmulator
  let destination: Destination
  beforeAll(async () => {
    emulator = await startTestEmulator()
  })
  afterAll(() => emulator.close())
  beforeEach(async () => {
    await emulator.control.reset()
    await emulator.control.clearFaults()
    await subject.prepare(emulator)
    destination = await subject.open(emulator)
    await emulator.control.clearJournal()
  })
  return () => harness({ subject, emulator, destination })
}

function harness(parts: { subject: Subject; emulator: TestEmulator; destination: Destination }): Harness {
  const { subject, emulator, destination } = parts
  const request = (path: WritePath, rows: readonly Row[]): WriteRequest => ({
    object: subject.object,
    path,
    ...(path === 'upsert' ? { matchField: subject.key } : {}),
    changes: rows.map((row) => ({ changeId: row.changeId, body: subject.fragment({ path, ...row }) })),
  })
  return {
    emulator,
    destination,
    request,
    write: async (path, rows) => (await destination.write(request(path, rows), NEVER)).outcomes,
    read: async (asked) => {
      const records: CrmRecord[] = []
      for await (const page of destination.read({ object: subject.object, ...asked }, NEVER)) records.push(...page)
      return records
    },
    requests: async () => (await emulator.control.journal()).length,
    stored: async (key) => (await subject.stored(emulator)).find((row) => row[subject.key] === key),
  }
}
