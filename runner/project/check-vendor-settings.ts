import type { Problem } from '../errors.ts'
import type { Connection, Sync } from './project.ts'

const WHY: Readonly<Record<string, string>> = {
  assignment_rule: 'HubSpot runs no assignment rules on writes of the API',
  duplicate_rule: 'HubSpot has no duplicate rules that a write could pass by',
  daily_api_budget: 'HubSpot does not tell how many calls of the day are used on every answer',
}

/** Settings that only Salesforce has: on a HubSpot sync they would do nothing, so they are refused. */
export function checkVendorSettings(sync: Sync, type: Connection['type'] | undefined): Problem[] {
  if (type !== 'hubspot') return []
  return Object.entries(sync.vendorSettingsAt ?? {}).map(([key, at]) => ({
    code: 'E-CFG-UNSUPPORTED',
    message: `"${key}" is a setting for Salesforce, and connection "${sync.connection}" is hubspot`,
    at,
    hint: WHY[key] ?? 'HubSpot has nothing like it',
    help: 'remove it',
  }))
}
