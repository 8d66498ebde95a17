// The project of the delivery benchmark: one sync, N rows that are all new, six fields.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SALESFORCE = {
  name: 'salesforce',
  object: 'Account',
  writePath: '/composite/sobjects',
  callsTarget: 5,
  match: '{field: Customer_Id__c, from: customer_id, strategy: external_id}',
  fields: [
    '{to: Name, from: company_name}',
    '{to: LTV__c, from: ltv}',
    '{to: Segment__c, from: segment}',
    '{to: Users__c, from: active_users}',
    '{to: Active__c, from: is_active}',
    '{to: Signed_Up__c, from: signed_up_on}',
  ],
  schema: {
    fields: [
      { name: 'Customer_Id__c', type: 'string', length: 20, externalId: true, unique: true, idLookup: true },
      { name: 'LTV__c', type: 'currency', precision: 18, scale: 2 },
      { name: 'Segment__c', type: 'string', length: 20 },
      { name: 'Users__c', type: 'double', precision: 18, scale: 0 },
      { name: 'Active__c', type: 'boolean' },
      { name: 'Signed_Up__c', type: 'date' },
    ],
  },
}

export const CRMS = [
  { ...SALESFORCE, by: 'by request', limits: ', bulk_above: 10000000' },
  { ...SALESFORCE, by: 'by job', writePath: undefined, callsTarget: 1, limits: '' },
  {
    name: 'hubspot',
    by: 'by request',
    limits: '',
    object: 'contacts',
    writePath: '/batch/upsert',
    callsTarget: 10,
    match: '{field: email, from: email, strategy: unique_property}',
    fields: [
      '{to: company, from: company_name}',
      '{to: ltv, from: ltv}',
      '{to: segment, from: segment}',
      '{to: users, from: active_users}',
      '{to: is_active, from: is_active}',
      '{to: signed_up, from: signed_up_on}',
    ],
    schema: {
      properties: [
        { name: 'ltv', type: 'number', fieldType: 'number' },
        { name: 'segment', type: 'string', fieldType: 'text' },
        { name: 'users', type: 'number', fieldType: 'number' },
        { name: 'is_active', type: 'bool', fieldType: 'booleancheckbox' },
        { name: 'signed_up', type: 'date', fieldType: 'date' },
      ],
    },
  },
]

const DUCKDB = '{type: duckdb, path: target/bench.duckdb, schema: backfeed, threads: 2, memory_limit: 512MB}'

/** `version`: another one changes two fields of every row. */
const MODEL = (numbers, version) => `select
  'C-' || lpad(cast(i as varchar), 8, '0') as customer_id,
  'person' || cast(i as varchar) || '@company' || cast(i % 5000 as varchar) || '.example' as email,
  'Company number ' || cast(i as varchar)${version === 0 ? '' : ` || ' v${version}'`} as company_name,
  cast(i % 900000 + ${version} as decimal(18, 2)) as ltv,
  case i % 4 when 0 then 'power' when 1 then 'core' when 2 then 'light' else 'dormant' end as segment,
  cast(i % 5000 as integer) as active_users,
  i % 3 = 0 as is_active,
  date '2015-01-01' + cast(i % 4000 as integer) as signed_up_on
from ${numbers} as numbers(i)
`

/** `target`: as in project.yml, a DuckDB file of the project where it is absent. */
export function writeProject(folder, { crm, rows, url, target = DUCKDB, auditSchema, version = 0 }) {
  const numbers = target === DUCKDB ? `range(${rows})` : `generate_series(0, ${rows - 1})`
  const access =
    crm.name === 'salesforce'
      ? `{auth: access_token, instance_url: "${url}", access_token: "{{ env_var('BENCH_TOKEN', 'bench') }}"}`
      : `{access_token: "{{ env_var('BENCH_TOKEN', 'bench') }}", base_url: "${url}"}`
  const files = {
    'project.yml': `name: bench\nversion: 1.0.0\ndefault-target: bench\ntargets:\n  bench: ${target}\nconnections:\n  ${crm.name}:\n    type: ${crm.name}\n    targets:\n      bench: ${access}\n${auditSchema === undefined ? '' : `audit: {schema: ${auditSchema}}\n`}`,
    'models/rows_to_send.sql': MODEL(numbers, version),
    'syncs/bench.yml': `version: 1\nsyncs:\n  - name: bench\n    model: ref('rows_to_send')\n    primary_key: customer_id\n    destination: {connection: ${crm.name}, object: ${crm.object}}\n    mode: upsert\n    match: ${crm.match}\n    first_sync: overwrite\n    fields:\n${crm.fields.map((field) => `      - ${field}\n`).join('')}    guards: {max_creates: 100%, max_updates: 100%, max_quarantined: 100%}\n    limits: {requests_per_second: 1000${crm.limits}}\n`,
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
}
