// The sync of the plan benchmark, as the loader would hand it over, and what the CRM would describe. Everything after this is the real code.
import { COLUMNS } from './plan-data.mjs'

const at = { file: 'syncs/bench.yml', line: 1, column: 1 }
const crmName = (name) => `${name}__c`

export const sync = {
  name: 'bench',
  file: at.file,
  model: { kind: 'ref', name: 'source_rows', at },
  primaryKey: ['customer_id'],
  connection: 'salesforce',
  object: 'Account',
  mode: 'upsert',
  match: { field: 'Customer_Id__c', from: 'customer_id', strategy: 'external_id', at },
  fields: COLUMNS.map(({ name }) => ({ to: crmName(name), from: name, onNull: 'ignore', write: 'always', at })),
  ownership: { crm: [], onDrift: 'overwrite' },
  firstSync: 'overwrite',
  onRemoved: 'nothing',
  validate: [
    {
      name: 'risk_score_between',
      rule: 'between',
      column: 'risk_score',
      onFail: 'quarantine',
      min: '0',
      max: '100',
      at,
    },
    {
      name: 'usage_segment_accepted_values',
      rule: 'accepted_values',
      column: 'usage_segment',
      onFail: 'quarantine',
      values: ['power', 'core', 'light', 'dormant'],
      at,
    },
  ],
  guards: {},
  limits: { concurrency: 2 },
  dependsOn: [],
  tags: [],
  audit: { values: 'full', sensitive: {} },
  at,
  rendered: {},
}

const semantic = { email: 'email', domain: 'domain', country: 'country' }

export const properties = new Map(
  COLUMNS.map(({ name, type }) => [
    name,
    { name, dataType: type, ...(semantic[name] ? { semanticType: semantic[name] } : {}), rules: [], at },
  ]),
)

const kindOf = (type) => {
  if (type === 'varchar') return 'string'
  if (type === 'boolean' || type === 'date') return type
  return type === 'timestamp' ? 'datetime' : 'number'
}

const described = (name, kind, more = {}) => ({
  name,
  label: name,
  vendorType: kind,
  kind,
  createable: true,
  updateable: true,
  requiredOnCreate: false,
  unique: false,
  matchable: false,
  caseSensitive: true,
  ...more,
})

export const description = [
  described('Customer_Id__c', 'string', { unique: true, matchable: true, length: 40 }),
  ...COLUMNS.map(({ name, type }) => described(crmName(name), kindOf(type), type === 'varchar' ? { length: 255 } : {})),
]

const fieldType = (declared) => {
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(declared)
  if (decimal) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) }
  return { kind: { varchar: 'text', boolean: 'bool', bigint: 'integer' }[declared] ?? declared }
}

export const columns = [{ name: 'customer_id', type: 'varchar' }, ...COLUMNS].map(({ name, type }) => ({
  name,
  type: fieldType(type),
  declared: type,
}))
