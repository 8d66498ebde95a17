/** `quarantine ls|show`: rows that wait, and why. They leave by themselves once the source is fixed. */
import { quarantineList, quarantineShow } from '../audit/queries.ts'
import type { ExitCode } from '../errors.ts'
import { answerFromAudit } from './audit-session.ts'
import type { CommandContext } from './command.ts'
import { knownSync } from './known-sync.ts'

const ROWS = 100

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { args } = context
  return answerFromAudit(context, async ({ project, audit }) => {
    const named = args.text('sync')
    if (context.verb === 'quarantine show') {
      const sync = knownSync(project, args.required('sync'))
      return {
        ...(await quarantineShow(audit, sync, args.required('key'))),
        empty: `${sync} has never quarantined this key`,
      }
    }
    const answer = await quarantineList(audit, {
      ...(named === undefined ? {} : { sync: knownSync(project, named) }),
      all: args.flag('all'),
      limit: args.number('limit') ?? ROWS,
    })
    return { ...answer, empty: 'No row is in quarantine' }
  })
}
