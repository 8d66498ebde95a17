import type { OrgIdentity } from '../destination/destination.ts'
import { BackfeedError, ExitCode } from '../errors.ts'
import type { Connection, ConnectionTarget, ExpectedOrg } from '../project/project.ts'

/** Throws E-TGT-ORG, exit 3, when the login landed elsewhere than `expect:` says. Called before anything is written. */
export function refuseOtherOrg(connection: Connection, target: ConnectionTarget, org: OrgIdentity): void {
  const expected = target.expect
  const help = expected === undefined ? undefined : mismatch(expected, org)
  if (expected === undefined || help === undefined) return
  throw new BackfeedError(
    {
      code: 'E-TGT-ORG',
      message: `connection ${connection.name} reached ${org.orgId} (${org.environment}), expected ${wanted(expected)}`,
      at: target.settingsAt?.expect ?? connection.at,
      help: `${help}; nothing was written, and no flag overrides this`,
    },
    { exitCode: ExitCode.refused },
  )
}

/** What to do about a difference, the more dangerous one first; undefined when there is none. */
function mismatch({ orgId, isSandbox }: ExpectedOrg, org: OrgIdentity): string | undefined {
  const real = org.environment !== 'production'
  if (isSandbox === true && !real)
    return "this is production: log in at the sandbox's own address with the sandbox's user and app"
  if (isSandbox === false && real)
    return `this is ${org.environment === 'emulator' ? 'the emulator' : 'a sandbox'}: log in at the address of production with its user and app`
  if (orgId === undefined || sameOrg(orgId, org.orgId)) return undefined
  return org.environment === 'sandbox'
    ? 'correct the credentials; a sandbox that was refreshed has a new id, which then belongs into expect'
    : 'correct the credentials or the pinned organisation'
}

function wanted({ orgId, isSandbox }: ExpectedOrg): string {
  const kind = isSandbox === undefined ? undefined : isSandbox ? 'a sandbox' : 'production'
  return [orgId, kind].filter((part) => part !== undefined).join(', ')
}

/** Salesforce writes ids with 15 characters or with 18, of which the last three repeat the case of the others. */
function sameOrg(a: string, b: string): boolean {
  return a === b || (a.startsWith('00D') && b.startsWith('00D') && a.slice(0, 15) === b.slice(0, 15))
}
