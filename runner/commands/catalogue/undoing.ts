/** Verbs that stop a sync, take a run back, or free what a dead process holds. */
import type { CommandSpec, OptionSpec } from '../command.ts'
import { ALLOW, AUTO_APPROVE, LOCKED, SYNC } from './options.ts'

const WHY: OptionSpec = { name: 'reason', kind: 'text', value: 'TEXT', describe: 'Why; goes into the audit' }

export const UNDOING: readonly CommandSpec[] = [
  {
    name: 'revert',
    summary:
      'Put back what a run changed, wherever nobody changed it since, and pause the sync; a plan without --apply',
    args: [{ name: 'run', required: true, describe: 'Id of the run: see history runs' }],
    options: [
      { name: 'keys', kind: 'list', value: 'K1,K2', describe: 'Only these primary keys' },
      { name: 'keys-file', kind: 'text', value: 'FILE', describe: 'Only the primary keys of FILE, one per line' },
      { name: 'fields', kind: 'list', value: 'A,B', describe: 'Only these CRM fields' },
      { name: 'apply', kind: 'flag', describe: 'Write what the plan shows' },
      { name: 'delete-created', kind: 'flag', describe: 'Not supported yet: records that the run created stay' },
      { name: 'sample', kind: 'number', value: 'N', describe: 'Rows shown (default 10)' },
      { name: 'show-values', kind: 'flag', describe: 'Rows and their values in JSON too' },
      ...ALLOW,
      ...LOCKED,
      AUTO_APPROVE,
    ],
    examples: [
      ['revert run_5f3a', 'field by field: what would go back, and what somebody changed since'],
      ['revert run_5f3a --apply', 'writes it and pauses the sync; resume lets it run again'],
      ['revert run_5f3a --keys C-0042 --fields LTV__c --apply', 'one field of one record'],
    ],
    load: () => import('../revert.ts'),
  },
  {
    name: 'pause',
    summary: 'Let no run of a sync send anything until it is resumed; plans and reports go on',
    args: [SYNC],
    options: [WHY],
    examples: [['pause salesforce_accounts --reason "scores look wrong"', 'run exits with 3 and says who and why']],
    load: () => import('../pause.ts'),
  },
  {
    name: 'resume',
    summary: 'Let a paused sync run again',
    args: [SYNC],
    options: [WHY],
    examples: [['resume salesforce_accounts', 'the next run plans everything that is open']],
    load: () => import('../pause.ts'),
  },
  {
    name: 'unlock',
    summary: 'End the lease of a run whose process is gone; shows who holds it without --yes',
    args: [SYNC],
    options: [
      WHY,
      { name: 'yes', kind: 'flag', describe: 'End it' },
      { name: 'force', kind: 'flag', describe: 'Even while its holder is alive; it will send nothing more' },
    ],
    examples: [
      ['unlock salesforce_accounts', 'run, since when, last sign of life'],
      ['unlock salesforce_accounts --reason "pod was evicted" --yes', 'the next run recovers what it left behind'],
    ],
    load: () => import('../unlock.ts'),
  },
]
