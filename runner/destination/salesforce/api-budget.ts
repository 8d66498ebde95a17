import type { Limit } from '../../project/project.ts'
import { type CallPlace, crmBudget } from '../crm-problems.ts'
import type { ApiUsage } from '../destination.ts'

/** Also `api-usage = 5 / 100`, other parts before it, several headers in one; never `per-app-api-usage`. */
const API_USAGE = /(?:^|[;,\s])api-usage\s*=\s*(\d+)\s*\/\s*(\d+)/i

export interface OrgCalls {
  /** By everybody, in the 24 hours that the org counts. */
  used: number
  max: number
}

/** `Sforce-Limit-Info: api-usage=10018/100000; …`; undefined when it is not there or cannot be read. */
export function parseLimitInfo(header: string | undefined): OrgCalls | undefined {
  const match = API_USAGE.exec(header ?? '')
  return match === null ? undefined : { used: Number(match[1]), max: Number(match[2]) }
}

/** Knows the org's calls from the latest answer and keeps this sync within its budget. */
export interface ApiBudget {
  /** Before a call; throws E-CRM-QUOTA, exit 75, when the call would go beyond the budget. */
  take(): void
  /** After the call, with the header of its answer. */
  settle(limitInfo: string | undefined): void
  /** From another source than an answer. */
  learn(calls: OrgCalls): void
  usage(): ApiUsage | undefined
}

export function apiBudget(limit: Limit | undefined, place: () => CallPlace): ApiBudget {
  let known: OrgCalls | undefined
  let inFlight = 0
  const usage = (): ApiUsage | undefined => (known === undefined ? undefined : withinBudget(known, limit))
  return {
    take() {
      const current = usage()
      // Calls on their way are not in the count yet.
      if (current !== undefined && limit !== undefined && current.used + inFlight >= current.allowed) {
        throw crmBudget(place(), { ...current, rule: ruleText(limit) })
      }
      inFlight += 1
    },
    settle(limitInfo) {
      inFlight -= 1
      known = parseLimitInfo(limitInfo) ?? known
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
