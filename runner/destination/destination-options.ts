import type { Ports } from '../ports.ts'
import type { Secret } from '../project/secret.ts'

/** What every destination is opened with, after the registry resolved the connection of the target. */
export interface DestinationOptions {
  /** Project name of the connection, for messages. */
  connection: string
  emulator: boolean
  /** access_token, client_credentials, … */
  auth: string
  settings: Readonly<Record<string, string | number | boolean | Secret>>
  limits: { concurrency: number; requestsPerSecond?: number }
  ports: Ports
  /** `backfeed/0.1.0`: how the CRM's own logs name us. */
  clientTag: string
}
