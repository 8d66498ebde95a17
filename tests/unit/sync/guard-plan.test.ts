import { describe, expect, test } from 'vitest'
import type { Guards } from '../../../runner/project/project.ts'
import { type GuardRequest, guardPlan, isBlocked } from '../../../runner/sync/guard-plan.ts'
import type { PlanCounts } from '../../../runner/sync/plan-counts.ts'

const guards: Guards = {
  minSourceRows: 1,
  maxSourceDrop: { percent: 20 },
  maxCreates: { percent: 5 },
  maxUpdates: { percent: 20 },
  maxClears: { percent: 1 },
  maxDeletes: { count: 0 },
  maxQuarantined: { percent: 5 },
  maxRejected: { percent: 5 },
  explicit: [],
}

const counts: PlanCounts = {
  source: 100_000,
  candidates: 0,
  unchanged: 0,
  send: 0,
  create: 0,
  update: 0,
  clears: 0,
  noop: 0,
  held: 0,
  skipped: 0,
  quarantined: 0,
  removed: 0,
  sendByRequest: 0,
  jobs: 0,
  writeCalls: 0,
  quarantineByReason: {},
  heldByReason: {},
  skippedByReason: {},
  failingRules: {},
  drift: 0,
}

function verdicts(change: Partial<PlanCounts>, request: Partial<GuardRequest> = {}) {
  return guardPlan({
    counts: { ...counts, ...change },
    guards,
    allowance: { limits: {} },
    aboutSource: true,
    ...request,
  })
}

function blocked(change: Partial<PlanCounts>, request: Partial<GuardRequest> = {}): string[] {
  return verdicts(change, request)
    .filter((verdict) => verdict.verdict === 'blocked')
    .map((verdict) => verdict.code)
}

describe('guardPlan', () => {
  test('an empty source is refused', () => {
    expect(blocked({ source: 0 })).toEqual(['E-GUARD-EMPTY'])
  })

  test.each([
    ['creates', 'create', 5_000, 'E-BUDGET-CREATES'],
    ['updates', 'update', 20_000, 'E-BUDGET-UPDATES'],
    ['clears', 'clears', 1_000, 'E-BUDGET-CLEARS'],
    ['quarantined', 'quarantined', 5_000, 'E-BUDGET-QUARANTINED'],
  ] as const)('%s: the limit itself passes, one more is refused with what to type', (name, count, limit, code) => {
    expect(blocked({ [count]: limit })).toEqual([])
    expect(blocked({ [count]: limit + 1 })).toEqual([code])
    const verdict = verdicts({ [count]: limit + 1 }).find((candidate) => candidate.name === name)
    expect(verdict?.allow).toBe(`--allow ${name}=${limit + 1} --reason "…"`)
  })

  test('small tables have floors, unless the limit was written down', () => {
    expect(blocked({ source: 100, create: 50 })).toEqual([])
    expect(blocked({ source: 100, create: 51 })).toEqual(['E-BUDGET-CREATES'])
    expect(blocked({ source: 100, create: 6 }, { guards: { ...guards, explicit: ['max_creates'] } })).toEqual([
      'E-BUDGET-CREATES',
    ])
  })

  test('100% switches a guard off and a plain number is a count', () => {
    expect(blocked({ create: 99_999 }, { guards: { ...guards, maxCreates: { percent: 100 } } })).toEqual([])
    expect(blocked({ create: 61 }, { guards: { ...guards, maxCreates: { count: 60 } } })).toEqual(['E-BUDGET-CREATES'])
  })

  test('a shrunk source is measured against the last run', () => {
    expect(blocked({ source: 80 }, { lastSourceRows: 100 })).toEqual([])
    expect(blocked({ source: 79 }, { lastSourceRows: 100 })).toEqual(['E-GUARD-SHRINK'])
    expect(verdicts({ source: 79 }).some((verdict) => verdict.name === 'shrink')).toBe(false)
  })

  test('an allowance needs a reason and a large enough number', () => {
    const allow = (limits: object, reason?: string) => ({ allowance: { limits, ...(reason ? { reason } : {}) } })
    expect(blocked({ create: 6_000 }, allow({ creates: 6_000 }))).toEqual(['E-BUDGET-CREATES'])
    expect(blocked({ create: 6_000 }, allow({ creates: 5_999 }, 'backfill'))).toEqual(['E-BUDGET-CREATES'])
    expect(blocked({ create: 6_000 }, allow({ creates: 6_000 }, 'backfill'))).toEqual([])
    expect(blocked({ source: 50 }, { lastSourceRows: 100, ...allow({ shrink: 50 }, 'closed shop') })).toEqual([])
  })

  test('a broken rule with on_fail: fail cannot be allowed', () => {
    const result = verdicts(
      { failingRules: { totals_match: 3 } },
      { allowance: { limits: { quarantined: 9 }, reason: 'x' } },
    )
    expect(isBlocked(result)).toBe(true)
    expect(result.at(-1)).toMatchObject({ name: 'fail_rules', actual: 3, code: 'E-DATA-RULE' })
  })
})
