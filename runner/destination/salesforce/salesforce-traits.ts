import type { DestinationTraits } from '../destination.ts'

/** sObject Collections take 200 records of one object per call (REST guide, "Composite resources"). */
export const salesforceTraits: DestinationTraits = {
  name: 'salesforce',
  maxBatchSize: 200,
  /**
   * Salesforce itself draws the line at 2,000 records (Limits quick reference). A job of 100,000 rows is ten of its internal batches,
   * stays far below the 100 MB of one upload, and bounds what the runner holds while it matches results.
   */
  bulk: { above: 2_000, rows: 100_000, bytes: 90_000_000, paths: ['upsert', 'update'] },
  readBatchSize: { unique: 200, search: 200 },
  strategies: ['external_id', 'lookup'],
  macroFile: 'salesforce',
  clearedBy: 'null in the JSON body',
}
