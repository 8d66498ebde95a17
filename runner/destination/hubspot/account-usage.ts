import type { ApiUsage } from '../destination.ts'
import { isRecord } from '../raw-answer.ts'
import type { HubspotClient } from './hubspot-client.ts'

/** The account's calls of the day: of the latest answer, or asked for when no answer told them yet. Undefined for OAuth apps. */
export async function accountUsage(client: HubspotClient, signal: AbortSignal): Promise<ApiUsage | undefined> {
  const known = client.budget.usage()
  if (known !== undefined) return known
  const answer = await client.read({ path: client.paths.usage, signal })
  const body = answer.refusal === undefined && isRecord(answer.body) ? answer.body : {}
  const rows = Array.isArray(body.results) ? body.results.filter(isRecord) : []
  const told = rows.find(({ currentUsage, usageLimit }) => isCount(currentUsage) && isCount(usageLimit))
  // The answer's own headers may have told it better.
  if (client.budget.usage() === undefined && told !== undefined) {
    client.budget.learn({ used: Number(told.currentUsage), max: Number(told.usageLimit) })
  }
  return client.budget.usage()
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}
