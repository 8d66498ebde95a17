/** Decides whether a plan may be sent at all. Pure: counts and limits in, verdicts out; nothing is opened. */
import type { Guards, Limit } from '../project/project.ts'
import type { PlanCounts } from './plan-counts.ts'
import type { Allowance, AllowedGuard } from './sync-run.ts'

export interface GuardVerdict {
  name: Exclude<AllowedGuard, 'empty'> | 'min_source_rows' | 'fail_rules'
  /** The limit as a count of rows or fields. */
  limit: number
  /** The limit as it was written or defaulted. */
  rule: string
  actual: number
  verdict: 'ok' | 'allowed' | 'blocked'
  code: `E-${string}`
  /** What to type to let this plan through, when a person may. */
  allow?: string
}

export interface GuardRequest {
  counts: PlanCounts
  guards: Guards
  /** Rows of the source at the last run that ended well. */
  lastSourceRows?: number
  allowance: Allowance
  /** False: the plan does not come from the model, so nothing can be said about its rows. */
  aboutSource: boolean
}

/** The key of the sync file that each guard is written under. */
export const guardKeys = {
  min_source_rows: 'min_source_rows',
  shrink: 'max_source_drop',
  creates: 'max_creates',
  updates: 'max_updates',
  clears: 'max_clears',
  quarantined: 'max_quarantined',
} as const

/** Small tables get a floor, so that the first fifty creates of a new sync need no ceremony; a limit somebody wrote has none. */
const floors = { creates: 50, updates: 1_000, clears: 10, quarantined: 20 } as const

export function guardPlan(request: GuardRequest): GuardVerdict[] {
  const { counts, guards, aboutSource } = request
  return [
    ...(aboutSource ? [sourceRows(request), sourceDrop(request)] : []),
    limited(request, {
      name: 'creates',
      limit: guards.maxCreates,
      actual: counts.create,
      code: 'E-BUDGET-CREATES',
    }),
    limited(request, {
      name: 'updates',
      limit: guards.maxUpdates,
      actual: counts.update,
      code: 'E-BUDGET-UPDATES',
    }),
    limited(request, {
      name: 'clears',
      limit: guards.maxClears,
      actual: counts.clears,
      code: 'E-BUDGET-CLEARS',
    }),
    limited(request, {
      name: 'quarantined',
      limit: guards.maxQuarantined,
      actual: counts.quarantined,
      code: 'E-BUDGET-QUARANTINED',
    }),
    failingRules(counts),
  ].filter((verdict) => verdict !== undefined)
}

export function isBlocked(verdicts: readonly GuardVerdict[]): boolean {
  return verdicts.some((verdict) => verdict.verdict === 'blocked')
}

function sourceRows({ counts, guards, allowance }: GuardRequest): GuardVerdict {
  const enough = counts.source >= guards.minSourceRows
  const allowed = allowance.limits.empty !== undefined && Boolean(allowance.reason)
  return {
    name: 'min_source_rows',
    limit: guards.minSourceRows,
    rule: `at least ${guards.minSourceRows}`,
    actual: counts.source,
    verdict: enough ? 'ok' : allowed ? 'allowed' : 'blocked',
    code: 'E-GUARD-EMPTY',
    ...(enough ? {} : { allow: '--allow empty=1 --reason "…"' }),
  }
}

function sourceDrop({ counts, guards, lastSourceRows, allowance }: GuardRequest): GuardVerdict | undefined {
  if (lastSourceRows === undefined || lastSourceRows === 0) return undefined
  const dropped = Math.max(0, lastSourceRows - counts.source)
  const limit = asCount(guards.maxSourceDrop, lastSourceRows)
  const percent = Math.ceil((dropped / lastSourceRows) * 100)
  const allowed = Boolean(allowance.reason) && (allowance.limits.shrink ?? -1) >= percent
  return {
    name: 'shrink',
    limit,
    rule: limitText(guards.maxSourceDrop),
    actual: dropped,
    verdict: dropped <= limit ? 'ok' : allowed ? 'allowed' : 'blocked',
    code: 'E-GUARD-SHRINK',
    ...(dropped <= limit ? {} : { allow: `--allow shrink=${percent}% --reason "…"` }),
  }
}

interface Budget {
  name: keyof typeof floors
  limit: Limit
  actual: number
  code: `E-${string}`
}

function limited({ counts, guards, allowance }: GuardRequest, budget: Budget): GuardVerdict {
  const floor = guards.explicit.includes(guardKeys[budget.name]) ? 0 : floors[budget.name]
  const limit = Math.max(floor, asCount(budget.limit, counts.source))
  const allowed = Boolean(allowance.reason) && (allowance.limits[budget.name] ?? -1) >= budget.actual
  const within = budget.actual <= limit
  return {
    name: budget.name,
    limit,
    rule: limitText(budget.limit),
    actual: budget.actual,
    verdict: within ? 'ok' : allowed ? 'allowed' : 'blocked',
    code: budget.code,
    ...(within ? {} : { allow: `--allow ${budget.name}=${budget.actual} --reason "…"` }),
  }
}

function failingRules(counts: PlanCounts): GuardVerdict | undefined {
  const rows = Object.values(counts.failingRules).reduce((sum, count) => sum + count, 0)
  if (rows === 0) return undefined
  const rule = Object.keys(counts.failingRules).join(', ')
  return { name: 'fail_rules', limit: 0, rule, actual: rows, verdict: 'blocked', code: 'E-DATA-RULE' }
}

/** `100%` switches a guard off. */
function asCount(limit: Limit, base: number): number {
  if ('count' in limit) return limit.count
  return limit.percent >= 100 ? Number.POSITIVE_INFINITY : Math.floor((limit.percent / 100) * base)
}

function limitText(limit: Limit): string {
  return 'count' in limit ? String(limit.count) : `${limit.percent}%`
}
