import { BackfeedError } from '../../errors.ts'
import { allowedOrigin, optionalSetting } from '../connection-setting.ts'
import type { Destination, FieldDescription } from '../destination.ts'
import type { DestinationOptions } from '../destination-options.ts'
import { defaultBudget } from '../pacing/api-budget.ts'
import { rateWindow, type WindowLimits } from '../pacing/rate-window.ts'
import { tokenBucket } from '../pacing/token-bucket.ts'
import { accountUsage } from './account-usage.ts'
import { associationTypes } from './association-types.ts'
import { type HubspotClient, hubspotClient, type Pace } from './hubspot-client.ts'
import { describeObject } from './hubspot-describe.ts'
import { identifyPortal } from './hubspot-identify.ts'
import { type HubspotLogin, hubspotLogin } from './hubspot-login.ts'
import { DEFAULT_API_VERSION, hubspotPaths } from './hubspot-paths.ts'
import { readRecords } from './hubspot-read.ts'
import { hubspotTransport } from './hubspot-transport.ts'
import { wireRequest, writeBatch } from './hubspot-write.ts'
import { objectPermissions, type PermissionContext } from './object-permissions.ts'

const API_ORIGIN = 'https://api.hubapi.com'
/** Limits of the smallest tier; the first answer tells those of the account. */
const GENERAL_WINDOW = { max: 100, intervalMs: 10_000 }
/** For the whole account, and told by no answer. */
const SEARCH_WINDOW = { max: 5, intervalMs: 1_000 }
/** An emulator takes any number, unless it is told otherwise; it then answers 429 as HubSpot does. */
const NO_WINDOW = { max: 1_000_000, intervalMs: 1_000 }

export function openHubspot(options: DestinationOptions): Destination {
  const { ports } = options
  const { client, login } = openClient(options)
  const scopes: PermissionContext['known'] = new Map()
  const described = new Map<string, ReadonlyMap<string, FieldDescription>>()

  async function describe(object: string, signal: AbortSignal): Promise<readonly FieldDescription[]> {
    const fields = await describeObject(client, object, signal)
    described.set(object, new Map(fields.map((field) => [field.name, field])))
    return fields
  }

  return {
    calls: client.transport.calls,
    identify: (signal) => identifyPortal(client, { emulator: options.emulator, signal }),
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
    associationTypes: (from, to, signal) => associationTypes(client, [from, to], signal),
    usage: (signal) => accountUsage(client, signal),
    permissions: (object, signal) => objectPermissions({ client, login, known: scopes, signal }, object),
    close: () => client.transport.close(),
  }
}

function openClient(options: DestinationOptions): { client: HubspotClient; login: HubspotLogin } {
  const { limits, connection, emulator, ports, clientTag } = options
  const { dailyApiBudget } = limits
  const address = optionalSetting(options, 'base_url') ?? API_ORIGIN
  const baseUrl = allowedOrigin(options, { crm: 'hubspot', address })
  const login = hubspotLogin(options, baseUrl)
  if (dailyApiBudget !== undefined && login.app !== undefined) throw budgetUntold(connection)
  const budget = login.app === undefined ? (dailyApiBudget ?? defaultBudget) : undefined
  const pace = (window: WindowLimits): Pace => ({
    bucket: tokenBucket(ports.clock, limits),
    window: rateWindow(ports.clock, window),
  })
  const client = hubspotClient({
    transport: hubspotTransport({ baseUrl, login, clientTag, ports }),
    ports,
    paths: hubspotPaths(optionalSetting(options, 'api_version') ?? DEFAULT_API_VERSION, connection),
    general: pace(GENERAL_WINDOW),
    search: pace(emulator ? NO_WINDOW : SEARCH_WINDOW),
    ...(budget && { dailyApiBudget: budget }),
  })
  return { client, login }
}

function budgetUntold(connection: string): BackfeedError {
  return new BackfeedError({
    code: 'E-CFG-UNSUPPORTED',
    message: `connection ${connection}: HubSpot does not tell apps with auth: refresh_token how many calls of the day are used`,
    help: 'remove limits.daily_api_budget, or log in with a service key',
  })
}
