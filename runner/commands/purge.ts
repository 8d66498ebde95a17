/** `audit purge`: erases the values of one key, or values that have become old; hashes and the chain stay as they are. */
import { createInterface } from 'node:readline/promises'
import { actorOf } from '../audit/actor.ts'
import { BackfeedError, ExitCode } from '../errors.ts'
import type { PurgeRequest } from '../sync/purge-values.ts'
import { type OpenLedger, withLedger } from './audit-warehouse.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { knownSync } from './known-sync.ts'
import { sinceOf } from './since-option.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  return withLedger(context, async (ledger) => {
    const { purgeValues } = await import('../sync/purge-values.ts')
    const request = requestOf(context, ledger)
    await confirm(context, request)
    const place = { ...ledger, actor: actorOf(context.env), ports: context.ports }
    const { purgeId, resumed } = await purgeValues(place, request)
    const what =
      request.kind === 'key' ? `the values of ${request.key} in ${request.sync}` : `values before ${request.olderThan}`
    return finish(context, {
      exit: ExitCode.ok,
      facts: { purge_id: purgeId, kind: request.kind, resumed },
      text: () =>
        [
          ...(resumed > 0 ? [`Completed ${resumed} purge that had died half-way`] : []),
          `Erased ${what} (${purgeId}); hashes and the chain are unchanged: backfeed audit verify`,
        ].join('\n'),
    })
  })
}

function requestOf(context: CommandContext, { project }: OpenLedger): PurgeRequest {
  const { args, global } = context
  const key = args.text('key')
  const olderThan = sinceOf(context, 'older-than') ?? retention(context, project.audit.retentionDays)
  if (key !== undefined && args.text('older-than') !== undefined)
    throw usage('--key and --older-than are two different purges', 'run it once for each')
  if (key === undefined) {
    if (olderThan === undefined)
      throw usage(
        'nothing says what to purge',
        'write --key KEY -s SYNC --reason "…", --older-than 90d, or audit: {retention_days: 90} in project.yml',
      )
    return { kind: 'retention', olderThan, reason: args.text('reason') ?? 'retention' }
  }
  const [sync, ...others] = global.select
  if (sync === undefined || others.length > 0) throw usage('--key belongs to one sync', 'add -s SYNC')
  const reason = args.text('reason')
  if (reason === undefined || reason.trim() === '')
    throw usage('an erasure needs a reason', 'add --reason "request 4711"; it goes into the audit')
  return { kind: 'key', sync: knownSync(project, sync), key, reason }
}

function retention({ ports }: CommandContext, days: number | undefined): string | undefined {
  return days === undefined ? undefined : new Date(ports.clock.nowMs() - days * 86_400_000).toISOString()
}

function usage(message: string, help: string): BackfeedError {
  return new BackfeedError({ code: 'E-CLI-OPTION', message: `audit purge: ${message}`, help })
}

/** What is erased does not come back. */
async function confirm({ args }: CommandContext, request: PurgeRequest): Promise<void> {
  if (args.flag('yes')) return
  if (process.stdin.isTTY === true) {
    const prompt = createInterface({ input: process.stdin, output: process.stderr })
    const what = request.kind === 'key' ? 'all values of this key' : `values before ${request.olderThan}`
    const answer = await prompt.question(`Erase ${what}? They do not come back. Type yes: `)
    prompt.close()
    if (answer.trim() === 'yes') return
  }
  throw new BackfeedError(
    {
      code: 'E-AUDIT-CONFIRM',
      message: 'nothing was erased: nobody confirmed it',
      help: 'add --yes when you are sure',
    },
    { exitCode: ExitCode.refused },
  )
}
