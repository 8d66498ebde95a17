/** Arguments and options that several verbs share. */
import type { ArgumentSpec, OptionSpec } from '../command.ts'

export const SYNC: ArgumentSpec = { name: 'sync', required: true, describe: 'Name of a sync' }
export const LIMIT: OptionSpec = { name: 'limit', kind: 'number', value: 'N', describe: 'Rows to show' }
export const ALLOW: readonly OptionSpec[] = [
  { name: 'allow', kind: 'list', value: 'GUARD=N', describe: 'Raise one guard for this time: creates=2000' },
  { name: 'reason', kind: 'text', value: 'TEXT', describe: 'Why a guard is raised; goes into the audit' },
]

export const LOCKED: readonly OptionSpec[] = [
  { name: 'lock-timeout', kind: 'text', value: 'TIME', describe: 'Wait so long for another run of the sync: 30s, 10m' },
  {
    name: 'on-locked',
    kind: 'text',
    choices: ['fail', 'skip'],
    describe: 'Another run still holds the sync: fail (exit 6, default) or skip (exit 99)',
  },
]

/** Of every verb that may write to a CRM without a saved plan. */
export const AUTO_APPROVE: OptionSpec = {
  name: 'auto-approve',
  kind: 'flag',
  describe: 'Write to a target with protect: true without a saved plan',
}

export const OUT: readonly OptionSpec[] = [
  { name: 'out', kind: 'text', value: 'FILE', describe: 'Also write the plan: .json for apply, .md for people' },
  { name: 'expires', kind: 'text', value: 'TIME', describe: 'How long FILE can be applied: 2h (default 1d)' },
]

export const PLAN_FILE: ArgumentSpec = { name: 'plan', required: true, describe: 'File that plan --out wrote' }
