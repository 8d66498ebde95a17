import { crmAnswer } from '../crm-problems.ts'
import type { OrgIdentity } from '../destination.ts'
import { textOf } from '../raw-answer.ts'
import type { HubspotClient } from './hubspot-client.ts'
import { readOrThrow } from './hubspot-read.ts'

/** Accounts that hold no customer's data. */
const TEST_ACCOUNTS = new Set(['DEVELOPER_TEST', 'SANDBOX', 'APP_DEVELOPER'])

/** Asks which account the token belongs to, and remembers its time zone. */
export async function identifyPortal(
  client: HubspotClient,
  { emulator, signal }: { emulator: boolean; signal: AbortSignal },
): Promise<OrgIdentity> {
  const account = await readOrThrow(client, { path: client.paths.account, signal })
  const orgId = typeof account.portalId === 'number' ? String(account.portalId) : textOf(account.portalId)
  if (orgId === undefined) throw crmAnswer(client.place(), 'no portal id')
  const timeZone = textOf(account.timeZone)
  if (timeZone !== undefined) client.account.timeZone = timeZone
  const actual = TEST_ACCOUNTS.has(textOf(account.accountType) ?? '') ? 'sandbox' : 'production'
  return {
    orgId,
    environment: emulator ? 'emulator' : actual,
    label: `HubSpot portal ${orgId}`,
    apiVersion: client.paths.version,
  }
}
