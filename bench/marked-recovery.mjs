// In the place of runner/sync/recover: as it is, with a note of how many read calls came before it.
import { recover as original } from '../dist/runner/sync/recover.js'
import { mark } from './marks.mjs'

export * from '../dist/runner/sync/recover.js'

export function recover(run) {
  mark('recovering', { readCalls: run.destination.calls.reads })
  return original(run)
}
