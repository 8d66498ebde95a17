/**
 * `adopt`: rows that wait because the CRM holds values we never wrote, or changed since, take these as their acknowledged
 * ones. Nothing is sent; the next plan shows what would change from there.
 */
import { adoptModels, decisionModels, materialize } from './materialize.ts'
import type { Purpose } from './purpose.ts'
import { countSource, syncPurpose } from './sync-purpose.ts'

export function adoptPurpose(keys: readonly string[]): Purpose {
  return {
    ...syncPurpose,
    name: 'adopt',
    decide: (run) => materialize(run, [...decisionModels, ...adoptModels]),
    records: ['plan_row', 'plan_field'],
    countSource,
    readsSource: false,
    check: async () => [],
    keys,
  }
}
