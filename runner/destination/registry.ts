import { BackfeedError, unreachable } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { Connection, ConnectionTarget } from '../project/project.ts'
import { Secret } from '../project/secret.ts'
import type { Destination, DestinationTraits } from './destination.ts'
import type { DestinationLimits, DestinationOptions } from './destination-options.ts'
import { hubspotTraits } from './hubspot/hubspot-traits.ts'
import { salesforceTraits } from './salesforce/salesforce-traits.ts'

type DestinationType = Connection['type']

const DEFAULT_EMULATOR_URL = 'http://127.0.0.1:4010'

/** Static facts; loads no client library. */
export function destinationTraits(type: DestinationType): DestinationTraits {
  switch (type) {
    case 'salesforce':
      return salesforceTraits
    case 'hubspot':
      return hubspotTraits
    default:
      return unreachable(type)
  }
}

export interface OpenDestination {
  connection: Connection
  target: ConnectionTarget
  /** Where `emulator: true` points; default BACKFEED_EMULATOR_URL, else http://127.0.0.1:4010. */
  emulatorUrl?: string
  limits: DestinationLimits
  ports: Ports
  clientTag: string
}

/** Checks the settings and contacts nobody; the client library loads with the first request. Throws E-CFG-*, E-TGT-HOST. */
export async function openDestination(open: OpenDestination): Promise<Destination> {
  const options = toOptions(open)
  const { type } = open.connection
  switch (type) {
    case 'salesforce':
      return (await import('./salesforce/salesforce-destination.ts')).openSalesforce(options)
    case 'hubspot':
      return (await import('./hubspot/hubspot-destination.ts')).openHubspot(options)
    default:
      return unreachable(type)
  }
}

function toOptions(open: OpenDestination): DestinationOptions {
  const { connection, target, limits, ports, clientTag } = open
  const shared = { connection: connection.name, limits, ports, clientTag }
  if (!target.emulator) return { ...shared, emulator: false, auth: target.auth, settings: target.settings }
  const url = open.emulatorUrl ?? process.env.BACKFEED_EMULATOR_URL ?? DEFAULT_EMULATOR_URL
  if (!URL.canParse(url)) {
    throw new BackfeedError({
      code: 'E-CFG-VALUE',
      message: 'the emulator address is not a URL',
      help: `try ${DEFAULT_EMULATOR_URL}`,
    })
  }
  const settings = { instance_url: url, base_url: url, access_token: new Secret('emulator') }
  return { ...shared, emulator: true, auth: 'access_token', settings }
}
