/** Verbs that send: a saved plan, or one made on the spot. */
import type { CommandSpec } from '../command.ts'
import { ALLOW, AUTO_APPROVE, LOCKED, PLAN_FILE } from './options.ts'

export const SENDING: readonly CommandSpec[] = [
  {
    name: 'apply',
    summary: 'Send a saved plan exactly as it was reviewed, or nothing',
    args: [PLAN_FILE],
    options: [
      {
        name: 'run-key',
        kind: 'text',
        value: 'KEY',
        describe: "An orchestrator's id of this run: done once, however often tried",
      },
      ...LOCKED,
    ],
    examples: [
      ['apply plan.json', 'refused with the reason when anything changed since the plan'],
      ['apply plan.json -t prod --output json', 'after the merge of the pull request that showed the plan'],
    ],
    load: () => import('../apply.ts'),
  },
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
    name: 'run',
    summary: 'Plan, guard, send, audit',
    options: [
      { name: 'dry-run', kind: 'flag', describe: 'The same as plan' },
      {
        name: 'run-key',
        kind: 'text',
        value: 'KEY',
        describe: "An orchestrator's id of this run: done once, however often tried",
      },
      AUTO_APPROVE,
      ...ALLOW,
      ...LOCKED,
    ],
    examples: [
      ['run -t prod --output json', 'for an orchestrator: the last line is the result'],
      ['run -s hubspot_companies --allow creates=2000 --reason "backfill"', 'past one guard, once'],
    ],
    load: () => import('../run.ts'),
  },
]
