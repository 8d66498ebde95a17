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
    // Whatever its own rows did: a run with the exit of an unfinished one must not be a success in the log.
    expect(await lastEvent(lab, expected.sync)).toBe('partial')
    const last = await again(2)
    expect(last.code, last.stderr).toBe(0)
  }
  expect(await brokenInvariants(lab, expected)).toEqual([])
}

async function lastEvent(lab: ProcessLab, sync: string): Promise<string | null | undefined> {
  const [row] = await lab.query(
    `select e.event from backfeed.sync_run_event as e join backfeed.sync_run as r on r.run_id = e.run_id where r.sync_name = '${sync}' order by r.epoch desc, e.seq desc limit 1`,
  )
  return row?.[0]
}
