import { ControlError, type CrmName, type RecordVersion } from './crm.ts'
import type { Fault } from './faults.ts'
import type { JournalEntry } from './journal.ts'

type Row = Record<string, unknown>

/** Typed calls of the control plane, for tests, the demo and rehearsals. Each throws ControlError with the status of a refusal. */
export interface ControlClient {
  records(crm: CrmName, object: string): Promise<Row[]>
  /** Ids in the order of the rows. */
  putRecords(crm: CrmName, object: string, rows: readonly Row[]): Promise<string[]>
  journal(): Promise<JournalEntry[]>
  clearJournal(): Promise<void>
  history(crm: CrmName, object: string, id: string): Promise<RecordVersion[]>
  schema(crm: CrmName, object: string): Promise<Row>
  putSchema(crm: CrmName, object: string, schema: unknown): Promise<void>
  policies(crm: CrmName): Promise<Row>
  /** Merges; null removes. The policies after. */
  putPolicies(crm: CrmName, policies: unknown): Promise<Row>
  clearPolicies(crm: CrmName): Promise<void>
  /** One act of an administrator, such as `expire-tokens`. */
  act(crm: CrmName, name: string, input?: unknown): Promise<unknown>
  /** How bulk jobs go: what is named changes. The settings after. */
  bulkSettings(crm: CrmName, settings: unknown): Promise<Row>
  bulkJobs(crm: CrmName): Promise<Row[]>
  /** Ends a job as somebody else would: `{ state: 'Aborted' | 'Failed', error_message? }`. */
  endBulkJob(crm: CrmName, id: string, end: unknown): Promise<Row>
  addFault(fault: Fault | readonly Fault[]): Promise<void>
  clearFaults(): Promise<void>
  /** The new virtual time, ISO 8601. */
  advanceClock(ms: number): Promise<string>
  reset(): Promise<void>
}

export function controlClient(controlUrl: string): ControlClient {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    const response = await fetch(`${controlUrl}${path}`, init)
    const answer: unknown = await response.json()
    if (!response.ok) throw new ControlError(response.status, `${method} ${path}: ${JSON.stringify(answer)}`)
    return answer as T
  }
  const path = (...parts: string[]): string => parts.map((part) => `/${encodeURIComponent(part)}`).join('')
  return {
    records: (crm, object) => call('GET', path('records', crm, object)),
    putRecords: (crm, object, rows) => call('POST', path('records', crm, object), rows),
    journal: () => call('GET', '/journal'),
    clearJournal: () => call('DELETE', '/journal'),
    history: (crm, object, id) => call('GET', path('history', crm, object, id)),
    schema: (crm, object) => call('GET', path('schema', crm, object)),
    putSchema: (crm, object, schema) => call('PUT', path('schema', crm, object), schema),
    policies: (crm) => call('GET', path('policies', crm)),
    putPolicies: (crm, policies) => call('PUT', path('policies', crm), policies),
    clearPolicies: (crm) => call('DELETE', path('policies', crm)),
    act: (crm, name, input) => call('POST', path('acts', crm, name), input),
    addFault: (fault) => call('POST', '/faults', fault),
    bulkSettings: (crm, settings) => call('PUT', path('bulk', crm), settings),
    bulkJobs: (crm) => call('GET', path('bulk', crm, 'jobs')),
    endBulkJob: (crm, id, end) => call('PUT', path('bulk', crm, 'jobs', id), end),
    clearFaults: () => call('DELETE', '/faults'),
    advanceClock: async (ms) => (await call<{ now: string }>('POST', '/clock', { advance_ms: ms })).now,
    reset: () => call('POST', '/reset'),
  }
}
