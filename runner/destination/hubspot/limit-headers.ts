import type { OrgCalls } from '../pacing/api-budget.ts'
import type { ToldLimits } from '../pacing/rate-window.ts'

type Headers = Readonly<Record<string, string>>

/** `X-HubSpot-RateLimit-*` of the ten-second window. Answers to searches have none. `-Secondly` is sent too, and not enforced. */
export function windowLimits(headers: Headers): ToldLimits {
  const max = count(headers['x-hubspot-ratelimit-max'])
  const intervalMs = count(headers['x-hubspot-ratelimit-interval-milliseconds'])
  const remaining = count(headers['x-hubspot-ratelimit-remaining'])
  return {
    ...(max === undefined ? {} : { max }),
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(remaining === undefined ? {} : { remaining }),
  }
}

/** The account's calls of the day; apps with OAuth are not told. */
export function dailyCalls(headers: Headers): OrgCalls | undefined {
  const max = count(headers['x-hubspot-ratelimit-daily'])
  const remaining = count(headers['x-hubspot-ratelimit-daily-remaining'])
  if (max === undefined || remaining === undefined) return undefined
  return { used: Math.max(0, max - remaining), max }
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
