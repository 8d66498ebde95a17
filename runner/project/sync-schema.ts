/** The sync file (DESIGN section 6). Complete: what is not built yet is here too, and refused by name. */
import { z } from 'zod'
import {
  approvalRule,
  columnName,
  count,
  crmName,
  duration,
  issueParams,
  later,
  limit,
  NOT_YET,
  names,
  parseLimit,
  positive,
  resourceName,
  scalar,
  shorten,
  syncName,
  text,
} from './scalar-schemas.ts'

export const RULE_NAMES = [
  'not_null',
  'unique',
  'email',
  'domain',
  'phone',
  'country',
  'url',
  'between',
  'accepted_values',
  'matches',
  'max_length',
  'number',
  'date',
  'iso_datetime',
  'expression',
] as const

const notYet = (supported: string) => issueParams({ code: 'E-CFG-NOTYET', hint: `supported: ${supported}` })
const onlyNothing = z
  .union(
    [
      z.enum(['nothing', 'clear_fields', 'delete']),
      z.strictObject({ set: z.record(z.string(), scalar).describe('Values to write') }),
    ],
    {
      error: 'must be nothing, clear_fields, delete or set: {…}',
    },
  )
  .superRefine((value, ctx) => {
    if (value !== 'nothing') ctx.addIssue({ code: 'custom', message: NOT_YET, params: notYet('nothing') })
  })

const onlyZero = limit.superRefine((value, ctx) => {
  const parsed = parseLimit(value)
  const zero = typeof parsed === 'object' && ('count' in parsed ? parsed.count : parsed.percent) === 0
  if (!zero) ctx.addIssue({ code: 'custom', message: NOT_YET, params: notYet('0') })
})

export const nullPolicy = z.enum(['ignore', 'clear', 'reject'])
export const auditValues = z.enum(['full', 'masked', 'hashed', 'none'])
const masking = z.enum(['mask', 'hash', 'omit'])

export const fieldSchema = z.strictObject({
  to: crmName.describe('API name of the CRM field'),
  from: columnName.optional().describe('Column of the model; leave it out when `value` is given'),
  value: scalar.optional().describe('Constant to write instead of a column'),
  on_null: nullPolicy
    .optional()
    .describe('What a null of the warehouse means: ignore (default), clear (blank the field) or reject (quarantine)'),
  write: z
    .enum(['always', 'on_create', 'if_empty'])
    .optional()
    .describe('When the field is written: always (default), on_create, or if_empty'),
  clear_when: columnName.optional().describe('Boolean column of the model; true blanks the field'),
  sentinel: text.min(1).optional().describe('Text value of the column that blanks the field, for example __CLEAR__'),
  reference: z
    .strictObject({
      object: crmName.describe('API name of the object the field points to'),
      field: crmName.describe('Key of that object, an External ID, which the column holds'),
    })
    .optional()
    .describe('The value is a key of another record, and the field points to that record (Salesforce)'),
})

export const ruleSchema = z.strictObject({
  name: resourceName.optional().describe('Name shown in quarantine and audit; default <column>_<rule>'),
  column: columnName.optional().describe('Column of the model the rule is about'),
  rule: z.enum(RULE_NAMES).optional().describe('What must be true of the column'),
  expression: text
    .min(1)
    .optional()
    .describe('SQL condition over the columns of the model; the row passes when it is true'),
  on_fail: z
    .enum(['quarantine', 'skip', 'fail'])
    .optional()
    .describe('What happens to a row that fails: quarantine (default), skip, or fail (stops the run)'),
  min: scalar.optional().describe('Smallest value `between` accepts'),
  max: scalar.optional().describe('Largest value `between` accepts'),
  values: z.array(scalar).min(1).optional().describe('The values `accepted_values` accepts'),
  pattern: text.min(1).optional().describe('Regular expression `matches` asks for'),
  length: positive.optional().describe('Most characters `max_length` accepts'),
})

