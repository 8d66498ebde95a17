import { expect } from 'vitest'
import { HOUR, type ProcessLab } from './process-lab.ts'
import type { RunnerOptions } from './runner-process.ts'
import { brokenInvariants, type Expected } from './witness.ts'

/**
 * What an operator does after a fault: runs again, and once more when that run says that rows are not settled yet (exit 5). Time passes
 * on the clocks only. Then the witness must find nothing.
 */
export async function runUntilSettled(lab: ProcessLab, expected: Expected, options: RunnerOptions = {}): Promise<void> {
  const again = (hours: number) => lab.run(['run', '--output', 'json'], { laterMs: hours * HOUR, ...options })
  const next = await again(1)
  expect([0, 5], next.stderr).toContain(next.code)
  if (next.code === 5) {
    const last = await again(2)
    expect(last.code, last.stderr).toBe(0)
  }
  expect(await brokenInvariants(lab, expected)).toEqual([])
}
