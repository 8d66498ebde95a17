import type { Org } from '../org.ts'
import type { PreparedClient } from '../step.ts'
import { bulkSteps } from './bulk-steps.ts'
import type { InstalledSf } from './install-sf.ts'
import { loginSteps } from './login-steps.ts'
import { readSteps } from './read-steps.ts'
import { recordSteps } from './record-steps.ts'
import { openSfSession } from './sf-session.ts'

export async function prepareSf(org: Org, installed: InstalledSf): Promise<PreparedClient> {
  const session = openSfSession(org, installed)
  const steps = [...loginSteps(session), ...readSteps(session), ...recordSteps(session), ...bulkSteps(session)]
  return {
    label: `sf ${installed.version}`,
    steps: steps.map((step) => ({ timeoutMs: 60_000, ...step })),
    close: async () => session.close(),
  }
}
