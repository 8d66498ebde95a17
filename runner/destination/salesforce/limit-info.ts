import type { OrgCalls } from '../pacing/api-budget.ts'

/** Also `api-usage = 5 / 100`, other parts before it, several headers in one; never `per-app-api-usage`. */
const API_USAGE = /(?:^|[;,\s])api-usage\s*=\s*(\d+)\s*\/\s*(\d+)/i

/** `Sforce-Limit-Info: api-usage=10018/100000; …`; undefined when it is not there or cannot be read. */
export function parseLimitInfo(header: string | undefined): OrgCalls | undefined {
  const match = API_USAGE.exec(header ?? '')
  return match === null ? undefined : { used: Number(match[1]), max: Number(match[2]) }
}
