/** A plan carries the verdicts of its guards: they stand for what is applied, to the row. */
import type { Problem } from '../../errors.ts'
import type { GuardVerdict } from '../guard-plan.ts'
import type { SavedEntry } from './saved-plan.ts'

/** What a guard stopped then is not let through now; what was allowed then, with a reason, is. */
export function blockedGuards({ sync, guards }: SavedEntry): Problem[] {
  return guards
    .filter(({ verdict }) => verdict === 'blocked')
    .map(({ name, code, actual, limit, allow }) => ({
      code: code as `E-${string}`,
      message: `${sync}: the plan was refused: ${name} is ${actual}, the limit is ${limit ?? 'none'}`,
      help: `make a new plan${allow === undefined ? '' : `, if this is meant with ${allow}`}`,
    }))
}

/** What was planned is approved, no more: a guard that counts more than it did then stops the run. */
export function approvedVerdicts(verdicts: readonly GuardVerdict[], { guards }: SavedEntry): GuardVerdict[] {
  return verdicts.map((verdict) => {
    const then = guards.find(({ name }) => name === verdict.name)
    if (then === undefined) return verdict
    const { allow: _, ...rest } = verdict
    const isWithin = verdict.actual <= then.actual
    return { ...rest, limit: then.actual, rule: 'as planned', verdict: isWithin ? 'ok' : 'blocked' }
  })
}