const assignmentRule = text.superRefine((value, ctx) => {
  if (value === 'none' || value === 'active' || /^01Q[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/.test(value)) return
  const hint = 'write none, active, or the id of a rule, which starts with 01Q'
  const message = `"${shorten(value)}" is no assignment rule`
  ctx.addIssue({ code: 'custom', message, params: issueParams({ code: 'E-CFG-VALUE', hint }) })
})

const budget = limit.superRefine((value, ctx) => {
  const parsed = parseLimit(value)
  const none = typeof parsed === 'object' && ('count' in parsed ? parsed.count : parsed.percent) === 0
  if (!none) return
  const params = issueParams({
    code: 'E-CFG-VALUE',
    hint: 'write the share of the org’s daily calls, like 80%, or a count',
  })
  ctx.addIssue({ code: 'custom', message: 'a budget of nothing allows no call at all', params })
})

const destinationSchema = z.strictObject({
  connection: text.describe('Name of a connection of project.yml'),
  object: crmName.describe('API name of the CRM object: Account, Contact, companies, contacts, …'),
  assignment_rule: assignmentRule
    .optional()
    .describe('Salesforce: whether writes may reassign records: none (default), active, or the id of a rule'),
  duplicate_rule: z
    .strictObject({
      allow_save: z.boolean().optional().describe('true: save although an alerting rule matches (default false)'),
      as_current_user: z
        .boolean()
        .optional()
        .describe('true: compare only with records the integration user may see (default false)'),
    })
    .optional()
    .describe("Salesforce: what the org's duplicate rules mean for writes"),
})

const linkBySchema = z.union(
  [
    z.literal('none'),
    z.strictObject({
      field: crmName.describe('HubSpot property that several records may share, such as domain'),
      from: columnName.describe('Column of the model that holds its value'),
    }),
  ],
  { error: 'must be none, or {field: …, from: …}' },
)

const matchSchema = z.strictObject({
  field: crmName.describe('CRM field records are matched on'),
  from: columnName.describe('Column of the model that holds the match value'),
  strategy: z
    .enum(['external_id', 'unique_property', 'lookup'])
    .describe('external_id (Salesforce), unique_property (HubSpot), or lookup: read first, then write by record id'),
  on_multiple: z
    .enum(['quarantine'])
    .optional()
    .describe('Several CRM records answer to one value: the row waits in quarantine, nothing is guessed'),
  link_by: linkBySchema
    .optional()
    .describe(
      'HubSpot: a row without a record waits while a record without its key holds this value, until `backfeed link`; none looks at nothing (default for companies: their domain)',
    ),
})

const guardsSchema = z.strictObject({
  min_source_rows: count.optional().describe('Fewer rows in the model stop the run (default 1)'),
  max_source_drop: limit.optional().describe('Largest shrinkage of the model since the last run (default 20%)'),
  max_creates: limit.optional().describe('Most records created by one run (default 5%)'),
  max_updates: limit.optional().describe('Most records updated by one run (default 20%)'),
  max_clears: limit.optional().describe('Most fields blanked by one run (default 1%)'),
  max_deletes: onlyZero.optional().describe('Most records deleted by one run; only 0 is supported yet'),
  max_quarantined: limit.optional().describe('Most rows in quarantine (default 5%)'),
  max_rejected: limit.optional().describe('Most rows the CRM may reject while sending (default 5%)'),
  require_approval: later('Ask for an approval before sending'),
})

const limitsSchema = z.strictObject({
  batch_size: positive.optional().describe('Rows per request; the default is the most the CRM takes'),
  concurrency: positive.max(32).optional().describe('Requests in flight at once (default 2)'),
  requests_per_second: z
    .number({ error: 'must be a number' })
    .positive()
    .optional()
    .describe('Most requests per second; the default follows the CRM'),
  daily_api_budget: budget
    .optional()
    .describe(
      "Salesforce: share or count of the org's daily API calls, used by anybody, at which the sync makes no more",
    ),
  bulk_above: count
    .optional()
    .describe('Changes of one field set from which a bulk job carries them (Salesforce; default 2000)'),
})

const auditSchema = z.strictObject({
  values: auditValues.optional().describe('How values are kept in the audit tables: full, masked, hashed or none'),
  sensitive: z
    .record(z.string(), masking)
    .optional()
    .describe('Columns whose values are masked, hashed or left out of the audit'),
})

const associationSchema = z.strictObject({
  to: crmName.describe('API name of the object: companies'),
  match: z
    .strictObject({
      field: crmName.describe('Property of that object with unique values, or email of contacts'),
      from: columnName.describe('Column of the model that holds its value'),
    })
    .describe('Which record of that object'),
  label: text.min(1).optional().describe('Label of the association; without it the unlabelled type is used'),
})

export const syncSchema = z.strictObject({
  name: syncName.describe('Name of the sync, unique in the project'),
  description: text.optional().describe('What the sync is for'),
  model: text.describe("ref('model') or source('source', 'table')"),
  primary_key: z
    .union([columnName, z.array(columnName).min(1)], { error: 'must be a column name or a list of column names' })
    .describe('Column, or list of columns, that names a row: not null and unique in the model'),
  destination: destinationSchema.describe('Where the rows go'),
  mode: z
    .enum(['upsert', 'update', 'create'])
    .describe('upsert (creates and updates), update (never creates), create (never touches existing records)'),
  match: matchSchema.describe('How a row finds its record in the CRM'),
  fields: z.array(fieldSchema).min(1).describe('The only fields that can ever be in a request'),
  associate: z.array(associationSchema).min(1).optional().describe('HubSpot: other records to associate with'),
  on_null: nullPolicy.optional().describe('Null policy of the fields that do not say their own; meant for defaults'),
  ownership: z
    .strictObject({
      crm: z.array(crmName).optional().describe('Fields people own in the CRM; mapping one is an error'),
      on_drift: z
        .enum(['overwrite', 'keep', 'quarantine'])
        .optional()
        .describe(
          'The warehouse has a new value for a field that a person edited since: overwrite (default), keep, quarantine',
        ),
    })
    .optional()
    .describe('Who owns which field'),
  first_sync: z
    .enum(['hold', 'fill_blank', 'overwrite'])
    .optional()
    .describe('The CRM holds another value and we never wrote it: hold (default) until adopt, fill_blank, overwrite'),
  require_approval: approvalRule
    .optional()
    .describe(
      'Runs that somebody must approve as a saved plan: never (default, or as the target says), first_run or always',
    ),
  on_removed: onlyNothing
    .optional()
    .describe('A row left the model: nothing (default); clear_fields, set and delete are not supported yet'),
  validate: z.array(ruleSchema).optional().describe('Rules every row must pass before it is sent'),
  guards: guardsSchema.optional().describe('Limits that stop a run before its first call; 20% of the rows, or a count'),
  rollout: later('Send to a part of the rows first'),
  limits: limitsSchema.optional().describe('Batch size and pace'),
  schedule: z
    .strictObject({ every: duration.describe('15m, 1h, 1d') })
    .optional()
    .describe('How often an orchestrator should run the sync'),
  depends_on: names.optional().describe('Syncs that run before this one'),
  tags: names.optional().describe('Labels for selectors, as in tag:crm'),
  owner: z
    .strictObject({ name: text.describe('Person or team'), email: text.optional().describe('Where to reach them') })
    .optional()
    .describe('Who answers for the sync'),
  audit: auditSchema.optional().describe('What the audit tables keep of this sync'),
  alerts: later('Channels to tell about failures'),
})

export type SyncInput = z.output<typeof syncSchema>
export type FieldInput = z.output<typeof fieldSchema>
export type RuleInput = z.output<typeof ruleSchema>

/** The file around the syncs; each sync is checked by itself, after defaults are merged. */
export const syncFileShell = z.strictObject({
  version: z.literal(1).optional().describe('Version of the file format: 1'),
  defaults: z.record(z.string(), z.unknown()).optional().describe('Merged into every sync of this file'),
  syncs: z.array(z.record(z.string(), z.unknown())).describe('The syncs'),
})
