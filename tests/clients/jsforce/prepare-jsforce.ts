/** jsforce is a dependency of the project already: what is driven is the release that users get. */
import { createRequire } from 'node:module'
import { Connection } from 'jsforce'
import { type Org, TOKEN_SHAPED_LIKE_ONE } from '../org.ts'
import type { PreparedClient, Step } from '../step.ts'
import { bulkSteps } from './bulk-steps.ts'
import { faultSteps } from './fault-steps.ts'
import { recordSteps } from './record-steps.ts'
import { sessionSteps } from './session-steps.ts'

export interface JsforceSession {
  org: Org
  connection: Connection
}

export async function prepareJsforce(org: Org): Promise<PreparedClient> {
  const session = { org, connection: connect(org) }
  const steps: Step[] = [
    ...sessionSteps(session),
    ...recordSteps(session),
    ...bulkSteps(session),
    ...faultSteps(session),
  ]
  return { label: `jsforce ${version()}`, steps, close: async () => undefined }
}

export function connect(org: Org): Connection {
  const connection = new Connection({ instanceUrl: org.url, accessToken: TOKEN_SHAPED_LIKE_ONE, version: '66.0' })
  connection.bulk2.pollInterval = 100
  connection.bulk2.pollTimeout = 15_000
  return connection
}

function version(): string {
  const manifest: unknown = createRequire(import.meta.url)('jsforce/package.json')
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '?'
}
