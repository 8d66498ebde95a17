/** `history row|runs|field|config`: what happened, to whom, when, from the audit views. */
import { historyConfig, historyField, historyRow, historyRuns } from '../audit/queries.ts'
import type { ExitCode } from '../errors.ts'
import { answerFromAudit } from './audit-session.ts'
import type { CommandContext } from './command.ts'
import { knownSync } from './known-sync.ts'

const RUNS = 20
const CHANGES = 50

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { args } = context
  return answerFromAudit(context, async ({ project, audit }) => {
    const limit = args.number('limit')
    switch (context.verb) {
      case 'history row': {
        const sync = knownSync(project, args.required('sync'))
        const key = args.required('key')
        const answer = await historyRow(audit, sync, key)
        const rows = limit === undefined ? answer.rows : answer.rows.slice(-limit)
        return { ...answer, rows, empty: `${sync} has no record of this key` }
      }
      case 'history field': {
        const sync = knownSync(project, args.required('sync'))
        const answer = await historyField(audit, { sync, field: args.required('field'), limit: limit ?? CHANGES })
        return { ...answer, empty: `${sync} has never planned a change of ${args.required('field')}` }
      }
      case 'history config': {
        const sync = args.text('sync')
        const filter = sync === undefined ? {} : { sync: knownSync(project, sync) }
        return { ...(await historyConfig(audit, { ...filter, limit: limit ?? RUNS })), empty: 'No run is recorded' }
      }
      default: {
        const sync = args.text('sync')
        const filter = sync === undefined ? {} : { sync: knownSync(project, sync) }
        return { ...(await historyRuns(audit, { ...filter, limit: limit ?? RUNS })), empty: 'No run is recorded' }
      }
    }
  })
}
