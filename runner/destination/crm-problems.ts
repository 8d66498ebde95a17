/** Errors of calls, as users see them: which CRM, which host, what to do. Never a body, a token or a row value. */
import { BackfeedError, ExitCode } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import type { CallFailure } from './call-failure.ts'

export type CrmLabel = 'Salesforce' | 'HubSpot'

export interface CallPlace {
  crm: CrmLabel
  /** host:port */
  host: string
}

export function crmUnreachable(place: CallPlace, failure: CallFailure): BackfeedError {
  return new BackfeedError(
    {
      code: 'E-CRM-UNREACHABLE',
      message: `cannot reach ${place.crm} at ${place.host} (${failure.code})`,
      help: 'check the address in project.yml and the network; for the local stand-in run `backfeed emulator start`',
    },
    { exitCode: ExitCode.temporary, cause: failure },
  )
}

export function crmAuth(
  place: CallPlace,
  detail: string,
  help = 'check that the token is complete, not expired, and belongs to this account',
): BackfeedError {
  return new BackfeedError({
    code: 'E-CRM-AUTH',
    message: `${place.crm} at ${place.host} refused the credentials (${detail})`,
    help,
  })
}

export function crmScope(place: CallPlace, scopes: readonly string[]): BackfeedError {
  const wanted = scopes.length === 0 ? 'a permission it does not name' : scopes.join(', ')
  return new BackfeedError({
    code: 'E-CRM-SCOPE',
    message: `${place.crm} needs ${wanted} for this call`,
    help: 'grant the permission to the integration and issue the token again',
  })
}

export function crmQuota(
  place: CallPlace,
  detail: string,
  again = 'when earlier calls have dropped out of the count',
): BackfeedError {
  return new BackfeedError(
    {
      code: 'E-CRM-QUOTA',
      message: `${place.crm} at ${place.host} answers that its request limit is used up (${detail})`,
      help: `run again ${again}; what was done is recorded`,
    },
    { exitCode: ExitCode.temporary },
  )
}

/** A call that was not made, so that the other users of the org have theirs. */
export function crmBudget(
  place: CallPlace,
  usage: { used: number; max: number; allowed: number; rule: string; period: string; again: string },
): BackfeedError {
  const { used, max, allowed, rule, period, again } = usage
  return new BackfeedError(
    {
      code: 'E-CRM-QUOTA',
      message: `${place.crm} at ${place.host}: ${used} of ${max} API calls of ${period} are used, and daily_api_budget ${rule} ends at ${allowed}`,
      help: `run again ${again}, or raise limits.daily_api_budget; what was done is recorded`,
    },
    { exitCode: ExitCode.temporary },
  )
}

/** The CRM takes nothing for hours, for a reason of its own. */
export function crmLater(place: CallPlace, detail: string, again: string): BackfeedError {
  return new BackfeedError(
    {
      code: 'E-CRM-LATER',
      message: `${place.crm} at ${place.host} takes no calls for now (${detail})`,
      help: `run again ${again}; what was done is recorded`,
    },
    { exitCode: ExitCode.temporary },
  )
}

/** The org or the integration is shut: no row and no repeat changes that. */
export function crmClosed(place: CallPlace, detail: string): BackfeedError {
  return new BackfeedError({
    code: 'E-CRM-CLOSED',
    message: `${place.crm} at ${place.host} is closed to this login (${detail})`,
    help: 'ask the administrator of the org: the API may be off, the org locked, or the app blocked by a policy',
  })
}

export function crmVersion(place: CallPlace, asked: string, known: readonly string[]): BackfeedError {
  const range = known.length === 0 ? '' : `; it has ${known[0]} to ${known.at(-1)}`
  return new BackfeedError({
    code: 'E-CRM-VERSION',
    message: `${place.crm} at ${place.host} has no API version ${asked}${range}`,
    help: 'set api_version of the connection in project.yml to a version the org has, or leave it out',
  })
}

/** The CRM is there but cannot answer now. */
export function crmUnavailable(place: CallPlace, status: number): BackfeedError {
  return new BackfeedError(
    {
      code: 'E-CRM-UNAVAILABLE',
      message: `${place.crm} at ${place.host} answered ${status} several times`,
      help: 'run again later',
    },
    { exitCode: ExitCode.temporary },
  )
}

/** A read that the CRM refuses and would refuse again. */
export function crmRefused(place: CallPlace, detail: string): BackfeedError {
  return new BackfeedError({
    code: 'E-CRM-REFUSED',
    message: `${place.crm} at ${place.host} refused a read: ${detail}`,
  })
}

export function crmAnswer(place: CallPlace, what: string): BackfeedError {
  return new BackfeedError({
    code: 'E-CRM-ANSWER',
    message: `${place.host} answered ${what}, which is not ${place.crm}`,
    help: 'check the address: proxies and login pages answer like this',
  })
}

export function unknownObject(crm: CrmLabel, object: string, known: readonly string[]): BackfeedError {
  const nearest = nearestName(object, known)
  return new BackfeedError({
    code: 'E-MAP-OBJECT',
    message: `${crm} has no object "${object}"`,
    ...(nearest === undefined ? {} : { hint: `did you mean "${nearest}"?` }),
    help: 'use the API name of the object; the integration user must be allowed to see it',
  })
}

export function unknownField(
  crm: CrmLabel,
  place: { object: string; field: string },
  known: readonly string[],
): BackfeedError {
  const nearest = nearestName(place.field, known)
  return new BackfeedError({
    code: 'E-MAP-UNKNOWN-FIELD',
    message: `${crm} object ${place.object} has no field "${place.field}"`,
    ...(nearest === undefined ? {} : { hint: `did you mean "${nearest}"?` }),
  })
}

/** Worth another try within the run. A used-up quota is not: it does not come back meanwhile, and asking costs more of it. */
export function isPassing(error: unknown): boolean {
  return error instanceof BackfeedError && error.exitCode === ExitCode.temporary && error.code !== 'E-CRM-QUOTA'
}
