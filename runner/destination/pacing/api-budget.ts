import type { Limit } from '../../project/project.ts'
import { type CallPlace, crmBudget } from '../crm-problems.ts'
import type { ApiUsage } from '../destination.ts'

/** A fifth of the org's calls is left to everybody else, unless `limits.daily_api_budget` says otherwise (protocol A14). */
export const defaultBudget: Limit = { percent: 80 }

export interface OrgCalls {
  /** By everybody, in the period that the CRM counts. */
  used: number
  max: number
}

/** Knows the org's calls from the latest answer and keeps this sync within its budget. */
export interface ApiBudget {
  /** Before a call; throws E-CRM-QUOTA, exit 75, when the call would go beyond the budget. */
  take(): void
  /** After the call, with what its answer says of them. */
  settle(told: OrgCalls | undefined): void
  /** From another source than an answer. */
  learn(calls: OrgCalls): void
  usage(): ApiUsage | undefined
}

/** How the CRM counts, for messages. */
export interface CountedCalls {
  place: () => CallPlace
  /** "the last 24 hours" */
  period: string
  /** "when calls have dropped out of the count": completes "run again …". */
  again: () => string
}

export function apiBudget(limit: Limit | undefined, { place, period, again }: CountedCalls): ApiBudget {
  let known: OrgCalls | undefined
  let inFlight = 0
  // The CRM itself says when all of them are used.
  const kept = limit !== undefined && 'percent' in limit && limit.percent >= 100 ? undefined : limit
  const usage = (): ApiUsage | undefined => (known === undefined ? undefined : withinBudget(known, limit))
  return {
    take() {
      const current = usage()
      // Calls on their way are not in the count yet.
      if (current !== undefined && kept !== undefined && current.used + inFlight >= current.allowed) {
        throw crmBudget(place(), { ...current, rule: ruleText(kept), period, again: again() })
      }
      inFlight += 1
    },
    settle(told) {
      inFlight -= 1
      known = told ?? known
    },
    learn(calls) {
      known = calls
    },
    usage,
  }
}

function withinBudget({ used, max }: OrgCalls, limit: Limit | undefined): ApiUsage {
  const allowed = limit === undefined ? max : allowedCalls(limit, max)
  return { used, max, allowed, remaining: Math.max(0, allowed - used) }
}

function allowedCalls(limit: Limit, max: number): number {
  return Math.min(max, 'count' in limit ? limit.count : Math.floor((limit.percent / 100) * max))
}

function ruleText(limit: Limit): string {
  return 'count' in limit ? String(limit.count) : `${limit.percent}%`
}
