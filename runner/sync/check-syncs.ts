/**
 * What can be known to be wrong once the models stand and before the first sync begins, of all syncs at once: models that
 * could not be built, mappings that do not fit, rules the warehouse does not understand. Nothing of any sync has run yet.
 */
import { BackfeedError, ExitCode, type Problem } from '../errors.ts'
import type { Sync } from '../project/project.ts'
import type { Rule } from '../project/rule.ts'
import { WarehouseError } from '../warehouse/warehouse-error.ts'
import type { ModelResult } from './build-models.ts'
import type { OpenSession } from './open-session.ts'
import type { ReachedCrm } from './open-sync-run.ts'
import { preflight } from './preflight.ts'
import { referenceWarnings } from './reference-problems.ts'
import { relationText } from './replace-relation.ts'
import { sentinelMeanings } from './sentinel-warnings.ts'
import { upstreamModels } from './upstream-models.ts'
import { worstExit } from './worst-exit.ts'

export interface CheckSyncs {
  syncs: readonly Sync[]
  models: readonly ModelResult[]
  reached: ReadonlyMap<string, ReachedCrm>
}

/** Errors by sync, those without one left out. */
export async function checkSyncs(session: OpenSession, request: CheckSyncs): Promise<Map<string, BackfeedError>> {
  const errors = new Map<string, BackfeedError>()
  for (const sync of request.syncs) {
    if (session.signal.aborted) break
    const crm = request.reached.get(sync.name)
    const broken = brokenModels(session, sync, request.models)
    const problems = [
      ...broken.flatMap((error) => error.problems),
      ...(crm === undefined ? [] : await checkSync(session, { sync, crm, isBuilt: broken.length === 0 })),
    ]
    if (problems.length > 0) errors.set(sync.name, new BackfeedError(problems, { exitCode: exitOf(broken) }))
    if (problems.length > 0 || crm === undefined) continue
    const refused = (await session.purpose.check?.(session, { sync, crm })) ?? []
    if (refused.length > 0) errors.set(sync.name, new BackfeedError(refused, { exitCode: ExitCode.refused }))
  }
  await session.warehouse.release()
  return errors
}

/** One error of all: the same problem met by several syncs is told once. */
export function joinErrors(errors: readonly BackfeedError[]): BackfeedError {
  const byText = new Map(errors.flatMap((error) => error.problems).map((problem) => [textOf(problem), problem]))
  const exitCode = worstExit(errors.map((error) => error.exitCode))
  return new BackfeedError([...byText.values()], { exitCode, cause: errors[0]?.cause })
}

function textOf({ code, message, at }: Problem): string {
  return [code, message, at?.file, at?.line, at?.column].join(' ')
}

function exitOf(broken: readonly BackfeedError[]): ExitCode {
  return broken.length === 0 ? ExitCode.cannotRun : worstExit(broken.map((error) => error.exitCode))
}

/** A sync whose model could not be built has nothing to send; what an older build left behind is not good enough. */
function brokenModels(session: OpenSession, sync: Sync, results: readonly ModelResult[]): BackfeedError[] {
  const needed = new Set(upstreamModels(session.models, [sync]).map((model) => model.name))
  return results.flatMap(({ name, error }) => (error !== undefined && needed.has(name) ? [error] : []))
}

interface CheckSync {
  sync: Sync
  crm: ReachedCrm
  isBuilt: boolean
}

async function checkSync(session: OpenSession, { sync, crm, isBuilt }: CheckSync): Promise<Problem[]> {
  const model = session.modelOf(sync)
  const columns = isBuilt ? await session.warehouse.columns(model.relation) : undefined
  const request = { ...crm, sync, model: model.name, ...(columns && { columns }) }
  for (const problem of [...sentinelMeanings(request), ...referenceWarnings(request)])
    session.onEvent({ kind: 'warning', problem })
  const missing = isBuilt && columns === undefined ? [missingRelation(session, sync)] : []
  const rules = columns === undefined ? [] : await ruleProblems(session, sync)
  return [...missing, ...preflight(request), ...rules]
}

function missingRelation(session: OpenSession, sync: Sync): Problem {
  const { relation } = session.modelOf(sync)
  const isSeed = sync.model.kind === 'ref' && session.project.seeds.has(sync.model.name)
  return {
    code: 'E-SQL-MISSING',
    message: `${relation.schema}.${relation.name} does not exist in the warehouse`,
    at: sync.model.at,
    help: isSeed
      ? `load it with \`backfeed seed -s ${relation.name}\``
      : 'create the table, or correct the schema or identifier of the source',
  }
}

/** The warehouse itself reads the conditions, all in one statement; only when it refuses is each asked about alone. */
async function ruleProblems(session: OpenSession, sync: Sync): Promise<Problem[]> {
  const rules = sync.validate.filter((rule) => rule.expression !== undefined)
  if (rules.length === 0 || (await refusal(session, sync, rules)) === undefined) return []
  const problems: Problem[] = []
  for (const rule of rules) {
    const error = await refusal(session, sync, [rule])
    if (error !== undefined) problems.push(...error.problems.map((problem) => ruleProblem(rule, problem)))
  }
  return problems
}

function ruleProblem(rule: Rule, { code, message, hint }: Problem): Problem {
  return {
    ...(hint === undefined ? {} : { hint }),
    code,
    message: `rule ${rule.name}: ${message}`,
    at: rule.expressionAt ?? rule.at,
    help: 'write one SQL condition over the columns of the model; the row passes when it is true',
  }
}

async function refusal(session: OpenSession, sync: Sync, rules: readonly Rule[]): Promise<WarehouseError | undefined> {
  const relation = relationText(session.environment, session.modelOf(sync).relation)
  const conditions = rules.map((rule) => `(${rule.expression})`).join(' and ')
  const options = session.options({ run: session.invocationId, sync: sync.name, step: 'rules' })
  try {
    await session.warehouse.rows(`select 1 from ${relation} where 1 = 0 and ${conditions}`, { ...options, max: 1 })
    return undefined
  } catch (error) {
    if (error instanceof WarehouseError && ['syntax', 'missing', 'data'].includes(error.kind)) return error
    throw error
  }
}
