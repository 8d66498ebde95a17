/** `audit …` in the catalogue. */
import type { CommandSpec } from '../command.ts'

export const AUDITING: readonly CommandSpec[] = [
  {
    name: 'audit check',
    summary: 'The 24 invariants of the protocol over the recorded runs; exits 1 when one does not hold',
    options: [
      { name: 'since', kind: 'text', value: 'TIME', describe: 'Only what happened since: 7d, 12h, 2026-01-31' },
      { name: 'limit', kind: 'number', value: 'N', describe: 'Findings shown per invariant (default 10)' },
    ],
    examples: [
      ['audit check', 'every sync that ever ran on this target'],
      ['audit check -s salesforce_accounts --since 7d --output json', 'for a monitor'],
    ],
    load: () => import('../audit.ts'),
  },
  {
    name: 'audit verify',
    summary: 'Recompute the hash chain; names run and place of what was edited, deleted, inserted or cut off',
    options: [
      {
        name: 'head',
        kind: 'list',
        value: 'HASH',
        describe: 'A hash that an earlier run printed: it has to be in the log',
      },
    ],
    examples: [
      ['audit verify', 'all syncs; set BACKFEED_AUDIT_KEY where the runs had it'],
      ['audit verify --head 3f1c…', 'with a witness from target/run_results.json'],
    ],
    load: () => import('../audit.ts'),
  },
  {
    name: 'audit purge',
    summary: 'Erase values of one key, or old ones that nothing needs; hashes and the chain stay',
    options: [
      {
        name: 'key',
        kind: 'text',
        value: 'KEY',
        describe: 'Primary key whose values are erased; with -s and --reason',
      },
      { name: 'older-than', kind: 'text', value: 'TIME', describe: 'Values of plans before: 90d, 2026-01-31' },
      { name: 'reason', kind: 'text', value: 'TEXT', describe: 'Why; goes into the audit' },
      { name: 'yes', kind: 'flag', describe: 'Do not ask' },
    ],
    examples: [
      ['audit purge -s salesforce_contacts --key C-0042 --reason "request 4711" --yes', 'one person'],
      ['audit purge --older-than 90d --yes', 'retention, for a nightly job'],
    ],
    load: () => import('../purge.ts'),
  },
  {
    name: 'audit grants',
    summary: 'Print least-privilege SQL for the roles runner, author and auditor',
    options: [
      { name: 'role', kind: 'text', choices: ['runner', 'author', 'auditor'], describe: 'Only this role' },
      {
        name: 'warehouse',
        kind: 'text',
        choices: ['duckdb', 'postgres', 'redshift', 'snowflake', 'bigquery', 'databricks'],
        describe: 'For another warehouse than that of the target',
      },
    ],
    examples: [['audit grants --role auditor', 'for an administrator to read and run']],
    load: () => import('../grants.ts'),
  },
]
