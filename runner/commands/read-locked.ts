/** `--lock-timeout 10m --on-locked skip`: what to do when another run holds a sync. */
import type { WhenLocked } from '../sync/session.ts'
import type { Arguments } from './command.ts'
import { readDuration } from './read-duration.ts'

export function readLocked(args: Pick<Arguments, 'text'>): WhenLocked {
  const skip = args.text('on-locked') === 'skip'
  return { waitMs: readDuration(args, 'lock-timeout') ?? 0, after: skip ? 'skip' : 'fail' }
}

/** `--grace 25s`: how long requests under way are waited for after a signal; absent: the default. */
export function readGrace(args: Pick<Arguments, 'text'>): { graceMs?: number } {
  const graceMs = readDuration(args, 'grace')
  return graceMs === undefined ? {} : { graceMs }
}
