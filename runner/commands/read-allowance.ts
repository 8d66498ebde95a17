/** `--allow creates=2000 --reason "…"`: which guards are raised for this one time. */
import { BackfeedError, type Problem } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import type { Allowance, AllowedGuard } from '../sync/sync-run.ts'
import type { Arguments } from './command.ts'

const GUARDS: readonly AllowedGuard[] = [
  'creates',
  'updates',
  'clears',
  'field_clears',
  'deletes',
  'conflicts',
  'quarantined',
  'shrink',
  'empty',
]

export function readAllowance(args: Pick<Arguments, 'list' | 'text'>): Allowance {
  const limits: Allowance['limits'] = {}
  const problems: Problem[] = []
  for (const entry of args.list('allow').flatMap((text) => text.split(','))) {
    const [name = '', value = ''] = entry.split('=')
    const guard = GUARDS.find((known) => known === name.trim())
    const amount = /^(\d{1,12})(%?)$/.exec(value.trim())
    if (guard === undefined)
      problems.push(refused(`--allow: unknown guard ${JSON.stringify(name)}`, suggestName(name, GUARDS)))
    else if (amount === null || (amount[2] === '%' && guard !== 'shrink'))
      problems.push(
        refused(
          `--allow ${name}: ${JSON.stringify(value)} is not a number${guard === 'shrink' ? ' of percent' : ' of rows'}`,
        ),
      )
    else limits[guard] = Number(amount[1])
  }
  const reason = args.text('reason')?.trim() ?? ''
  if (Object.keys(limits).length > 0 && reason === '')
    problems.push(refused('--allow needs --reason: it goes into the audit'))
  if (args.list('allow').length === 0 && reason !== '') problems.push(refused('--reason without --allow has no effect'))
  if (problems.length > 0) throw new BackfeedError(problems)
  return { limits, ...(reason === '' ? {} : { reason }) }
}

function refused(message: string, hint?: string): Problem {
  return {
    code: 'E-CLI-OPTION',
    message,
    ...(hint === undefined ? {} : { hint }),
    help: 'write for example: --allow creates=2000 --reason "first load of APAC"',
  }
}
