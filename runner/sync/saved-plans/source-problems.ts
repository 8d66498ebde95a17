/** Whether the rows that were planned are still what the model says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Problem } from '../../errors.ts'
import { packageDir } from '../../package-dir.ts'
import { type ApplyContext, ask } from './apply-context.ts'
import { stale } from './read-plan-file.ts'

/** Rows that are new, or that the plan left alone, do not count: they are for the next plan. */
export async function sourceProblems(apply: ApplyContext): Promise<Problem[]> {
  const { ledger, entry, sync, environment } = apply
  const hash = (column: string) => environment.call('sql.cast', [column, { kind: 'hash' }])
  const differs = environment.call('sql.is_distinct', ['now.fingerprint', hash('planned.fingerprint')])
  const gone = 'count(distinct case when now.key_hash is null then planned.row_no end)'
  const sql = `select count(distinct planned.row_no), ${gone}
from ${ledger.sync_plan_row} as planned
left join (
${sourceSql(apply)}
) as now on now.key_hash = ${hash('planned.key_hash')}
where planned.plan_id = '${entry.plan_id}' and planned.decision = 'send' and ${differs}`
  const [row] = await ask(apply, 'source since', sql)
  const changed = Number(row?.[0] ?? 0)
  const left = Number(row?.[1] ?? 0)
  if (changed === 0) return []
  const some = left === 0 ? '' : `, ${left} of them left the model`
  return [
    stale(
      `${sync.name}: the source changed since the plan: ${changed} of ${entry.send} planned rows are different${some}`,
    ),
  ]
}

/** Keys and fingerprints as every plan computes them. */
function sourceSql({ environment, context, target }: ApplyContext): string {
  const file = 'models/sync/source.sql'
  const text = readFileSync(join(packageDir(), file), 'utf8')
  return environment.render({
    file: `backfeed:${file}`,
    text,
    context: { sync: { ...context }, target: { ...target, audit_schema: '' } },
  }).sql
}
