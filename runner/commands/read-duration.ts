import { BackfeedError } from '../errors.ts'
import type { Arguments } from './command.ts'

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of an option like `10m`; a bare number is seconds. */
export function readDuration(args: Pick<Arguments, 'text'>, option: string): number | undefined {
  const text = args.text(option)
  if (text === undefined) return undefined
  const [, amount, unit] = /^(\d{1,6})([smhd]?)$/.exec(text.trim()) ?? []
  if (amount === undefined)
    throw new BackfeedError({
      code: 'E-CLI-OPTION',
      message: `--${option}: ${JSON.stringify(text)} is not a time`,
      help: 'write a number with s, m, h or d: 30s, 10m, 1h, 2d',
    })
  return Number(amount) * UNITS[(unit || 's') as keyof typeof UNITS]
}
