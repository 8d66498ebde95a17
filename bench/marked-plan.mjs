// In the place of runner/sync/build-plan: as it is, with a note of when planning begins.
import { buildPlan as original } from '../dist/runner/sync/build-plan.js'
import { mark } from './marks.mjs'

export * from '../dist/runner/sync/build-plan.js'

export function buildPlan(run, allowance) {
  mark('recovered', { readCalls: run.destination.calls.reads })
  return original(run, allowance)
}
