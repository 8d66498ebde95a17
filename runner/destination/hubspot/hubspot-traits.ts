import type { DestinationTraits } from '../destination.ts'

/** Batch endpoints take 100 inputs (HubSpot docs, "Using object APIs"); a search takes 100 values in one IN filter. */
export const hubspotTraits: DestinationTraits = {
  name: 'hubspot',
  maxBatchSize: 100,
  // HubSpot docs, "Associations": batch create.
  maxAssociations: 2_000,
  readBatchSize: { unique: 100, search: 100 },
  strategies: ['unique_property', 'lookup'],
  macroFile: 'hubspot',
  clearedBy: 'the empty string ""',
}
