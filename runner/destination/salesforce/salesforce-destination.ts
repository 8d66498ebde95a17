import { BackfeedError } from '../../errors.ts'
import { optionalSetting } from '../connection-setting.ts'
import type { Destination, FieldDescription } from '../destination.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { defaultBudget } from '../pacing/api-budget.ts'
import { tokenBucket } from '../pacing/token-bucket.ts'
import { salesforceBulk } from './bulk/salesforce-bulk.ts'
import { orgUsage } from './org-limits.ts'
import type { FieldsByName } from './query-pages.ts'
import { salesforceClient } from './salesforce-client.ts'
import { describeObject, type ObjectDescription } from './salesforce-describe.ts'
import { identifyOrg } from './salesforce-identify.ts'
import { salesforceLogin } from './salesforce-login.ts'
import { readRecords } from './salesforce-read.ts'
import { salesforceTransport } from './salesforce-transport.ts'
import { wireRequest, writeBatch } from './salesforce-write.ts'

/** Spring '26. Salesforce keeps a version for three years at least. */
const DEFAULT_API_VERSION = '66.0'
/** Before it, results do not name the record of a failed row, and the duplicate rule header does nothing. */
const OLDEST_API_VERSION = 53

export function openSalesforce(options: DestinationOptions): Destination {
  const { ports, limits, clientTag } = options
  const apiVersion = apiVersionOf(options)
  const transport = salesforceTransport({ login: salesforceLogin(options), apiVersion, clientTag, ports })
  const { dailyApiBudget = defaultBudget } = limits
  const pace = tokenBucket(ports.clock, limits)
  const client = salesforceClient({ transport, pace, ports, apiVersion, dailyApiBudget })
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
  const fieldsOf = async (object: string, signal: AbortSignal): Promise<FieldsByName> =>
    byName((await describe(object, signal)).fields)

  return {
    calls: transport.calls,
    identify: (signal) => identifyOrg(client, { emulator: options.emulator, signal }),
    describe: async (object, signal, { again = false } = {}) => {
      if (again) described.delete(object)
      return (await describe(object, signal)).fields
    },
    async *read(request, signal) {
      const fields = await fieldsOf(request.object, signal)
      yield* readRecords({ client, fields, fieldsOf: (object) => fieldsOf(object, signal), signal }, request)
    },
    wire: (request) => wireRequest(client.root, request),
    write: (request, signal) => writeBatch({ client, clock: ports.clock, signal }, request),
    bulk: salesforceBulk({ client, ports, describe: fieldsOf }),
    usage: (signal) => orgUsage(client, signal),
    permissions: async (object, signal) => (await describe(object, signal)).permissions,
    close: () => transport.close(),
  }
}

function apiVersionOf(options: DestinationOptions): string {
  const version = optionalSetting(options, 'api_version') ?? DEFAULT_API_VERSION
  const match = /^v?(\d{2,3})(\.0)?$/.exec(version)
  if (match !== null && Number(match[1]) >= OLDEST_API_VERSION) return `${match[1]}.0`
  if (match !== null) {
    throw new BackfeedError({
      code: 'E-CFG-VALUE',
      message: `connection ${options.connection}: api_version ${match[1]}.0 is too old`,
      help: `Backfeed needs ${OLDEST_API_VERSION}.0 or later; leave api_version out for ${DEFAULT_API_VERSION}`,
    })
  }
  throw new BackfeedError({
    code: 'E-CFG-TYPE',
    message: `connection ${options.connection}: api_version must look like "${DEFAULT_API_VERSION}"`,
  })
}

function byName(fields: readonly FieldDescription[]): FieldsByName {
  return new Map(fields.map((field) => [field.name.toLowerCase(), field]))
}
