/** What decides about phases and removals without a warehouse. */
import { describe, expect, test } from 'vitest'
import { phaseProblems } from '../../../runner/project/build-rollout.ts'
import type { Rollout, RolloutPhase } from '../../../runner/project/sync-rollout.ts'
import { blockOfDeletes } from '../../../runner/sync/removals/removal-limits.ts'
import { contextRollout } from '../../../runner/sync/rollout/context-rollout.ts'
import { mayAdvance, type PhaseRun, phaseProgress } from '../../../runner/sync/rollout/phase-progress.ts'

const at = { file: 'syncs/a.yml', line: 1, column: 1 }
const phase = (name: string, more: Partial<RolloutPhase> = {}): RolloutPhase => ({ name, at, ...more })
const rollout = (...phases: RolloutPhase[]): { rollout: Rollout } => ({ rollout: { phases, salt: 's', at } })

describe('a phase as templates see it', () => {
  test('null without a rollout, and from the phase that holds every row on', () => {
    expect(contextRollout({}, { fingerprint: ['a'] })).toBeNull()
    expect(
      contextRollout(rollout(phase('few', { keys: ['1'] }), phase('all')), { phase: 'all', fingerprint: [] }),
    ).toBeNull()
    const whole = rollout(phase('few', { keys: ['1'] }), phase('hundred', { samplePercent: 100 }))
    expect(contextRollout(whole, { phase: 'hundred', fingerprint: [] })).toBeNull()
  })

  test('holds what earlier phases held; samples that a later one contains are left out', () => {
    const phases = [
      phase('canary', { where: 'x' }),
      phase('ten', { samplePercent: 10 }),
      phase('half', { samplePercent: 50.5 }),
    ]
    expect(contextRollout(rollout(...phases), { phase: 'half', fingerprint: ['a'] })).toEqual({
      phase: 'half',
      reason: 'rollout:half',
      salt: 's',
      steps: [
        { where: 'x', below: null, keys: null },
        { where: null, below: 5050, keys: null },
      ],
      fingerprint: ['a', "cast('rollout:half' as varchar(80))"],
    })
  })

  test('is the first one when nobody says which, and never every row by a name that is not there', () => {
    const two = rollout(phase('few', { keys: ['1'] }), phase('all'))
    expect(contextRollout(two, { fingerprint: [] })?.phase).toBe('few')
    expect(() => contextRollout(two, { phase: 'gone', fingerprint: [] })).toThrow(/stands in the file/)
  })

  test('phases that add no row are reported', () => {
    const codes = (...phases: RolloutPhase[]) => phaseProblems(phases).map(({ code }) => code)
    expect(codes(phase('a', { keys: ['1'] }), phase('a'))).toEqual(['E-CFG-DUPNAME'])
    expect(codes(phase('all'), phase('more', { keys: ['1'] }))).toEqual(['E-CFG-VALUE'])
    expect(codes(phase('a', { samplePercent: 25 }), phase('b', { samplePercent: 10 }))).toEqual(['E-CFG-VALUE'])
    expect(
      codes(phase('a', { samplePercent: 10, where: 'x' }), phase('b', { samplePercent: 10 }), phase('all')),
    ).toEqual([])
  })
})

describe('promotion', () => {
  const run = (more: Partial<PhaseRun> = {}): PhaseRun => ({
    purpose: 'sync',
    event: 'succeeded',
    send: 100,
    succeeded: 100,
    ...more,
  })
  const after = { advanceAfter: { runs: 2, maxErrorPercent: 1 } }
  const advances = (...runs: PhaseRun[]): boolean => {
    const progress = phaseProgress(runs, after)
    return progress !== undefined && mayAdvance(progress)
  }

  test('needs runs in a row, the newest first', () => {
    expect(advances(run())).toBe(false)
    expect(advances(run(), run())).toBe(true)
    expect(advances(run(), run({ event: 'failed' }), run(), run())).toBe(false)
    expect(phaseProgress([run()], {})).toBeUndefined()
  })

  test('counts a run by the share of rows that did not succeed', () => {
    expect(advances(run({ event: 'partial', succeeded: 99 }), run())).toBe(true)
    expect(advances(run({ event: 'partial', succeeded: 98 }), run())).toBe(false)
    expect(advances(run({ send: 0, succeeded: 0 }), run())).toBe(true)
    expect(advances(run({ send: 0, succeeded: 0 }), run({ send: 0, succeeded: 0 }))).toBe(false)
  })

  test.each(['crashed', 'interrupted', 'refused', 'aborted', 'failed', null])('%s is no good run', (event) => {
    expect(advances(run({ event }), run(), run())).toBe(false)
  })

  test('a revert starts the count again, a look at drift does not', () => {
    expect(advances(run({ purpose: 'revert' }), run(), run())).toBe(false)
    expect(advances(run(), run({ purpose: 'drift' }), run({ purpose: 'apply' }))).toBe(true)
  })
})

describe('deletes', () => {
  const guards = (count: number) => ({ guards: { maxDeletes: { count } } }) as Parameters<typeof blockOfDeletes>[0]

  test('need a budget, written or allowed with a reason', () => {
    expect(blockOfDeletes(guards(0), { limits: {} })).toBe('delete:no_budget')
    expect(blockOfDeletes(guards(0), { limits: { deletes: 3 } })).toBe('delete:no_budget')
    expect(blockOfDeletes(guards(0), { limits: { deletes: 3 }, reason: 'x' })).toBeNull()
    expect(blockOfDeletes(guards(5), { limits: {} })).toBeNull()
  })

  test('wait in a run whose source guard was raised', () => {
    expect(blockOfDeletes(guards(5), { limits: { shrink: 50 }, reason: 'x' })).toBe('delete:source_guard_raised')
    expect(blockOfDeletes(guards(5), { limits: { empty: 1 }, reason: 'x' })).toBe('delete:source_guard_raised')
  })
})
