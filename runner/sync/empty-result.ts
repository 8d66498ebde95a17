import type { SyncResult } from './execute-sync.ts'

/** Of a sync that did nothing. */
export function emptyResult(sync: string): Omit<SyncResult, 'status' | 'exitCode'> {
  return { sync, planned: 0, held: 0, quarantined: 0, readCalls: 0, seconds: 0, unresolved: 0 }
}
