/** `--since 7d`, `--since 2026-01-31`: a moment in the past. */
import { BackfeedError } from '../errors.ts'
import type { CommandContext } from './command.ts'

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** ISO, UTC; undefined when the option was not given. @throws BackfeedError E-CLI-OPTION */
export function sinceOf({ args, ports }: Pick<CommandContext, 'args' | 'ports'>, name = 'since'): string | undefined {
  const written = args.text(name)
  if (written === undefined) return undefined
  const [, amount, unit] = /^(\d{1,5})([mhd])$/.exec(written.trim()) ?? []
  if (amount !== undefined)
    return new Date(ports.clock.nowMs() - Number(amount) * UNITS[unit as keyof typeof UNITS]).toISOString()
  const isDate = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?Z?)?$/.test(written.trim())
  const at = isDate
    ? Date.parse(
        written
          .trim()
          .replace(' ', 'T')
          .replace(/(T[\d:]+)$/, '$1Z'),
      )
    : Number.NaN
  if (!Number.isNaN(at)) return new Date(at).toISOString()
  throw new BackfeedError({
    code: 'E-CLI-OPTION',
    message: `--${name}: ${JSON.stringify(written)} is not a time`,
    help: 'write a number with m, h or d (90d), or a date (2026-01-31)',
  })
}
