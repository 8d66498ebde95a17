/** W-NULL-SENTINEL: a text that means Clear must be one that no row holds by accident. Warnings only, told once a run. */
import type { Problem } from '../errors.ts'
import type { FieldMapping } from '../project/project.ts'
import type { PlanCounts } from './plan-counts.ts'
import type { PreflightRequest } from './preflight.ts'
import { descriptionResolver } from './sync-context.ts'
import type { SyncRun } from './sync-run.ts'

/** Above this share of the rows, a sentinel is more likely a value than a decision. */
const suspiciousPercent = 20

/** A sentinel that is also a real value: of the CRM's own list, or of a rule's. Pure. */
export function sentinelMeanings({ sync, description }: PreflightRequest): Problem[] {
  const describe = descriptionResolver(description)
  return sync.fields.flatMap((field) => {
    if (field.sentinel === undefined) return []
    const { sentinel } = field
    const inCrm = describe(field.to)?.allowedValues?.includes(sentinel) === true
    const rule = sync.validate.find((each) => each.column === field.from && each.values?.includes(sentinel) === true)
    if (!inCrm && rule === undefined) return []
    const where = inCrm ? `the values ${field.to} takes` : `the accepted values of rule ${rule?.name}`
    return [warning(field, `the sentinel of ${field.to} is also one of ${where}`)]
  })
}

/** How often it occurs, counted only when the plan looked at every row: in a few changed rows a share says nothing. */
export async function sentinelShares(run: SyncRun, counts: PlanCounts): Promise<Problem[]> {
  if (counts.unchanged > 0 || counts.source === 0) return []
  const { work, fields } = run.context.sync
  const marked = fields.filter((field) => field.sentinel !== null && field.on_null !== 'clear')
  if (marked.length === 0) return []
  const cells = marked.map((field) => run.environment.call('sql.count_where', [`clears_${field.slug}`]))
  const sql = `select ${cells.join(', ')} from ${work.staging}`
  const [found = []] = await run.warehouse.rows(sql, { ...run.options('count'), max: 1 })
  return marked.flatMap(({ to }, i) => {
    const field = run.sync.fields.find((each) => each.to === to)
    return field === undefined ? [] : shareProblem(field, { rows: Number(found[i] ?? 0), of: counts.source })
  })
}

function shareProblem(field: FieldMapping, { rows, of }: { rows: number; of: number }): Problem[] {
  if (rows === 0) return [warning(field, `the sentinel of ${field.to} occurs in none of ${of} rows`)]
  const percent = Math.round((rows / of) * 100)
  if (percent <= suspiciousPercent) return []
  return [warning(field, `the sentinel of ${field.to} occurs in ${percent} % of ${of} rows`)]
}

function warning(field: FieldMapping, message: string): Problem {
  return {
    code: 'W-NULL-SENTINEL',
    message,
    at: field.sentinelAt ?? field.at,
    help: 'choose a text that is never a value, or use clear_when: with a boolean column',
  }
}
