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
