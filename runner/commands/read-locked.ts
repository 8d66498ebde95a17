/** `--lock-timeout 10m --on-locked skip`: what to do when another run holds a sync. */
import { BackfeedError } from '../errors.ts'
import type { WhenLocked } from '../sync/session.ts'
import type { Arguments } from './command.ts'

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 } as const

export function readLocked(args: Pick<Arguments, 'text'>): WhenLocked {
  const written = args.text('lock-timeout')
  const skip = args.text('on-locked') === 'skip'
  return { waitMs: written === undefined ? 0 : duration('lock-timeout', written), after: skip ? 'skip' : 'fail' }
}

/** `--grace 25s`: how long requests under way are waited for after a signal; absent: the default. */
export function readGrace(args: Pick<Arguments, 'text'>): { graceMs?: number } {
  const written = args.text('grace')
  return written === undefined ? {} : { graceMs: duration('grace', written) }
}

function duration(option: string, text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smh]?)$/.exec(text.trim()) ?? []
  if (amount === undefined)
    throw new BackfeedError({
      code: 'E-CLI-OPTION',
      message: `--${option}: ${JSON.stringify(text)} is not a time`,
      help: 'write a number with s, m or h: 30s, 10m, 1h',
    })
  return Number(amount) * UNITS[(unit || 's') as keyof typeof UNITS]
}
