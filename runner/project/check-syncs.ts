/** What must hold between syncs, models and connections; no connection is needed to know it. */
import type { Position, Problem } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import { checkAssociations } from './check-associations.ts'
import { checkLinkBy } from './check-link-by.ts'
import { checkReferences } from './check-references.ts'
import { checkRemoval } from './check-removal.ts'
import { checkVendorSettings } from './check-vendor-settings.ts'
import type { FieldMapping, Model, Seed, Source, Sync } from './project.ts'
import { writtenFields } from './sync-removal.ts'

export interface SyncChecks {
  syncs: readonly Sync[]
  /** Undefined when not all names are known. */
  syncNames: ReadonlySet<string> | undefined
  models: ReadonlyMap<string, Model>
  seeds: ReadonlyMap<string, Seed>
  sources: ReadonlyMap<string, Source>
  /** CRM of each connection; undefined for a connection whose type is wrong. */
  connectionTypes: ReadonlyMap<string, 'salesforce' | 'hubspot' | undefined>
}

/** Pure: every problem there is, in no order. */
export function checkSyncs(checks: SyncChecks): Problem[] {
  const each = checks.syncs.flatMap((sync) => [
    ...checkModel(sync, checks),
    ...checkConnection(sync, checks),
    ...checkVendorSettings(sync, checks.connectionTypes.get(sync.connection)),
    ...checkFields(sync),
    ...checkRemoval(sync),
    ...checkMatchField(sync),
    ...checkAssociations(sync, checks.connectionTypes.get(sync.connection)),
    ...checkLinkBy(sync, checks.connectionTypes.get(sync.connection)),
    ...checkReferences(sync, checks),
    ...checkSensitive(sync),
    ...checkDependencies(sync, checks.syncNames),
  ])
  return [...each, ...checkDuplicateNames(checks.syncs), ...checkCycles(checks.syncs), ...checkSharing(checks.syncs)]
}

function checkModel({ model }: Sync, checks: SyncChecks): Problem[] {
  if (model.kind === 'ref') {
    if (checks.models.has(model.name) || checks.seeds.has(model.name)) return []
    const hint = suggestName(model.name, [...checks.models.keys(), ...checks.seeds.keys()])
    const help = 'correct the name, or add the model'
    return [
      { code: 'E-TPL-REF', message: `there is no model "${model.name}"`, at: model.at, ...(hint && { hint }), help },
    ]
  }
  const key = `${model.source}.${model.table}`
  if (checks.sources.has(key)) return []
  const hint = suggestName(key, checks.sources.keys())
  const message = `source('${model.source}', '${model.table}') is not declared`
  const help = 'declare it under sources: in a property file beside the models'
  return [{ code: 'E-TPL-REF', message, at: model.at, ...(hint && { hint }), help }]
}

const STRATEGY_CRM = { external_id: 'salesforce', unique_property: 'hubspot', lookup: undefined } as const

function checkConnection(sync: Sync, checks: SyncChecks): Problem[] {
  if (!checks.connectionTypes.has(sync.connection)) {
    const hint = suggestName(sync.connection, checks.connectionTypes.keys())
    const message = `there is no connection "${sync.connection}"`
    const at = sync.connectionAt ?? sync.at
    return [
      { code: 'E-CFG-REF', message, at, ...(hint && { hint }), help: 'declare it under connections: in project.yml' },
    ]
  }
  const type = checks.connectionTypes.get(sync.connection)
  const wanted = STRATEGY_CRM[sync.match.strategy]
  if (type === undefined || wanted === undefined || wanted === type) return []
  const own = type === 'salesforce' ? 'external_id' : 'unique_property'
  return [
    {
      code: 'E-MAP-STRATEGY',
      message: `match strategy "${sync.match.strategy}" is for ${wanted}, and connection "${sync.connection}" is ${type}`,
      at: sync.match.strategyAt ?? sync.match.at,
      hint: `expected one of: ${own}, lookup`,
      help: `use ${own} when the CRM holds the field unique, otherwise lookup`,
    },
  ]
}

/** Salesforce ignores the case of field names, and HubSpot's are lower case. */
function fold(name: string): string {
  return name.toLowerCase()
}

function checkFields(sync: Sync): Problem[] {
  const first = new Map<string, FieldMapping>()
  const owned = new Set(sync.ownership.crm.map(fold))
  return sync.fields.flatMap((field) => {
    const problems: Problem[] = []
    const earlier = first.get(fold(field.to))
    if (earlier === undefined) first.set(fold(field.to), field)
    else problems.push(mappedTwice(field, earlier))
    if (owned.has(fold(field.to))) problems.push(crmOwned(field.to, field.at))
    return problems
  })
}

function mappedTwice(field: FieldMapping, earlier: FieldMapping): Problem {
  const { line, column } = earlier.at
  return {
    code: 'E-MAP-DUP',
    message: `field "${field.to}" is mapped twice; first at ${line}:${column}`,
    at: field.at,
    help: 'remove one of the two',
  }
}

function crmOwned(field: string, at: Position): Problem {
  return {
    code: 'E-MAP-CRM-OWNED',
    message: `field "${field}" is mapped, but ownership.crm says it belongs to the CRM`,
    at,
    help: 'remove the mapping, or the entry of ownership.crm',
  }
}

