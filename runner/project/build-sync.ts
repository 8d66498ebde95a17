/** One sync: checked against its schema and turned into the type everything else works on. */
import type { Position } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import { buildFields } from './build-fields.ts'
import { buildRule, uniqueRules } from './build-rules.ts'
import { checkShape } from './check-shape.ts'
import { type LoadContext, present } from './load-context.ts'
import { parseModelReference } from './model-reference.ts'
import { type PathPart, scalarText, type Tree } from './places.ts'
import type { AuditValues, Guards, Limit, Sync } from './project.ts'
import type { Rule } from './rule.ts'
import { salvage } from './salvage.ts'
import { parseLimit } from './scalar-schemas.ts'
import { type SyncInput, syncSchema } from './sync-schema.ts'
import { writtenScalar } from './written-scalar.ts'

export interface SyncRequest {
  /** The sync with all defaults merged; places are known. */
  tree: Tree
  file: string
  /** Of project.yml, for syncs that say nothing. */
  auditValues: AuditValues
}

/** Undefined after reporting. What is wrong with one part does not keep the others from being checked. */
export function buildSync(request: SyncRequest, context: LoadContext): Sync | undefined {
  const read = readSync(request, context)
  if (read === undefined) return undefined
  const { input, tree } = read
  const at: At = (path, part) => context.places.at(tree, path, part)
  const fields = buildFields(input, tree, context)
  const validate = validateOf(input, tree, context)
  checkKeyColumns(input, at, context)
  const model = parseModelReference(input.model, context.places.find(tree, ['model']), at(['model']))
  if (!('code' in model)) return assemble({ request, input, tree, model, fields, validate }, at)
  context.problems.add(model)
  return undefined
}

function checkKeyColumns(input: SyncInput, at: At, context: LoadContext): void {
  const columns = typeof input.primary_key === 'string' ? [] : input.primary_key
  columns.forEach((column, index) => {
    if (columns.indexOf(column) === index) return
    const message = `"primary_key" lists "${column}" twice`
    context.problems.add({
      code: 'E-CFG-VALUE',
      message,
      at: at(['primary_key', index]),
      help: 'remove one of the two',
    })
  })
}

function readSync(request: SyncRequest, context: LoadContext): { input: SyncInput; tree: Tree } | undefined {
  const { tree } = request
  const what = typeof tree.name === 'string' ? `sync "${tree.name}"` : 'this sync'
  const input = checkShape(syncSchema, tree, { ...context, what, templatesPass: true })
  if (input !== undefined) return { input, tree }
  const mode = nearestName(scalarText(tree.mode), ['upsert', 'update', 'create']) ?? 'upsert'
  const standIns = { mode, primary_key: 'id', match: { strategy: 'lookup' } }
  const salvaged = salvage(syncSchema, tree, { ...context, wholeEntries: ['fields', 'validate'], standIns })
  return salvaged === undefined ? undefined : { input: salvaged.data, tree: salvaged.tree }
}

type At = (path: readonly PathPart[], part?: 'key') => Position

interface SyncParts extends Pick<Sync, 'model' | 'fields' | 'validate'> {
  request: SyncRequest
  input: SyncInput
  tree: Tree
}

function assemble(parts: SyncParts, at: At): Sync {
  const { input, tree, request, model, fields, validate } = parts
  return {
    ...present({
      description: input.description,
      schedule: input.schedule,
      owner: input.owner && present(input.owner),
      requireApproval: input.require_approval,
    }),
    name: input.name,
    file: request.file,
    model,
    primaryKey: typeof input.primary_key === 'string' ? [input.primary_key] : input.primary_key,
    ...positionsOf(input, at),
    ...associationsOf(input, at),
    connection: input.destination.connection,
    object: input.destination.object,
    mode: input.mode,
    match: matchOf(input, at),
    fields,
    ownership: { crm: input.ownership?.crm ?? [], onDrift: input.ownership?.on_drift ?? 'overwrite' },
    firstSync: input.first_sync ?? 'hold',
    onRemoved: 'nothing',
    validate,
    guards: guardsOf(input),
    ...writeOptionsOf(input),
    limits: limitsOf(input),
    dependsOn: input.depends_on ?? [],
    tags: [...new Set(input.tags ?? [])],
    audit: { values: input.audit?.values ?? request.auditValues, sensitive: input.audit?.sensitive ?? {} },
    at: at(['name']),
    rendered: plain(tree),
  }
}

