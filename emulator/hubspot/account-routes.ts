import type { CrmResponse } from '../core/crm.ts'
import type { Portal } from './portal.ts'

const DAY_MS = 86_400_000

export function accountDetails(portal: Portal): CrmResponse {
  const { account_type, ui_domain, currencies } = portal.policies.account
  const body = {
    portalId: portal.portalId,
    accountType: account_type,
    ...zone(portal),
    companyCurrency: currencies[0] ?? 'USD',
    additionalCurrencies: currencies.slice(1),
    uiDomain: ui_domain,
    dataHostingLocation: 'na1',
  }
  return { status: 200, body }
}

/** Calls of the day of private apps and service keys. */
export function dailyUsage({ rateLimit, context, policies }: Portal): CrmResponse {
  const nowMs = context.clock.nowMs()
  const offset = offsetMs(policies.account.time_zone, nowMs)
  const resetsAtMs = (Math.floor((nowMs + offset) / DAY_MS) + 1) * DAY_MS - offset
  const usage = {
    name: 'DAILY_LIMIT',
    currentUsage: rateLimit.today.used,
    usageLimit: rateLimit.today.max,
    collectedAt: new Date(nowMs).toISOString(),
    resetsAt: new Date(resetsAtMs).toISOString(),
    fetchStatus: 'SUCCESS',
  }
  return { status: 200, body: { results: [usage] } }
}

export function integrationsMe(portal: Portal): CrmResponse {
  const { account_type, currencies } = portal.policies.account
  const body = { portalId: portal.portalId, accountType: account_type, currency: currencies[0] ?? 'USD' }
  return { status: 200, body: { ...body, ...zone(portal) } }
}

function zone({ policies, context }: Portal): Record<string, unknown> {
  const { time_zone } = policies.account
  const utcOffsetMilliseconds = offsetMs(time_zone, context.clock.nowMs())
  const minutes = Math.abs(utcOffsetMilliseconds) / 60_000
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const utcOffset = `${utcOffsetMilliseconds < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
  return { timeZone: time_zone, utcOffset, utcOffsetMilliseconds }
}

function offsetMs(timeZone: string, atMs: number): number {
  const fields = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields }).formatToParts(atMs)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'))
  return wall - Math.floor(atMs / 60_000) * 60_000
}