function checkMatchField(sync: Sync): Problem[] {
  const { match } = sync
  const problems: Problem[] = sync.fields
    .filter((field) => fold(field.to) === fold(match.field) && field.from?.toLowerCase() !== match.from.toLowerCase())
    .map((field) => ({
      code: 'E-MAP-MATCH' as const,
      message: `"${field.to}" is the match field, filled from "${match.from}"; this mapping would write something else into it`,
      at: field.at,
      help: 'remove the mapping: the match field is written when a record is created',
    }))
  return problems
}

function checkSensitive(sync: Sync): Problem[] {
  const columns = new Set(
    [
      ...sync.primaryKey,
      sync.match.from,
      ...sync.fields.flatMap((f) => [f.from, f.clearWhen]),
      ...sync.validate.map((r) => r.column),
    ].flatMap((c) => (c === undefined ? [] : fold(c))),
  )
  return Object.keys(sync.audit.sensitive)
    .filter((column) => !columns.has(fold(column)))
    .map((column) => {
      const byField = sync.fields.find((field) => fold(field.to) === fold(column))?.from
      const hint = byField === undefined ? suggestName(column, columns) : `did you mean its column "${byField}"?`
      return {
        code: 'E-MAP-COLUMN' as const,
        message: `audit.sensitive names "${column}", which is no column this sync uses`,
        at: sync.sensitiveAt?.[column] ?? sync.at,
        ...(hint !== undefined && { hint }),
        help: 'name a column of the model that is mapped, matched on or validated',
      }
    })
}

function checkDependencies(sync: Sync, names: ReadonlySet<string> | undefined): Problem[] {
  if (names === undefined) return []
  return sync.dependsOn.flatMap((name, index) => {
    if (names.has(name)) return []
    const hint = suggestName(name, names)
    const at = sync.dependsOnAt?.[index] ?? sync.at
    return [
      {
        code: 'E-CFG-REF' as const,
        message: `there is no sync "${name}"`,
        at,
        ...(hint && { hint }),
        help: 'correct the name, or remove it',
      },
    ]
  })
}

function checkDuplicateNames(syncs: readonly Sync[]): Problem[] {
  const first = new Map<string, Sync>()
  return syncs.flatMap((sync) => {
    const earlier = first.get(sync.name)
    if (earlier === undefined) {
      first.set(sync.name, sync)
      return []
    }
    const message = `two syncs are called "${sync.name}"; the first is at ${place(earlier.at)}`
    return [{ code: 'E-CFG-DUPNAME' as const, message, at: sync.at, help: 'rename one of them' }]
  })
}

/** Each cycle once, from the sync that comes first. */
function checkCycles(syncs: readonly Sync[]): Problem[] {
  const byName = new Map(syncs.map((sync) => [sync.name, sync]))
  const done = new Set<string>()
  const problems: Problem[] = []
  const visit = (sync: Sync, trail: readonly string[]): void => {
    const start = trail.indexOf(sync.name)
    if (start !== -1) {
      const cycle = [...trail.slice(start), sync.name].join(' → ')
      problems.push({
        code: 'E-CFG-CYCLE',
        message: `these syncs wait for each other: ${cycle}`,
        at: sync.dependsOnAt?.[0] ?? sync.at,
        help: 'remove one of the depends_on',
      })
      return
    }
    if (done.has(sync.name)) return
    for (const name of sync.dependsOn) {
      const next = byName.get(name)
      if (next !== undefined) visit(next, [...trail, sync.name])
    }
    done.add(sync.name)
  }
  for (const sync of syncs) visit(sync, [])
  return problems
}

/** Two syncs on one object: nobody could tell whose value or whose record it is. */
function checkSharing(syncs: readonly Sync[]): Problem[] {
  const writers = new Map<string, { sync: Sync; field: FieldMapping }>()
  const creators = new Map<string, Sync>()
  const problems: Problem[] = []
  for (const sync of syncs) {
    const object = `${sync.connection}.${fold(sync.object)}`
    if (sync.mode !== 'update') {
      const other = creators.get(object)
      if (other === undefined) creators.set(object, sync)
      else if (other.name !== sync.name) problems.push(createsTwice(sync, other))
    }
    for (const field of writtenFields(sync)) {
      const key = `${object}.${fold(field.to)}`
      const other = writers.get(key)
      if (other === undefined) writers.set(key, { sync, field })
      else if (other.sync.name !== sync.name) problems.push(ownedTwice({ sync, field }, other))
    }
  }
  return problems
}

function createsTwice(sync: Sync, other: Sync): Problem {
  return {
    code: 'E-MAP-CREATES-TWICE',
    message: `sync "${other.name}" at ${place(other.at)} also creates ${sync.object} records through "${sync.connection}"`,
    at: sync.objectAt ?? sync.at,
    help: 'let one sync create the records and give the other mode: update',
  }
}

function ownedTwice(mine: { sync: Sync; field: FieldMapping }, other: { sync: Sync; field: FieldMapping }): Problem {
  return {
    code: 'E-MAP-OWNED-TWICE',
    message: `field "${mine.field.to}" of ${mine.sync.object} is also written by sync "${other.sync.name}" at ${place(other.field.at)}`,
    at: mine.field.at,
    help: 'choose one sync for the field',
  }
}

function place(at: Position): string {
  return `${at.file}:${at.line}:${at.column}`
}
