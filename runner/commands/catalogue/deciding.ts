/** Verbs with which a person decides about rows that wait, or looks after what people did in the CRM. */
import type { CommandSpec } from '../command.ts'
import { ALLOW, AUTO_APPROVE, LOCKED, OUT, SYNC } from './options.ts'

export const DECIDING: readonly CommandSpec[] = [
  {
    name: 'adopt',
    summary: 'Take what the CRM holds as the starting point of rows that wait for a person; a plan without --apply',
    args: [SYNC],
    options: [
      { name: 'keys', kind: 'list', value: 'K1,K2', describe: 'Only these primary keys' },
      { name: 'apply', kind: 'flag', describe: 'Do it; nothing is sent to the CRM' },
      { name: 'sample', kind: 'number', value: 'N', describe: 'Rows shown (default 10)' },
      { name: 'show-values', kind: 'flag', describe: 'Rows and their values in JSON too' },
      ...LOCKED,
    ],
    examples: [
      ['adopt salesforce_accounts', 'which rows wait, with both values'],
      ['adopt salesforce_accounts --keys C-0042 --apply', 'one row; the next plan shows what it would change'],
    ],
    load: () => import('../adopt.ts'),
  },
  {
    name: 'rekey',
    summary: 'Let the rows of a sync go on under another primary key; a plan without --apply',
    args: [SYNC],
    options: [
      { name: 'from', kind: 'list', value: 'COLUMNS', describe: 'Columns of the model that hold the former key' },
      { name: 'apply', kind: 'flag', describe: 'Do it; nothing is read from the CRM or sent to it' },
      ...LOCKED,
    ],
    examples: [
      [
        'rekey salesforce_accounts --from customer_id',
        'how many rows get another key; the sync has the new one already',
      ],
      ['rekey salesforce_accounts --from customer_id --apply', 'records, values and history of each row stay with it'],
    ],
    load: () => import('../rekey.ts'),
  },
  {
    name: 'reconcile',
    summary: 'Read back what may have been written by runs that died or lost an answer; sends nothing',
    options: [
      { name: 'no-wait', kind: 'flag', describe: 'Leave rows whose request may still be on its way' },
      ...LOCKED,
    ],
    examples: [
      ['reconcile -s salesforce_accounts', 'exit 0 when every outcome is known, 5 when some are not'],
      ['reconcile --no-wait', 'all syncs, only what can be told right now'],
    ],
    load: () => import('../reconcile.ts'),
  },
  {
    name: 'drift',
    summary: 'What people changed in the CRM since it was written; reads every matched record, sends nothing',
    options: [
      { name: 'repair', kind: 'flag', describe: 'Plan to write it again, where on_drift is overwrite' },
      { name: 'apply', kind: 'flag', describe: 'With --repair: send that plan' },
      AUTO_APPROVE,
      ...OUT,
      { name: 'detailed-exitcode', kind: 'flag', describe: 'Exit 10 when there is drift' },
      { name: 'sample', kind: 'number', value: 'N', describe: 'Rows shown per sync (default 10)' },
      { name: 'show-values', kind: 'flag', describe: 'Rows and their values in JSON too' },
      ...ALLOW,
      ...LOCKED,
    ],
    examples: [
      ['drift -s salesforce_accounts', 'field by field'],
      ['drift -s salesforce_accounts --repair --apply', 'warehouse values over edits, within the guards'],
    ],
    load: () => import('../drift.ts'),
  },
]
