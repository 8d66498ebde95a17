/** A rollout from the command line, and what a plan and a person's hand say about it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountsModel, accountsYaml, CUSTOMERS, smallSync } from '../promises/small-sync.ts'
import type { LiveProject } from '../support/live-project.ts'

const more = [
  'rollout: {phases: [{name: canary, keys_file: pilot.txt}, {name: all}]}',
  'on_removed: clear_fields',
  'guards: {max_clears: 100%, max_source_drop: 100%}',
]

let project: LiveProject
beforeAll(async () => {
  project = await smallSync(CUSTOMERS, { more })
  project.write('pilot.txt', '\uFEFFC-2\r\n\r\n')
})
afterAll(() => project.close())

test('phases are shown, moved with a reason, and said by plan and status', async () => {
  const early = await project.cli('rollout', 'advance', 'accounts', '--reason', 'x')
  expect([early.exit, early.stderr]).toEqual([2, expect.stringContaining('E-ROLLOUT-ORG')])
  const plan = await project.cli('plan')
  expect(plan.stdout).toContain('Rollout: phase canary (1 of 2) reaches 1 of 3 rows, 2 wait; all begins by hand')
  expect(plan.stdout).toContain('held 2: rollout:canary 2')
  expect((await project.cli('plan', '--output', 'markdown')).stdout).toContain('phase canary (1 of 2)')
  expect((await project.cli('run')).exit).toBe(0)
  expect((await project.cli('rollout', 'advance', 'accounts')).exit).toBe(2)
  const paused = await project.cli('rollout', 'pause', 'accounts', '--reason', 'holidays', '--output', 'json')
  expect(paused.json).toMatchObject({ exit: 0, sync: 'accounts', event: 'paused', before: 'canary', phase: 'canary' })
  expect((await project.cli('plan')).stdout).toContain('paused, all begins by hand')
  const wrong = await project.cli('rollout', 'set', 'accounts', 'al', '--reason', 'x')
  expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining('did you mean')])
  expect((await project.cli('rollout', 'advance', 'accounts', '--reason', 'looked good')).stdout).toContain('phase all')
  const last = await project.cli('rollout', 'advance', 'accounts', '--reason', 'x')
  expect([last.exit, last.stderr]).toEqual([2, expect.stringContaining('last one')])
  const shown = await project.cli('rollout', 'show', 'accounts')
  expect(shown.stdout).toMatch(/canary\s+1 keys\s+reached.*holidays/)
  expect(shown.stdout).toMatch(/all\s+every row\s+active.*looked good/)
  expect((await project.cli('status')).stdout).toMatch(/rollout_phase[\s\S]*\ball\b/)
  expect((await project.cli('run', '--output', 'json')).exit).toBe(0)
  expect(await project.control.records('salesforce', 'Account')).toHaveLength(3)
}, 300_000)

test('rows that a change of the model filters out are held, and named', async () => {
  project.write('models/accounts.sql', accountsModel(CUSTOMERS.slice(1)))
  const first = await project.cli('run')
  expect(first.exit).toBe(0)
  const again = await project.cli('plan')
  expect(again.stdout).toContain('held 1: removal:model_changed 1')
  project.write('syncs/accounts.yml', accountsYaml({ more: more.filter((line) => !line.startsWith('on_removed')) }))
  expect((await project.cli('plan')).stdout).toContain('gone 1')
}, 300_000)
