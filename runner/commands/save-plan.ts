/** `plan --out`: markdown for people, or a plan that `apply` takes. Nothing a row held, unless markdown was asked to show it. */
import { extname, resolve } from 'node:path'
import { BackfeedError } from '../errors.ts'
import { writeAtomically } from '../output/write-atomically.ts'
import type { SyncResult } from '../sync/execute-sync.ts'
import type { OpenSession } from '../sync/open-session.ts'
import { FORMAT, type PlanFile } from '../sync/saved-plans/saved-plan.ts'
import type { CommandContext } from './command.ts'
import { readDuration } from './read-duration.ts'

export interface PlanOut {
  /** As typed. */
  file: string
  /** The ending decides the form, so that what is written is what the name says. */
  form: 'markdown' | 'plan'
  expiresInMs: number
}

const DAY_MS = 86_400_000

/** Checked before anything is planned. */
export function readPlanOut({ args }: Pick<CommandContext, 'args'>): PlanOut | undefined {
  const file = args.text('out')
  const expiresInMs = readDuration(args, 'expires')
  const form = file === undefined ? undefined : formOf(file)
  if (expiresInMs !== undefined && form !== 'plan')
    throw new BackfeedError({
      code: 'E-CLI-OPTION',
      message: '--expires is about a plan file',
      help: 'write for example: --out plan.json --expires 2h',
    })
  if (file === undefined || form === undefined) return undefined
  return { file, form, expiresInMs: expiresInMs ?? DAY_MS }
}

function formOf(file: string): PlanOut['form'] {
  const form = { '.md': 'markdown' as const, '.json': 'plan' as const }[extname(file)]
  if (form !== undefined) return form
  throw new BackfeedError({
    code: 'E-CLI-OPTION',
    message: `--out: ${JSON.stringify(file)} ends in neither .md nor .json`,
  })
}

/** The report and what `apply` needs, sealed. Undefined when there is nothing that could be applied. */
export async function sealedPlan(
  { console }: Pick<CommandContext, 'console'>,
  session: OpenSession,
  { syncs, report, expiresInMs }: { syncs: readonly SyncResult[]; report: object; expiresInMs: number },
): Promise<string | undefined> {
  const { savedPlanOf } = await import('../sync/saved-plans/saved-plan-of.ts')
  const { sealPlan } = await import('../sync/saved-plans/seal-plan.ts')
  const { recordSavedPlan } = await import('../sync/saved-plans/record-saved-plan.ts')
  const saved = savedPlanOf(session, syncs, { expiresInMs })
  if (saved === undefined) return undefined
  // Redacted before it is sealed: afterwards it would not match its digest.
  const text = console.redactor.text(JSON.stringify({ format: FORMAT, ...report, saved }))
  const { document, digest } = sealPlan(JSON.parse(text) as Record<string, unknown>, session.auditKey)
  const file: PlanFile = { saved, digest }
  await recordSavedPlan(session, file)
  return `${JSON.stringify(document, null, 2)}\n`
}

export function writePlanFile({ cwd }: Pick<CommandContext, 'cwd'>, file: string, text: string): void {
  writeAtomically(resolve(cwd, file), text, 0o600)
}
