/** The public views for auditors: a documented, versioned contract in their own schema (docs/audit-tables.md). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { splitStatements } from '../compile/split-statements.ts'
import { packageDir } from '../package-dir.ts'
import { toolVersion } from '../tool-version.ts'
import { type LedgerRequest, ledgerRelations } from './ledger.ts'
import { sha256 } from './run-log.ts'

/** In the order in which they build on each other. */
export const auditViews = [
  'last_outcomes',
  'runs',
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
  'approvals',
] as const
export type AuditView = (typeof auditViews)[number]

export interface RenderedView {
  view: AuditView
  sql: string
}

export function renderAuditViews(request: ViewRequest): RenderedView[] {
  const { environment, schema, auditSchema, target } = request
  const audit = Object.fromEntries(auditViews.map((view) => [view, `${auditSchema}.${view}`]))
  const run = { ledger: ledgerRelations(schema), audit }
  return auditViews.map((view) => {
    const { file, text } = viewFile(view)
    const context = { run, target: { ...target, schema, audit_schema: auditSchema } }
    return { view, sql: environment.render({ file: `backfeed:${file}`, text, context }).sql }
  })
}

export type ViewTarget = { name: string; type: LedgerRequest['warehouse']['name'] }

type ViewRequest = Pick<LedgerRequest, 'environment' | 'schema' | 'auditSchema'> & { target: ViewTarget }

/** All views, replaced as one unit, so that a reader never meets half of them. Rendered only when they are not these already. */
export function currentViews(request: ViewRequest): NonNullable<LedgerRequest['views']> {
  const { environment, schema, auditSchema } = request
  const texts = auditViews.map((view) => viewFile(view).text)
  return {
    hash: sha256([toolVersion(), schema, auditSchema, ...texts].join('\n')).slice(0, 32),
    statements: () =>
      renderAuditViews(request).flatMap(({ view, sql }) =>
        splitStatements(environment.call('sql.create_view_as', [`${auditSchema}.${view}`, sql])),
      ),
  }
}

function viewFile(view: AuditView): { file: string; text: string } {
  const file = `models/audit/${view}.sql`
  return { file, text: readFileSync(join(packageDir(), file), 'utf8') }
}
