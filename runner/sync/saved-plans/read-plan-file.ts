/** A plan file as text into what it stands for. Pure: everything that the file alone can say against itself is said here. */
import { BackfeedError, ExitCode, type Problem } from '../../errors.ts'
import { FORMAT, type PlanFile, type SavedPlan, savedPlanSchema } from './saved-plan.ts'
import { digestOf, isSignedWith, type PlanDocument } from './seal-plan.ts'

export interface ReadPlanFile {
  text: string
  /** As typed, for messages. */
  path: string
  nowMs: number
  toolVersion: string
  auditKey: string
  target: string
}

/**
 * @throws BackfeedError E-PLAN-FILE (exit 2): no plan; E-PLAN-DIGEST (exit 3): edited; E-PLAN-STALE (exit 3): of another version
 * or target, or expired, all reasons at once.
 */
export function readPlanFile(request: ReadPlanFile): PlanFile {
  const document = parse(request)
  const saved = checkedPlan(document, request)
  const stale = staleness(saved, request)
  if (stale.length > 0) throw new BackfeedError(stale, { exitCode: ExitCode.refused })
  return { saved, digest: digestOf(document) }
}

function parse({ text, path }: ReadPlanFile): PlanDocument {
  const value = asJson(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw noPlan(
    path,
    text.trimStart().startsWith('<!-- backfeed-plan') ? 'it is the markdown of a plan' : 'it is no JSON',
  )
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checkedPlan(document: PlanDocument, { path, auditKey }: ReadPlanFile): SavedPlan {
  const { format, saved, verb, digest, hmac } = document
  if (format === undefined)
    throw noPlan(
      path,
      verb === undefined ? 'it has no format' : `it is the report of a ${String(verb)} that was not saved`,
    )
  if (format !== FORMAT)
    throw refused(stale(`the file has the format ${JSON.stringify(format)}, this Backfeed writes ${FORMAT}`))
  if (digestOf(document) !== digest) throw edited(path, 'its content does not match its digest')
  if (hmac !== undefined && auditKey === '')
    throw refused(
      stale(
        'the plan is signed with BACKFEED_AUDIT_KEY, which is not set here',
        'set the key that the plan was made with',
      ),
    )
  if (auditKey !== '' && !isSignedWith(document, auditKey))
    throw edited(path, 'its signature is missing or was made with another BACKFEED_AUDIT_KEY')
  const parsed = savedPlanSchema.safeParse(saved)
  if (parsed.success) return parsed.data
  throw edited(path, `saved.${parsed.error.issues[0]?.path.join('.') ?? ''} is not what Backfeed writes`)
}

function staleness(saved: SavedPlan, { nowMs, toolVersion, target }: ReadPlanFile): Problem[] {
  const problems: Problem[] = []
  if (generation(saved.tool_version) !== generation(toolVersion))
    problems.push(stale(`the plan was made by Backfeed ${saved.tool_version}, this is ${toolVersion}`))
  if (saved.target !== target)
    problems.push(
      stale(
        `the plan is for target ${saved.target}, this is ${target}`,
        `if it is meant for ${saved.target}: add --target ${saved.target}`,
      ),
    )
  if (Date.parse(saved.expires_at) <= nowMs) problems.push(stale(`the plan expired at ${saved.expires_at}`))
  return problems
}

/** Until 1.0 a minor version may change behaviour. */
function generation(version: string): string {
  const [major = '', minor = ''] = version.split('.')
  return major === '0' ? `${major}.${minor}` : major
}

export function stale(message: string, help = 'make a new plan: backfeed plan --out plan.json'): Problem {
  return { code: 'E-PLAN-STALE', message, help }
}

function noPlan(path: string, why: string): BackfeedError {
  return new BackfeedError({
    code: 'E-PLAN-FILE',
    message: `${path} is no saved plan: ${why}`,
    help: 'make one with `backfeed plan --out plan.json`',
  })
}

function edited(path: string, why: string): BackfeedError {
  return refused({
    code: 'E-PLAN-DIGEST',
    message: `${path} was changed after it was written: ${why}`,
    help: stale('').help ?? '',
  })
}

function refused(problem: Problem): BackfeedError {
  return new BackfeedError(problem, { exitCode: ExitCode.refused })
}
