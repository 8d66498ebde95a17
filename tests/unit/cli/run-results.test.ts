import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readAllowance } from '../../../runner/commands/read-allowance.ts'
import { timing, writeRunResults } from '../../../runner/output/run-results.ts'
import { writeAtomically } from '../../../runner/output/write-atomically.ts'

const AT = Date.UTC(2026, 10, 22, 12, 0, 5)

test("run_results.json has dbt's top-level shape", () => {
  const dir = mkdtempSync(join(tmpdir(), 'backfeed-results-'))
  writeRunResults(join(dir, 'target'), {
    version: '0.1.0',
    invocationId: 'inv',
    generatedAtMs: AT,
    elapsedSeconds: 5,
    args: { which: 'run' },
    results: [
      {
        unique_id: 'sync.p.a',
        status: 'success',
        message: null,
        execution_time: 2,
        timing: timing(2, AT),
        thread_id: 'main',
        failures: 0,
        adapter_response: {},
        rows: { planned: 1 },
      },
    ],
  })
  const written = JSON.parse(readFileSync(join(dir, 'target/run_results.json'), 'utf8'))
  expect(Object.keys(written).sort()).toEqual(['args', 'elapsed_time', 'metadata', 'results'])
  expect(written.metadata).toMatchObject({ invocation_id: 'inv', generated_at: '2026-11-22T12:00:05.000Z' })
  expect(written.results[0].timing).toEqual([
    { name: 'execute', started_at: '2026-11-22T12:00:03.000Z', completed_at: '2026-11-22T12:00:05.000Z' },
  ])
})

test('files appear whole or not at all', () => {
  const dir = mkdtempSync(join(tmpdir(), 'backfeed-atomic-'))
  writeAtomically(join(dir, 'a/b.json'), '{}')
  expect(readdirSync(join(dir, 'a'))).toEqual(['b.json'])
  writeFileSync(join(dir, 'file'), '')
  expect(() => writeAtomically(join(dir, 'file/below.json'), '{}')).toThrow(/E-CFG-PATH cannot write/)
  expect(existsSync(join(dir, 'file/below.json'))).toBe(false)
})

const args = (allow: readonly string[], reason?: string) => ({
  list: () => allow,
  text: () => reason,
})

test('raised guards are numbers with a reason', () => {
  expect(readAllowance(args(['creates=2000', 'shrink=50%'], 'backfill'))).toEqual({
    limits: { creates: 2000, shrink: 50 },
    reason: 'backfill',
  })
  expect(readAllowance(args(['creates=1,updates=2'], 'x')).limits).toEqual({ creates: 1, updates: 2 })
  expect(readAllowance(args([]))).toEqual({ limits: {} })
})

test.each([
  [['creates=5'], undefined, 'needs --reason'],
  [['creates=many'], 'x', 'is not a number of rows'],
  [['creates=5%'], 'x', 'is not a number of rows'],
  [['creates'], 'x', 'is not a number of rows'],
  [['everything=1'], 'x', 'unknown guard "everything"'],
  [[], 'because', '--reason without --allow'],
])('--allow %j --reason %s is refused', (allow, reason, message) => {
  expect(() => readAllowance(args(allow, reason))).toThrow(message)
})
