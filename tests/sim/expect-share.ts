/** One of two equal shares of the seeds that every `npm test` runs, so that they run side by side. */
import { expect } from 'vitest'
import { describeBatch, runBatch } from './run-batch.ts'
import { openStage } from './variants.ts'

const seedsPerShare = 500

/** What must have happened in every share: a batch in which a path is never taken proves nothing about it. */
export const sometimes: readonly string[] = [
  ...['kill before a call', 'kill under way', 'kill after an answer'],
  ...['kill at CP08', 'kill at CP09', 'kill at CP11', 'kill at CP24', 'kill at CP26'],
  ...['pause', 'pause longer than the lease', 'signal'],
  ...['warehouse refuses', 'warehouse loses an answer', 'warehouse slow'],
  ...[
    'crm: answer lost',
    'crm: late',
    'crm: far too late',
    'crm: lost',
    'crm: twice',
    'crm: partly answered',
    'crm: not sent',
  ],
  ...['crm: locked rows', 'crm: quota', 'crm: refused', 'crm: throttled', 'read fails'],
  ...['outcome: succeeded', 'outcome: rejected', 'outcome: retryable', 'outcome: unknown'],
  ...['rests: synced', 'rests: held', 'rests: quarantined', 'rests: rejected', 'rests: skipped'],
  ...[
    'recovery: orphans',
    'recovery: unsent',
    'recovery: nothing planned',
    'held back: unknown',
    'held back: rejected',
  ],
  ...['run ends: succeeded', 'run ends: partial', 'run ends: nothing to do', 'run ends: refused', 'run ends: planned'],
  ...['run ends: already applied', 'run ends: failed', 'run ends: interrupted'],
  ...['problem: E-BUDGET-CREATES', 'problem: E-BUDGET-UPDATES', 'problem: E-GUARD-SHRINK'],
  ...['problem: E-RUN-BUSY', 'problem: E-RUN-FENCED', 'problem: E-RUN-UNKNOWN', 'problem: E-CRM-QUOTA'],
  ...['user edits', 'user notes', 'user deletes', 'invariants asked'],
  ...['save: planned', 'apply: wrote', 'apply: succeeded', 'preview revert: planned', 'revert: wrote'],
  ...['revert: succeeded', 'drift: planned', 'repair: wrote', 'reconcile: nothing to do'],
]

export async function expectShare(share: 0 | 1): Promise<void> {
  const batch = await runBatch(await openStage(), { from: 1 + share * seedsPerShare, count: seedsPerShare })
  const told = describeBatch(batch)
  process.stdout.write(`simulation: ${told.at(-1)}\n`)
  expect(batch.failures, `${told.join('\n')}\nreplay one: npm run sim -- --seed N --trace`).toEqual([])
  expect(sometimes.filter((what) => batch.counters.of(what) === 0)).toEqual([])
}
