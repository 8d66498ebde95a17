/** What the pipeline says while it works, as log events. */
import type { Log, LogEvent, NodeKind, NodeVerdict } from '../log.ts'
import type { SyncEvent } from '../sync/session.ts'

const VERDICT: Readonly<Record<'ok' | 'error' | 'skipped', NodeVerdict>> = { ok: 'ok', error: 'error', skipped: 'skip' }

export function logSyncEvents(log: Log, verb: 'plan' | 'run' | 'build'): (event: SyncEvent) => void {
  return (event) => {
    if (event.kind === 'warning') log.warn(event.problem.code, `${event.problem.code} ${event.problem.message}`)
    else log.emit(toLogEvent(event, verb === 'plan'))
  }
}

function toLogEvent(event: Exclude<SyncEvent, { kind: 'warning' }>, planning: boolean): LogEvent {
  switch (event.kind) {
    case 'start':
      return {
        type: 'node_start',
        index: event.index,
        total: event.of,
        kind: kindOf(event.resource, planning),
        node: event.name,
      }
    case 'end':
      return {
        type: 'node_end',
        index: event.index,
        total: event.of,
        kind: kindOf(event.resource, planning),
        node: event.name,
        verdict: VERDICT[event.status],
        // A failed model is told in full once, with its place; the line only says that it failed.
        detail: event.status === 'error' && event.resource !== 'sync' ? '' : event.message,
        seconds: event.seconds,
      }
    case 'progress': {
      const label = `${event.sync}: ${event.message}`
      if (event.done === undefined) return { type: 'message', level: 'debug', name: 'SyncProgress', message: label }
      return { type: 'progress', label, done: event.done, ...(event.total === undefined ? {} : { total: event.total }) }
    }
  }
}

function kindOf(resource: 'model' | 'sync' | 'seed', planning: boolean): NodeKind {
  return resource === 'sync' && planning ? 'plan' : resource
}
