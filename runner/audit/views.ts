/** The public views for auditors: a documented, versioned contract in their own schema (docs/audit-tables.md). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { splitStatements } from '../compile/split-statements.ts'
import { packageDir } from '../package-dir.ts'
import { type LedgerRequest, ledgerRelations } from './ledger.ts'

/** In the order in which they build on each other. */
export const auditViews = [
  'last_outcomes',
  'runs',
  'rollouts',
  'changes',
  'field_changes',
  'rejections',
  'quarantine',
  'config_versions',
  'drift',
  'api_usage',
  'freshness',
  'errors_by_code',
  'record_history',
  'reconciliation',
] as const
export type AuditView = (typeof auditViews)[number]

export interface RenderedView {
  view: AuditView
  sql: string
}

export function renderAuditViews(
  request: Pick<LedgerRequest, 'environment' | 'schema' | 'auditSchema'> & { target: ViewTarget },
): RenderedView[] {
  const { environment, schema, auditSchema, target } = request
  const audit = Object.fromEntries(auditViews.map((view) => [view, `${auditSchema}.${view}`]))
  const run = { ledger: ledgerRelations(schema), audit }
  return auditViews.map((view) => {
    const file = `models/audit/${view}.sql`
    const text = readFileSync(join(packageDir(), file), 'utf8')
    const context = { run, target: { ...target, schema, audit_schema: auditSchema } }
    return { view, sql: environment.render({ file: `backfeed:${file}`, text, context }).sql }
  })
}

export type ViewTarget = { name: string; type: LedgerRequest['warehouse']['name'] }

/** Replaces all views as one unit, so that a reader never meets half of them. */
export async function createAuditViews(request: LedgerRequest & { target: ViewTarget }): Promise<void> {
  const statements = renderAuditViews(request).flatMap(({ view, sql }) =>
    splitStatements(request.environment.call('sql.create_view_as', [`${request.auditSchema}.${view}`, sql])),
  )
  await request.warehouse.atomic(statements, request.options('views'))
}
