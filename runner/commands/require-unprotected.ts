/** `protect: true` of a target: nothing is written by accident, and nothing unseen without saying so. */
import { BackfeedError, ExitCode } from '../errors.ts'
import type { Target } from '../project/project.ts'
import type { PurposeName } from '../sync/purpose.ts'
import type { CommandContext } from './command.ts'

/** These only read the CRM. */
const reading: readonly PurposeName[] = ['adopt', 'reconcile', 'rekey']

/** @throws BackfeedError E-TGT-PROTECTED, exit 3. */
export function requireUnprotected(
  { args, verb }: Pick<CommandContext, 'args' | 'verb'>,
  target: Target,
  purpose: PurposeName = 'sync',
): void {
  if (target.protect !== true || reading.includes(purpose)) return
  const isReviewed = purpose === 'apply'
  const reasons = [
    ...(args.isTyped('target') ? [] : ['its name must be typed']),
    ...(isReviewed || args.flag('auto-approve') ? [] : ['it takes a saved plan']),
  ]
  if (reasons.length === 0) return
  const typed = `--target ${target.name}`
  const plan = `backfeed plan ${typed} --out plan.json, then backfeed apply plan.json ${typed}`
  throw new BackfeedError(
    {
      code: 'E-TGT-PROTECTED',
      message: `target ${target.name} is protected: ${reasons.join(', and ')}; nothing was sent`,
      ...(target.at === undefined ? {} : { at: target.settingsAt?.protect ?? target.at }),
      help: isReviewed ? `add ${typed}` : `${plan}; or backfeed ${verb} ${typed} --auto-approve`,
    },
    { exitCode: ExitCode.refused },
  )
}
