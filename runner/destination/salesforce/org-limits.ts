import type { ApiUsage } from '../destination.ts'
import { isRecord } from '../raw-answer.ts'
import { bodyOf, type SalesforceClient } from './salesforce-client.ts'

/** The org's calls: of the latest answer, or of GET limits when there was none. */
export async function orgUsage(client: SalesforceClient, signal: AbortSignal): Promise<ApiUsage | undefined> {
  const known = client.budget.usage()
  if (known !== undefined) return known
  const body = bodyOf(await client.read(`${client.root}/limits`, signal), client.place())
  const daily = isRecord(body) ? body.DailyApiRequests : undefined
  const max = Number(isRecord(daily) ? daily.Max : Number.NaN)
  const remaining = Number(isRecord(daily) ? daily.Remaining : Number.NaN)
  if (client.budget.usage() === undefined && Number.isInteger(max) && Number.isInteger(remaining)) {
    client.budget.learn({ used: Math.max(0, max - remaining), max })
  }
  return client.budget.usage()
}
