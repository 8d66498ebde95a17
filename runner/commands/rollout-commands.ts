/** The verbs of `rollout`, for the catalogue. */
import type { ArgumentSpec, CommandSpec, OptionSpec } from './command.ts'

const SYNC: ArgumentSpec = { name: 'sync', required: true, describe: 'Name of a sync' }
const CHANGE: readonly OptionSpec[] = [
  { name: 'reason', kind: 'text', value: 'TEXT', describe: 'Why; goes into the audit' },
  { name: 'lock-timeout', kind: 'text', value: 'TIME', describe: 'Wait so long for a run of the sync: 30s, 10m' },
]
const load = () => import('./rollout.ts')

export const ROLLOUT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'rollout show',
    summary: 'The phases of a sync, which one is active, and who moved it',
    args: [SYNC],
    examples: [['rollout show salesforce_accounts', 'where the rollout stands']],
    load,
  },
  {
    name: 'rollout advance',
    summary: 'Begin the next phase of a rollout',
    args: [SYNC],
    options: CHANGE,
    examples: [['rollout advance salesforce_accounts --reason "canary looked good"', 'from the next run on']],
    load,
  },
  {
    name: 'rollout set',
    summary: 'Put a rollout into one of its phases, forwards or back; going back deletes and reverts nothing',
    args: [SYNC, { name: 'phase', required: true, describe: 'Name of a phase' }],
    options: CHANGE,
    examples: [['rollout set salesforce_accounts canary --reason "wrong scores"', 'the other rows wait again']],
    load,
  },
  {
    name: 'rollout pause',
    summary: 'Stay in the active phase: runs go on in it and none begins the next one',
    args: [SYNC],
    options: CHANGE,
    examples: [['rollout pause salesforce_accounts --reason "holidays"', 'until advance or set']],
    load,
  },
]
