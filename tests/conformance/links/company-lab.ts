/** Companies of a model and of the emulated portal, by domain; the sync knows them by a key of its own. */
import { type LiveProject, liveProject, type Rows, valuesModel } from '../../support/live-project.ts'
import { readAudit } from '../../support/read-audit.ts'

export const KEY = 'warehouse_company_id'

const COLUMNS = { company_id: 'varchar', domain: 'varchar', plan: 'varchar' }

export const companiesModel = (rows: Rows): string => valuesModel(COLUMNS, rows)

export interface CompanySync {
  match?: string
  fields?: readonly string[]
  more?: readonly string[]
}

export function companiesYaml({ match = '', fields = [], more = [] }: CompanySync = {}): string {
  const lines = [
    'name: companies',
    "model: ref('companies')",
    'primary_key: company_id',
    'destination: {connection: hubspot, object: companies}',
    'mode: upsert',
    `match: {field: ${KEY}, from: company_id, strategy: unique_property${match}}`,
    'first_sync: overwrite',
    'fields:',
    '  - {to: plan, from: plan}',
    ...(fields.length > 0 ? fields : ['{to: domain, from: domain}']).map((field) => `  - ${field}`),
    'guards: {max_creates: 100%, max_updates: 100%, max_quarantined: 100%}',
    ...more,
  ]
  return `version: 1\nsyncs:\n  - ${lines.join('\n    ')}\n`
}

export async function companyProject(rows: Rows, sync: CompanySync = {}): Promise<LiveProject> {
  const project = await liveProject({
    'models/companies.sql': companiesModel(rows),
    'syncs/companies.yml': companiesYaml(sync),
  })
  await project.control.putSchema('hubspot', 'companies', {
    properties: [
      { name: KEY, type: 'string', fieldType: 'text', hasUniqueValue: true },
      { name: 'plan', type: 'string', fieldType: 'text' },
    ],
  })
  return project
}

export interface Company {
  id: string
  domain: string | null
  key: string | null
}

/** What the portal holds, by id. */
export async function companiesOf(project: LiveProject): Promise<Company[]> {
  const records = await project.control.records('hubspot', 'companies')
  return records.map((record) => {
    const properties = (record.properties ?? record) as Record<string, string | null | undefined>
    return {
      id: String(record.id ?? record.hs_object_id),
      domain: properties.domain ?? null,
      key: properties[KEY] || null,
    }
  })
}

/** Open quarantine as the auditor's view shows it: row key and message by rule. */
export async function quarantineOf(project: LiveProject, sync: string): Promise<(string | null)[][]> {
  return readAudit(
    project,
    `select row_key, rule, message from backfeed_audit.quarantine where sync_name = '${sync}' and closed_at is null order by row_key, rule`,
  )
}
