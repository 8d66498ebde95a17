const DAY_MS = 86_400_000

/** The instant at which HubSpot's count of the day begins anew: midnight in the account's time zone. Unknown zones count as UTC. */
export function nextMidnightMs(nowMs: number, timeZone: string): number {
  const localMs = nowMs + offsetMs(nowMs, timeZone)
  const localMidnightMs = (Math.floor(localMs / DAY_MS) + 1) * DAY_MS
  // The clocks may be put on or back before then: the offset that counts is the one of midnight.
  const aboutMs = localMidnightMs - offsetMs(nowMs, timeZone)
  return localMidnightMs - offsetMs(aboutMs, timeZone)
}

/** Local time less UTC. */
function offsetMs(atMs: number, timeZone: string): number {
  const parts = localParts(atMs, timeZone)
  if (parts === undefined) return 0
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0)
  const localMs = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return localMs - Math.floor(atMs / 1_000) * 1_000
}

function localParts(atMs: number, timeZone: string): Intl.DateTimeFormatPart[] | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }).formatToParts(atMs)
  } catch {
    return undefined
  }
}
