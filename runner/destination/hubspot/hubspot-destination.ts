import type { Ports } from '../../ports.ts'
import { allowedOrigin, optionalSetting, requiredSetting } from '../connection-setting.ts'
import { crmAnswer } from '../crm-problems.ts'
import type { Destination, FieldDescription, OrgIdentity } from '../destination.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { tokenBucket } from '../pacing/token-bucket.ts'
import { textOf } from '../raw-answer.ts'
import { type HubspotClient, hubspotClient } from './hubspot-client.ts'
import { describeObject } from './hubspot-describe.ts'
import { DEFAULT_API_VERSION, hubspotPaths } from './hubspot-paths.ts'
import { readOrThrow, readRecords } from './hubspot-read.ts'
import { hubspotTransport } from './hubspot-transport.ts'
import { wireRequest, writeBatch } from './hubspot-write.ts'

const API_ORIGIN = 'https://api.hubapi.com'
/** Below the 100 requests per ten seconds of the smallest tier; searches have 5 per second for the whole account. */
const GENERAL_PER_SECOND = 9
const SEARCHES_PER_SECOND = 4

export function openHubspot(options: DestinationOptions): Destination {
  const { ports } = options
  const client = openClient(options, ports)
  const described = new Map<string, ReadonlyMap<string, FieldDescription>>()

  async function describe(object: string, signal: AbortSignal): Promise<readonly FieldDescription[]> {
    const fields = await describeObject(client, object, signal)
    described.set(object, new Map(fields.map((field) => [field.name, field])))
    return fields
  }

  return {
    calls: client.transport.calls,
    identify: (signal) => identify(client, options, signal),
    describe,
    async *read(request, signal) {
      if (!described.has(request.object)) await describe(request.object, signal)
      yield* readRecords({ client, fields: described.get(request.object) ?? new Map(), signal }, request)
    },
    wire: (request) => wireRequest(client.paths, request),
    write: (request, signal) => {
      const fields = described.get(request.object) ?? new Map()
      return writeBatch({ client, clock: ports.clock, signal, fields }, request)
    },
    // HubSpot tells its daily calls on some answers only, and permissions of properties instead of objects.
    usage: async () => undefined,
    permissions: async () => undefined,
    close: () => client.transport.close(),
  }
}

function openClient(options: DestinationOptions, ports: Ports): HubspotClient {
  const { limits, connection, emulator } = options
  const { concurrency } = limits
  const transport = hubspotTransport({
    baseUrl: allowedOrigin(options, { crm: 'hubspot', address: optionalSetting(options, 'base_url') ?? API_ORIGIN }),
    accessToken: requiredSetting(options, 'access_token'),
    clock: ports.clock,
  })
  const paced = limits.requestsPerSecond ?? (emulator ? undefined : GENERAL_PER_SECOND)
  return hubspotClient({
    transport,
    ports,
    paths: hubspotPaths(optionalSetting(options, 'api_version') ?? DEFAULT_API_VERSION, connection),
    general: tokenBucket(
      ports.clock,
      paced === undefined ? { concurrency } : { concurrency, requestsPerSecond: paced },
    ),
    search: tokenBucket(
      ports.clock,
      emulator ? { concurrency } : { concurrency, requestsPerSecond: SEARCHES_PER_SECOND },
    ),
  })
}

/** Accounts that hold no customer's data. */
const TEST_ACCOUNTS = new Set(['DEVELOPER_TEST', 'SANDBOX', 'APP_DEVELOPER'])

async function identify(client: HubspotClient, options: DestinationOptions, signal: AbortSignal): Promise<OrgIdentity> {
  const account = await readOrThrow(client, { path: client.paths.account, signal })
  const orgId = typeof account.portalId === 'number' ? String(account.portalId) : textOf(account.portalId)
  if (orgId === undefined) throw crmAnswer(client.place(), 'no portal id')
  const actual = TEST_ACCOUNTS.has(textOf(account.accountType) ?? '') ? 'sandbox' : 'production'
  return { orgId, environment: options.emulator ? 'emulator' : actual, label: `HubSpot portal ${orgId}` }
}
