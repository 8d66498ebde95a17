/** Verbs about plans in a file. */
import type { ArgumentSpec, CommandSpec } from '../command.ts'
import { GRACE, LOCKED, RUN_KEY } from './options.ts'

const PLAN_FILE: ArgumentSpec = { name: 'plan', required: true, describe: 'File that plan --out wrote' }

export const SAVED_PLANS: readonly CommandSpec[] = [
  {
    name: 'approve',
    summary: 'Let a saved plan go where a sync says require_approval; recorded',
    args: [PLAN_FILE],
    options: [
      { name: 'reason', kind: 'text', value: 'TEXT', describe: 'Why it may go; goes into the audit' },
      { name: 'self', kind: 'flag', describe: 'Approve a plan that you made yourself; recorded as such' },
    ],
    examples: [['approve plan.json --reason "checked with Sales Ops"', 'then apply plan.json']],
    load: () => import('../approve.ts'),
  },
  {
    name: 'apply',
    summary: 'Send a saved plan exactly as it was reviewed, or nothing',
    args: [PLAN_FILE],
    options: [RUN_KEY, ...LOCKED, GRACE],
    examples: [
      ['apply plan.json', 'refused with the reason when anything changed since the plan'],
      ['apply plan.json -t prod --output json', 'after the merge of the pull request that showed the plan'],
    ],
    load: () => import('../apply.ts'),
  },
]