function positionsOf(input: SyncInput, at: At): Partial<Sync> {
  const sensitive = Object.keys(input.audit?.sensitive ?? {})
  const guards = Object.keys(input.guards ?? {})
  return {
    guardsAt: Object.fromEntries(guards.map((key) => [key, at(['guards', key])])),
    primaryKeyAt: at(['primary_key']),
    ...(input.require_approval !== undefined && { requireApprovalAt: at(['require_approval']) }),
    objectAt: at(['destination', 'object']),
    connectionAt: at(['destination', 'connection']),
    vendorSettingsAt: vendorSettingsAt(input, at),
    dependsOnAt: (input.depends_on ?? []).map((_, index) => at(['depends_on', index])),
    sensitiveAt: Object.fromEntries(sensitive.map((column) => [column, at(['audit', 'sensitive', column], 'key')])),
  }
}

function associationsOf({ associate }: SyncInput, at: At): Pick<Sync, 'associate'> {
  if (associate === undefined) return {}
  return {
    associate: associate.map(({ to, match, label }, index) => ({
      to,
      match,
      ...(label !== undefined && { label }),
      at: at(['associate', index, 'to']),
    })),
  }
}

function matchOf(input: SyncInput, at: At): Sync['match'] {
  const { field, from, strategy, link_by } = input.match
  return {
    field,
    from,
    strategy,
    ...(link_by !== undefined && { linkBy: link_by, linkByAt: at(['match', 'link_by'], 'key') }),
    at: at(['match', 'field']),
    fromAt: at(['match', 'from']),
    strategyAt: at(['match', 'strategy']),
  }
}

function validateOf(input: SyncInput, tree: Tree, context: LoadContext): readonly Rule[] {
  const { places } = context
  const rules = (input.validate ?? []).flatMap((draft, index) => {
    const path: PathPart[] = ['validate', index]
    const origin = {
      at: places.at(tree, path),
      argumentAt: (key: string) => places.at(tree, [...path, key], 'key'),
      valueAt: (key: string) => places.find(tree, [...path, key])?.at,
      written: (inner: readonly PathPart[], value: string | number | boolean) =>
        writtenScalar({ root: tree, path: [...path, ...inner], places }, value),
    }
    return buildRule(draft, origin, context) ?? []
  })
  return uniqueRules(rules, context)
}

/** DESIGN section 6; floors for small tables are the guard's business (protocol.md A14). */
function guardsOf(input: SyncInput): Guards {
  const written = input.guards ?? {}
  const limit = (value: string | number | undefined, fallback: Limit): Limit => {
    const parsed = value === undefined ? fallback : parseLimit(value)
    return typeof parsed === 'string' ? fallback : parsed
  }
  return {
    minSourceRows: written.min_source_rows ?? 1,
    maxSourceDrop: limit(written.max_source_drop, { percent: 20 }),
    maxCreates: limit(written.max_creates, { percent: 5 }),
    maxUpdates: limit(written.max_updates, { percent: 20 }),
    maxClears: limit(written.max_clears, { percent: 1 }),
    maxDeletes: limit(written.max_deletes, { count: 0 }),
    maxQuarantined: limit(written.max_quarantined, { percent: 5 }),
    maxRejected: limit(written.max_rejected, { percent: 5 }),
    explicit: Object.entries(written).flatMap(([key, value]) => (value === undefined ? [] : key)),
  }
}

function limitsOf(input: SyncInput): Sync['limits'] {
  const { batch_size, concurrency, requests_per_second, daily_api_budget, bulk_above } = input.limits ?? {}
  const budget = daily_api_budget === undefined ? undefined : parseLimit(daily_api_budget)
  return {
    ...present({ batchSize: batch_size, requestsPerSecond: requests_per_second, bulkAbove: bulk_above }),
    ...(typeof budget === 'object' && { dailyApiBudget: budget }),
    concurrency: concurrency ?? 2,
  }
}

function writeOptionsOf({ destination }: SyncInput): Pick<Sync, 'writeOptions'> {
  const { assignment_rule, duplicate_rule } = destination
  if (assignment_rule === undefined && duplicate_rule === undefined) return {}
  const duplicateRule = duplicate_rule && {
    ...present({ allowSave: duplicate_rule.allow_save, asCurrentUser: duplicate_rule.as_current_user }),
  }
  return { writeOptions: present({ assignmentRule: assignment_rule, duplicateRule }) }
}

function vendorSettingsAt(input: SyncInput, at: At): Readonly<Record<string, Position>> {
  const { destination } = input
  return {
    ...(destination.assignment_rule !== undefined && {
      assignment_rule: at(['destination', 'assignment_rule'], 'key'),
    }),
    ...(destination.duplicate_rule !== undefined && { duplicate_rule: at(['destination', 'duplicate_rule'], 'key') }),
  }
}

/** Ordinary objects, so that config_versions can store and compare them as JSON. */
function plain(tree: Tree): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(tree)) as Record<string, unknown>
}
