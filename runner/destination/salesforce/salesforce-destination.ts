import { BackfeedError } from '../../errors.ts'
import { optionalSetting } from '../connection-setting.ts'
import { crmAnswer } from '../crm-problems.ts'
import type { Destination, FieldDescription, OrgIdentity } from '../destination.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { tokenBucket } from '../pacing/token-bucket.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import type { FieldsByName } from './query-pages.ts'
import { bodyOf, type SalesforceClient, salesforceClient } from './salesforce-client.ts'
import { describeObject, type ObjectDescription } from './salesforce-describe.ts'
import { salesforceLogin } from './salesforce-login.ts'
import { readRecords } from './salesforce-read.ts'
import { salesforceTransport } from './salesforce-transport.ts'
import { wireRequest, writeBatch } from './salesforce-write.ts'

/** Spring '26. Salesforce keeps a version for three years at least. */
const DEFAULT_API_VERSION = '66.0'

export function openSalesforce(options: DestinationOptions): Destination {
  const { ports, limits, clientTag } = options
  const apiVersion = apiVersionOf(options)
  const root = `/services/data/v${apiVersion}`
  const transport = salesforceTransport({ login: salesforceLogin(options), apiVersion, clientTag, ports })
  const client = salesforceClient({ transport, pace: tokenBucket(ports.clock, limits), ports, root })
  const described = new Map<string, Promise<ObjectDescription>>()

  /** One call per object: everything of one run is decided on one answer. */
  function describe(object: string, signal: AbortSignal): Promise<ObjectDescription> {
    const known = described.get(object)
    if (known !== undefined) return known
    const answer = describeObject(client, object, signal)
    described.set(object, answer)
    answer.catch(() => described.delete(object))
    return answer
  }

  return {
    calls: transport.calls,
    identify: (signal) => identify(client, options, signal),
    describe: async (object, signal) => (await describe(object, signal)).fields,
    access: async (object, signal) => (await describe(object, signal)).access,
    async *read(request, signal) {
      const fieldsOf = async (object: string) => byName((await describe(object, signal)).fields)
      yield* readRecords({ client, fields: await fieldsOf(request.object), fieldsOf, signal }, request)
    },
    wire: (request) => wireRequest(root, request),
    write: (request, signal) => writeBatch({ client, clock: ports.clock, signal }, request),
    close: () => transport.close(),
  }
}

function apiVersionOf(options: DestinationOptions): string {
  const version = optionalSetting(options, 'api_version') ?? DEFAULT_API_VERSION
  const match = /^v?(\d{2,3})(\.0)?$/.exec(version)
  if (match !== null) return `${match[1]}.0`
  throw new BackfeedError({
    code: 'E-CFG-TYPE',
    message: `connection ${options.connection}: api_version must look like "${DEFAULT_API_VERSION}"`,
  })
}

function byName(fields: readonly FieldDescription[]): FieldsByName {
  return new Map(fields.map((field) => [field.name.toLowerCase(), field]))
}

const ORGANIZATION = encodeURIComponent('SELECT Id, Name, IsSandbox FROM Organization')

async function identify(
  client: SalesforceClient,
  options: DestinationOptions,
  signal: AbortSignal,
): Promise<OrgIdentity> {
  const body = bodyOf(await client.read(`${client.root}/query?q=${ORGANIZATION}`, signal), client.place())
  const row: unknown = isRecord(body) && Array.isArray(body.records) ? body.records[0] : undefined
  const orgId = isRecord(row) ? textOf(row.Id) : undefined
  if (!isRecord(row) || orgId === undefined) throw crmAnswer(client.place(), 'no organization')
  const actual = row.IsSandbox === true ? 'sandbox' : 'production'
  return {
    orgId,
    environment: options.emulator ? 'emulator' : actual,
    label: `${textOf(row.Name) ?? 'Salesforce'} (${orgId})`,
  }
}
