/** Every verb in one table: help, completion and the parser read it. Handlers are imported only when their verb runs. */
import { DECIDING } from './catalogue/deciding.ts'
import { ALLOW, AUTO_APPROVE, GRACE, LIMIT, LOCKED, OUT, RUN_KEY, SYNC } from './catalogue/options.ts'
import { SAVED_PLANS } from './catalogue/saved-plans.ts'
import { UNDOING } from './catalogue/undoing.ts'
import type { CommandSpec } from './command.ts'

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    summary: 'Start a project from the worked example; never overwrites',
    args: [{ name: 'dir', required: false, describe: 'Folder to start in (default: here)' }],
    options: [{ name: 'no-input', kind: 'flag', describe: 'Never ask' }],
    examples: [['init activation', 'a new folder with models, syncs, seeds and editor schemas']],
    load: () => import('./init.ts'),
  },
  {
    name: 'demo',
    summary: 'The whole story on this machine: DuckDB and a local Salesforce and HubSpot',
    options: [
      { name: 'port', kind: 'number', value: 'N', describe: 'Port of the emulator (default: any free one)' },
      { name: 'keep', kind: 'flag', describe: 'Go on with the ./backfeed-demo of last time' },
    ],
    examples: [['demo', 'writes nothing outside ./backfeed-demo, needs no account and no network']],
    load: () => import('./demo.ts'),
  },
  {
    name: 'debug',
    summary: 'Check project, warehouse and CRM connections, step by step',
    options: [
      { name: 'connection', kind: 'text', value: 'NAME', describe: 'Only this CRM connection' },
      { name: 'offline', kind: 'flag', describe: 'Only what needs no connection' },
    ],
    examples: [['debug -t prod', 'logins, grants, API limits, fields writable, match field unique']],
    load: () => import('./debug.ts'),
  },
  {
    name: 'parse',
    summary: 'Check every file of the project and write target/manifest.json',
    examples: [['parse', 'all problems at once; no connection, no secrets']],
    load: () => import('./parse.ts'),
  },
  {
    name: 'ls',
    summary: 'List models, seeds, sources and syncs',
    options: [
      {
        name: 'resource-type',
        kind: 'text',
        choices: ['all', 'model', 'seed', 'source', 'sync'],
        describe: 'Only one kind',
      },
    ],
    examples: [
      ['ls -s tag:crm', 'what a selector matches'],
      ['ls --resource-type sync --output json', 'for scripts'],
    ],
    load: () => import('./ls.ts'),
  },
  {
    name: 'compile',
    summary: 'Render SQL into target/compiled; one selected model is printed',
    examples: [['compile -s crm_accounts', 'the SQL of one model']],
    load: () => import('./compile.ts'),
  },
  {
    name: 'show',
    summary: 'Preview the rows of a model or seed',
    options: [LIMIT],
    examples: [['show -s crm_accounts --limit 5', 'five rows']],
    load: () => import('./show.ts'),
  },
  {
    name: 'seed',
    summary: 'Load the CSV files of seeds/ into the warehouse',
    examples: [['seed -s customer_dim', 'one file']],
    load: () => import('./seed.ts'),
  },
  {
    name: 'build',
    summary: 'Seeds and models in the warehouse; never touches a CRM',
    examples: [['build -s +crm_accounts', 'a model and what it reads']],
    load: () => import('./build.ts'),
  },
  {
    name: 'clean',
    summary: 'Delete the clean-targets folders of project.yml',
    examples: [['clean', 'target and logs']],
    load: () => import('./clean.ts'),
  },
  {
    name: 'plan',
    summary: 'What a run would send, field by field, against the live CRM; sends nothing',
    options: [
      { name: 'sample', kind: 'number', value: 'N', describe: 'Rows shown per sync (default 10)' },
      { name: 'show-values', kind: 'flag', describe: 'Field values in markdown and JSON too' },
      ...OUT,
      { name: 'detailed-exitcode', kind: 'flag', describe: 'Exit 10 when there are changes' },
      ...ALLOW,
      ...LOCKED,
    ],
    examples: [
      ['plan -s salesforce_accounts', 'before → after of one sync'],
      ['plan -t prod --out plan.json', 'saved: apply sends exactly this, or nothing'],
      ['plan --output markdown', 'for a pull request; no values unless --show-values'],
    ],
    load: () => import('./plan.ts'),
  },
  ...SAVED_PLANS,
  {
    name: 'run',
    summary: 'Plan, guard, send, audit',
    options: [
      { name: 'dry-run', kind: 'flag', describe: 'The same as plan' },
      RUN_KEY,
      AUTO_APPROVE,
      ...ALLOW,
      ...LOCKED,
      GRACE,
    ],
    examples: [
      ['run -t prod --output json', 'for an orchestrator: the last line is the result'],
      ['run -s hubspot_companies --allow creates=2000 --reason "backfill"', 'past one guard, once'],
    ],
    load: () => import('./run.ts'),
  },
  {
    name: 'link',
    summary: 'Find the records that rows already have, and write the key of the sync into them; a plan without --apply',
    args: [{ name: 'object', required: true, describe: 'API name of the object: companies' }],
    options: [
      { name: 'by', kind: 'text', value: 'PROPERTY', describe: 'Property that both sides know: domain' },
      { name: 'apply', kind: 'flag', describe: 'Write what the plan shows' },
      AUTO_APPROVE,
      ...OUT,
      { name: 'sample', kind: 'number', value: 'N', describe: 'Rows shown per sync (default 10)' },
      { name: 'show-values', kind: 'flag', describe: 'Rows and their ids in JSON too' },
      ...ALLOW,
    ],
    examples: [
      ['link companies --by domain -s hubspot_companies', 'who would get a key, who waits and why'],
      ['link companies --by domain -s hubspot_companies --apply', 'writes the keys, nothing else'],
    ],
    load: () => import('./link.ts'),
  },
  ...DECIDING,
  ...UNDOING,
  {
    name: 'status',
    summary: 'Last run, open rows and quarantine of every sync',
    examples: [['status', 'one line per sync']],
    load: () => import('./status.ts'),
  },
  {
    name: 'history row',
    summary: 'Everything that happened to one row, field by field',
    args: [SYNC, { name: 'key', required: true, describe: 'Primary key of the row' }],
    options: [LIMIT],
    examples: [['history row salesforce_accounts C-0042', 'one customer']],
    load: () => import('./history.ts'),
  },
  {
    name: 'history runs',
    summary: 'Past runs and their counts',
    args: [{ name: 'sync', required: false, describe: 'Only this sync' }],
    options: [LIMIT],
    examples: [['history runs salesforce_accounts --limit 5', 'the last five']],
    load: () => import('./history.ts'),
  },
  {
    name: 'history field',
    summary: 'Changes of one CRM field across rows and runs',
    args: [SYNC, { name: 'field', required: true, describe: 'API name of the CRM field' }],
    options: [LIMIT],
    examples: [['history field salesforce_accounts LTV__c', 'who got a new value, when']],
    load: () => import('./history.ts'),
  },
  {
    name: 'history config',
    summary: 'Who changed a sync, when, in which commit, and which settings',
    args: [{ name: 'sync', required: false, describe: 'Only this sync' }],
    options: [LIMIT],
    examples: [['history config salesforce_accounts', 'setting by setting, newest first']],
    load: () => import('./history.ts'),
  },
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
    load: () => import('./audit.ts'),
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
    load: () => import('./audit.ts'),
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
    load: () => import('./purge.ts'),
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
    load: () => import('./grants.ts'),
  },
  {
    name: 'quarantine ls',
    summary: 'Rows that are held back, and why',
    args: [{ name: 'sync', required: false, describe: 'Only this sync' }],
    options: [LIMIT, { name: 'all', kind: 'flag', describe: 'Also those that have left quarantine' }],
    examples: [['quarantine ls salesforce_accounts', 'key, rule, first and last seen']],
    load: () => import('./quarantine.ts'),
  },
  {
    name: 'quarantine show',
    summary: 'One held row in full',
    args: [SYNC, { name: 'key', required: true, describe: 'Primary key of the row' }],
    examples: [['quarantine show salesforce_accounts C-0042', 'every reason it waits for']],
    load: () => import('./quarantine.ts'),
  },
  {
    name: 'emulator start',
    summary: 'A local Salesforce and HubSpot that speak the real protocols',
    options: [
      { name: 'port', kind: 'number', value: 'N', describe: 'Port of both CRMs (default 4010, 0: any free one)' },
      { name: 'control-port', kind: 'number', value: 'N', describe: 'Port of the control plane (default 4011)' },
      { name: 'seed', kind: 'number', value: 'N', describe: 'Seed of ids and times: the same seed, the same run' },
      { name: 'state', kind: 'text', value: 'FILE', describe: 'Keep records in FILE between starts' },
      { name: 'tls-port', kind: 'number', value: 'N', describe: 'Speak https too, on this port (0: any free one)' },
      {
        name: 'tls-cert',
        kind: 'text',
        value: 'FILE',
        describe: 'Where to write the certificate that clients must trust',
      },
    ],
    examples: [
      ['emulator start --port 4010 --control-port 4011', 'prints one JSON line when ready'],
      ['emulator start --tls-port 4443 --tls-cert emulator.pem', 'for clients that insist on https'],
    ],
    load: () => import('./emulator.ts'),
  },
  {
    name: 'emulator reset',
    summary: 'Empty a running emulator',
    options: [{ name: 'control-port', kind: 'number', value: 'N', describe: 'Its control port (default 4011)' }],
    examples: [['emulator reset', 'records, schemas and journal as at the start']],
    load: () => import('./emulator.ts'),
  },
  {
    name: 'emulator load',
    summary: 'Load schemas and records into a running emulator',
    args: [{ name: 'path', required: true, describe: 'A JSON file, or a folder of them' }],
    options: [{ name: 'control-port', kind: 'number', value: 'N', describe: 'Its control port (default 4011)' }],
    examples: [['emulator load seeds/crm', 'every JSON file of the folder, by name']],
    load: () => import('./emulator.ts'),
  },
  {
    name: 'schema',
    summary: 'Print the JSON Schemas of the project files',
    args: [{ name: 'kind', required: false, describe: 'Which one', choices: ['project', 'sync', 'properties'] }],
    examples: [['schema sync', 'for editors and other validators']],
    load: () => import('./schema.ts'),
  },
  {
    name: 'explain',
    summary: 'What an error code means and what to do',
    args: [{ name: 'code', required: true, describe: 'E-CFG-VALUE' }],
    examples: [['explain E-MAP-CRM-OWNED', 'reason, example, remedy']],
    load: () => import('./explain.ts'),
  },
  {
    name: 'completion',
    summary: 'Print a shell completion script',
    args: [{ name: 'shell', required: true, describe: 'Your shell', choices: ['bash', 'zsh', 'fish'] }],
    examples: [['completion bash >> ~/.bashrc', 'verbs, options and sync names on TAB']],
    load: () => import('./completion.ts'),
  },
]

/** Verbs with a place in the design whose feature is not built yet. They are names, so that a typo is told apart. */
export const LATER: Readonly<Record<string, string>> = {
  retry: 'until then `run` takes up again what is open',
  rollout: 'until then `-s` and a filter in the model limit a sync',
  docs: 'until then `ls --output json` and target/manifest.json hold the same facts',
  generate: 'until then `init` gives a project to copy from',
  mcp: 'until then every verb prints JSON with `--output json`',
  schedule: 'until then let cron or your orchestrator call `backfeed run`',
  test: 'until then the rules under `validate:` check rows on every plan',
  deps: 'until then `debug` prints the npm install line of a missing driver',
}
