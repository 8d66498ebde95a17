/** The warehouse of the demo: the next day's data, and what the audit views hold at the end. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { countView } from '../audit/queries.ts'
import { auditViews } from '../audit/views.ts'
import { invariant } from '../errors.ts'
import { withWarehouse } from './audit-session.ts'
import type { CommandContext } from './command.ts'
import { openProject } from './open-project.ts'

/** One cell of the example's score table: [customer_id, column, value]. */
export type ScoreEdit = readonly [customerId: string, column: 'ltv' | 'risk_score', value: string]

/** The scoring job ran again. The file is the example's own: no quoted cells. */
export function editScores(dir: string, edits: readonly ScoreEdit[]): void {
  const file = join(dir, 'seeds/customer_scores.csv')
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n')
  const columns = header.split(',')
  for (const [customerId, column, value] of edits) {
    const at = lines.findIndex((line) => line.startsWith(`${customerId},`))
    invariant(at >= 0, 'the demo edits customers of its own seeds')
    lines[at] = (lines[at] ?? '')
      .split(',')
      .map((cell, i) => (columns[i] === column ? value : cell))
      .join(',')
  }
  writeFileSync(file, `${[header, ...lines].join('\n')}\n`)
}

/** Rows of every public view. */
export async function countViews(context: CommandContext): Promise<Record<string, number>> {
  const project = await openProject(context)
  return withWarehouse(context, project, async (warehouse, options) => {
    const audit = { warehouse, auditSchema: project.audit.schema, options }
    const counts: Record<string, number> = {}
    for (const view of auditViews) counts[view] = await countView(audit, view)
    return counts
  })
}
