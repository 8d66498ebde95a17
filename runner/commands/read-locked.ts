/** `--lock-timeout 10m --on-locked skip`: what to do when another run holds a sync. */
import type { WhenLocked } from '../sync/session.ts'
import type { Arguments } from './command.ts'
import { readDuration } from './read-duration.ts'

export function readLocked(args: Pick<Arguments, 'text'>): WhenLocked {
  const skip = args.text('on-locked') === 'skip'
  return { waitMs: readDuration(args, 'lock-timeout') ?? 0, after: skip ? 'skip' : 'fail' }
}
