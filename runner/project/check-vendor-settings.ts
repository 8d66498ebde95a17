import type { Problem } from '../errors.ts'
import { onlyByRequest } from './only-by-request.ts'
import type { Connection, Sync } from './project.ts'

const WHY: Readonly<Record<string, string>> = {
  assignment_rule: 'HubSpot runs no assignment rules on writes of the API',
  duplicate_rule: 'HubSpot has no duplicate rules that a write could pass by',
}

/** Settings that only Salesforce has: on a HubSpot sync they would do nothing, so they are refused. */
export function checkVendorSettings(sync: Sync, type: Connection['type'] | undefined): Problem[] {
  if (type === 'salesforce') return checkBulk(sync)
  if (type !== 'hubspot') return []
  return Object.entries(sync.vendorSettingsAt ?? {}).map(([key, at]) => ({
    code: 'E-CFG-UNSUPPORTED',
    message: `"${key}" is a setting for Salesforce, and connection "${sync.connection}" is hubspot`,
    at,
    hint: WHY[key] ?? 'HubSpot has nothing like it',
    help: 'remove it',
  }))
}

/** Above so many rows they would go by a job, which cannot carry the header: one of the two has to give way, and not silently. */
function checkBulk(sync: Sync): Problem[] {
  const key = onlyByRequest(sync)
  if (key === undefined || sync.limits.bulkAbove === undefined) return []
  return [
    {
      code: 'E-CFG-UNSUPPORTED',
      message: `"bulk_above" and "${key}" cannot be had together: jobs of the bulk API do not take it`,
      at: sync.vendorSettingsAt?.[key] ?? sync.at,
      help: 'remove one of the two; without bulk_above all rows of this sync go by request',
    },
  ]
}
