import type { Org } from '../org.ts'
import type { PreparedClient, Step } from '../step.ts'
import { bulkSteps } from './bulk-steps.ts'
import type { InstalledSf } from './install-sf.ts'
import { jwtSteps, tokenSteps } from './login-steps.ts'
import { readSteps } from './read-steps.ts'
import { recordSteps } from './record-steps.ts'
import { openSfSession } from './sf-session.ts'

export async function prepareSf(org: Org, installed: InstalledSf): Promise<PreparedClient> {
  const session = openSfSession(org, installed)
  // A command is mostly start-up on one core: two at a time take half as long.
  const lanes = [
    [...readSteps(session), ...recordSteps(session)],
    [...bulkSteps(session), ...jwtSteps(session)],
  ]
  return {
    label: `sf ${installed.version}`,
    steps: patient(tokenSteps(session)),
    lanes: lanes.map(patient),
    close: async () => session.close(),
  }
}

/** The command has its own, shorter time; a few steps run two of them. */
function patient(steps: readonly Step[]): Step[] {
  return steps.map((step) => ({ timeoutMs: 120_000, ...step }))
}
