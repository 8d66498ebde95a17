import type { Ports } from '../ports.ts'
import type { Limit } from '../project/project.ts'
import type { Secret } from '../project/secret.ts'

export interface DestinationLimits {
  /** Requests in flight at once. */
  concurrency: number
  requestsPerSecond?: number
  /** Of the org's daily calls, by everybody: from there on none is made. */
  dailyApiBudget?: Limit
}

/** What every destination is opened with, after the registry resolved the connection of the target. */
export interface DestinationOptions {
  /** Project name of the connection, for messages. */
  connection: string
  emulator: boolean
  /** access_token, client_credentials, … */
  auth: string
  settings: Readonly<Record<string, string | number | boolean | Secret>>
  limits: DestinationLimits
  ports: Ports
  /** `backfeed/0.1.0`: how the CRM's own logs name us. */
  clientTag: string
}
