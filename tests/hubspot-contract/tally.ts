import type { Verdict } from './check-exchange.ts'

/** Where the suites leave their tallies, one JSON line each. */
export const TALLY_VARIABLE = 'BACKFEED_CONTRACT_TALLY'

export interface Tally {
  exchanges: Record<Verdict['checked'], number>
  violations: number
  /** Violations subtracted, by deviation. */
  used: Record<string, number>
  /** Situations seen, by name. */
  seen: Record<string, number>
}

export function emptyTally(): Tally {
  return { exchanges: { 'request and answer': 0, answer: 0, outside: 0 }, violations: 0, used: {}, seen: {} }
}

export function addTally(sum: Tally, more: Tally): void {
  sum.violations += more.violations
  for (const kind of ['request and answer', 'answer', 'outside'] as const) sum.exchanges[kind] += more.exchanges[kind]
  for (const [id, count] of Object.entries(more.used)) sum.used[id] = (sum.used[id] ?? 0) + count
  for (const [name, count] of Object.entries(more.seen)) sum.seen[name] = (sum.seen[name] ?? 0) + count
}

/**
 * Deviations nothing showed: an entry with situations needs each of them, any other has to be subtracted at least once.
 */
export function neverExercised(ids: readonly string[], situations: readonly string[], tally: Tally): string[] {
  return ids.flatMap((id) => {
    const own = situations.filter((name) => name.startsWith(`${id}: `))
    if (own.length === 0) return (tally.used[id] ?? 0) > 0 ? [] : [id]
    return own.filter((name) => (tally.seen[name] ?? 0) === 0)
  })
}
