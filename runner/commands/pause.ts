/** `pause SYNC` and `resume SYNC`: a paused sync plans and reports, but sends nothing. */
import { ExitCode } from '../errors.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { requiredReason, withSyncSession } from './undo-session.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { pauseOf, pauseStatement } = await import('../sync/pauses.ts')
  const pauses = context.verb === 'pause'
  const reason = pauses ? requiredReason(context) : context.args.text('reason')?.trim()
  const { sync, before } = await withSyncSession(context, async ({ session, sync }) => {
    const before = await pauseOf(session, sync)
    const event = pauses ? 'paused' : 'resumed'
    if (pauses || before !== undefined) {
      const statement = pauseStatement(session, { event, sync, ...(reason ? { reason } : {}) })
      await session.warehouse.atomic([statement], session.options({ run: session.invocationId, sync, step: 'pause' }))
    }
    return { sync, before }
  })
  return finish(context, {
    exit: ExitCode.ok,
    facts: { sync, paused: pauses, was_paused: before !== undefined },
    text: () => {
      if (pauses) return `${sync} is paused: no run sends anything until \`backfeed resume ${sync}\``
      if (before === undefined) return `${sync} was not paused`
      return `${sync} runs again; it was paused since ${before.since} by ${before.actor}: ${before.reason}`
    },
  })
}
