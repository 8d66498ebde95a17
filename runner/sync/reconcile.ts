/** `reconcile`: recovery alone. Closes runs that died, reads back what they may have written, records it. Never sends, plans nothing. */
import { ExitCode } from '../errors.ts'
import type { Purpose } from './purpose.ts'
import { type Resolved, resolveUnknown, settledAtMs } from './resolve-unknown.ts'
import { timestampOf } from './settle-run.ts'
import { syncPurpose } from './sync-purpose.ts'
import type { SyncRun } from './sync-run.ts'
import { unresolvedUnknowns } from './unresolved-unknowns.ts'

/** `waits`: until no request of the unknown rows can be on its way any more, at most some minutes. */
export function reconcilePurpose({ waits }: { waits: boolean }): Purpose {
  return { ...syncPurpose, name: 'reconcile', waits, check: async () => [] }
}

export interface Reconciled {
  resolved: Resolved
  unresolved: number
  status: 'nothing to do' | 'succeeded' | 'partial'
  exitCode: ExitCode
  message: string
}

/** `before`: what recovery itself has resolved already. */
export async function reconcile(run: SyncRun, before: Resolved): Promise<Reconciled> {
  const after = run.purpose.waits ? await settleAndResolve(run) : { succeeded: 0, retryable: 0, rejected: 0 }
  const resolved = {
    succeeded: before.succeeded + after.succeeded,
    retryable: before.retryable + after.retryable,
    rejected: before.rejected + after.rejected,
  }
  const unresolved = await unresolvedUnknowns(run)
  const told = resolved.succeeded + resolved.retryable + resolved.rejected > 0
  const status = unresolved > 0 ? 'partial' : told ? 'succeeded' : 'nothing to do'
  await run.warehouse.atomic(
    [run.log.event(status === 'partial' ? 'partial' : 'succeeded', { ...resolved, unresolved })],
    run.options('settle'),
  )
  const exitCode = unresolved > 0 ? ExitCode.unknownOutcomes : ExitCode.ok
  return { resolved, unresolved, status, exitCode, message: messageOf(run, { resolved, unresolved }) }
}

function messageOf(run: SyncRun, { resolved, unresolved }: Pick<Reconciled, 'resolved' | 'unresolved'>): string {
  const { succeeded, retryable, rejected } = resolved
  const open =
    unresolved === 0
      ? 'none is unknown'
      : run.purpose.waits
        ? `${unresolved} stay unknown: their records cannot be told apart or read back`
        : `${unresolved} are still unknown; without --no-wait they are read back once their requests have ended`
  return `${succeeded} rows were applied, ${retryable} were not, ${rejected} have no record any more; ${open}`
}

const renewEveryMs = 30_000

async function settleAndResolve(run: SyncRun): Promise<Resolved> {
  const { clock } = run.lease
  const untilMs = (await settledAtMs(run)) ?? 0
  for (let leftMs = untilMs - clock.earliestMs(); leftMs > 0; leftMs = untilMs - clock.earliestMs()) {
    run.progress(`waiting ${Math.ceil(leftMs / 1000)} s until no request can be on its way`)
    await run.warehouse.release()
    await run.ports.clock.sleep(Math.min(renewEveryMs, Math.ceil(leftMs)), run.signal)
    await run.lease.renew()
  }
  const now = timestampOf(run, new Date(clock.earliestMs()).toISOString())
  return resolveUnknown({ ...run, context: { ...run.context, run: { ...run.context.run, now } } })
}
