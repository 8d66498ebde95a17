import type { DestinationTraits } from '../destination.ts'

/** sObject Collections take 200 records of one object per call (REST guide, "Composite resources"). */
export const salesforceTraits: DestinationTraits = {
  name: 'salesforce',
  maxBatchSize: 200,
  readBatchSize: { unique: 200, search: 200 },
  strategies: ['external_id', 'lookup'],
  macroFile: 'salesforce',
  clearedBy: 'null in the JSON body',
}
