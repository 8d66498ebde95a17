import { crmAnswer, crmVersion } from '../crm-problems.ts'
import type { Environment, OrgIdentity } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import { bodyOf, type SalesforceClient } from './salesforce-client.ts'

const ORGANIZATION = encodeURIComponent('SELECT Id, Name, IsSandbox FROM Organization')

/** Logs in, checks that the org has the API version, and reads which org it is. */
export async function identifyOrg(
  client: SalesforceClient,
  { emulator, signal }: { emulator: boolean; signal: AbortSignal },
): Promise<OrgIdentity> {
  await checkVersion(client, signal)
  const body = bodyOf(await client.read(`${client.root}/query?q=${ORGANIZATION}`, signal), client.place())
  const row: unknown = isRecord(body) && Array.isArray(body.records) ? body.records[0] : undefined
  const orgId = isRecord(row) ? textOf(row.Id) : undefined
  if (!isRecord(row) || orgId === undefined) throw crmAnswer(client.place(), 'no organization')
  const actual: Environment = row.IsSandbox === true ? 'sandbox' : 'production'
  return {
    orgId,
    environment: emulator ? 'emulator' : actual,
    label: `${textOf(row.Name) ?? 'Salesforce'} (${orgId})`,
    apiVersion: client.apiVersion,
  }
}

/** GET /services/data: the one call that counts against no limit. A version the org lacks answers 404 or 410 everywhere else. */
async function checkVersion(client: SalesforceClient, signal: AbortSignal): Promise<void> {
  const body = bodyOf(await client.read('/services/data', signal), client.place())
  const versions = Array.isArray(body) ? body.filter(isRecord).flatMap(({ version }) => textOf(version) ?? []) : []
  if (versions.length === 0) throw crmAnswer(client.place(), 'no list of API versions')
  if (versions.includes(client.apiVersion)) return
  throw crmVersion(
    client.place(),
    client.apiVersion,
    versions.sort((a, b) => Number(a) - Number(b)),
  )
}
