/** jsforce is a dependency of the project already: what is driven is the release that users get. */
import { createRequire } from 'node:module'
import type { Org } from '../org.ts'
import type { PreparedClient, Step } from '../step.ts'
import { bulkSteps } from './bulk-steps.ts'
import { faultSteps } from './fault-steps.ts'
import { connect } from './jsforce-session.ts'
import { recordSteps } from './record-steps.ts'
import { sessionSteps } from './session-steps.ts'

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

function version(): string {
  const manifest: unknown = createRequire(import.meta.url)('jsforce/package.json')
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '?'
}
