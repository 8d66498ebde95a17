/** One wide typed table per sync: what was last evaluated and acknowledged for every key. A fold of the log; rebuildable. */
import { splitStatements } from '../compile/split-statements.ts'
import { BackfeedError } from '../errors.ts'
import type { Column, FieldType } from '../warehouse/warehouse.ts'
import { type MappingChanges, mappingChanges } from './mapping-changes.ts'
import { createStoredStatement } from './stored-values.ts'
import type { SyncContext, TemplateType } from './sync-context.ts'
import type { SyncRun } from './sync-run.ts'

export interface StateColumn extends Omit<TemplateType, 'kind'> {
  name: string
  kind: TemplateType['kind'] | 'hash' | 'bigint'
}

export function stateColumns(sync: SyncContext): StateColumn[] {
  const column = (name: string, kind: StateColumn['kind']): StateColumn => ({
    name,
    kind,
    precision: null,
    scale: null,
  })
  return [
    column('key_hash', 'hash'),
    column('row_key', 'text'),
    column('crm_id', 'text'),
    column('fingerprint', 'hash'),
    column('mapping_hash', 'text'),
    column('disposition', 'text'),
    column('match_hash', 'hash'),
    column('sent_fingerprint', 'hash'),
    column('is_open', 'bool'),
    column('payload_hash', 'text'),
    column('attempts', 'bigint'),
    column('next_attempt_at', 'timestamp'),
    column('epoch', 'bigint'),
    column('seq', 'bigint'),
    ...sync.fields.flatMap((field) => [
      column(`known_${field.slug}`, 'bool'),
      { ...field.type, name: `acked_${field.slug}` },
      column(`unsettled_${field.slug}`, 'bool'),
      column(`stored_${field.slug}`, 'text'),
    ]),
  ]
}

/** Creates the table, or adds the columns of newly mapped fields: their acknowledged value is unknown, so only they are planned. */
export async function ensureState(run: SyncRun): Promise<MappingChanges | undefined> {
  const changes = await mappingChanges(run)
  await ensureTable(run, changes?.added ?? [])
  return changes
}

async function ensureTable(run: SyncRun, added: readonly string[]): Promise<void> {
  const { warehouse, environment, target, sync } = run
  await warehouse.atomic([createStoredStatement(run)], run.options('state'))
  const wanted = stateColumns(run.context.sync)
  const existing = await warehouse.columns({ schema: target.schema, name: `state_${sync.name}` })
  if (!existing) {
    const create = environment.call('sql.create_table', [run.context.sync.state, wanted])
    await warehouse.atomic(splitStatements(create), run.options('state'))
    return
  }
  refuseOtherTypes(run, existing)
  const have = new Set(existing.map((column) => column.name.toLowerCase()))
  const missing = wanted.filter((column) => !have.has(column.name))
  await widen(run, existing)
  await forget(run, { added, have })
  if (missing.length === 0) return
  await warehouse.atomic(
    missing.map((column) => environment.call('sql.add_column', [run.context.sync.state, column])),
    run.options('state'),
  )
}

/** A field that comes back to the mapping: what was acknowledged of it is from before it was left to the CRM. */
async function forget(
  run: SyncRun,
  { added, have }: { added: readonly string[]; have: ReadonlySet<string> },
): Promise<void> {
  const back = run.context.sync.fields.filter(({ to, slug }) => added.includes(to) && have.has(`known_${slug}`))
  if (back.length === 0) return
  const nothing = back.map(
    ({ slug }) =>
      `known_${slug} = false, unsettled_${slug} = false, acked_${slug} = null${have.has(`stored_${slug}`) ? `, stored_${slug} = null` : ''}`,
  )
  await run.warehouse.atomic(
    [`update ${run.context.sync.state} set ${nothing.join(', ')} where 1 = 1`],
    run.options('state'),
  )
}

/** A model may change a column's scale: what was acknowledged must keep its digits, and so must what comes. */
async function widen(run: SyncRun, existing: readonly Column[]): Promise<void> {
  const types = new Map(existing.map((column) => [column.name.toLowerCase(), column.type]))
  const wider = run.context.sync.fields.flatMap((field) => {
    const name = `acked_${field.slug}`
    const type = widerType(types.get(name), field.type)
    return type ? [run.environment.call('sql.alter_type', [run.context.sync.state, { name, ...type }])] : []
  })
  if (wider.length > 0) await run.warehouse.atomic(wider, run.options('state'))
}

/** Undefined when everything wanted already fits. */
export function widerType(have: FieldType | undefined, want: TemplateType): TemplateType | undefined {
  const a = digits(have)
  const b = digits(want)
  if (!a || !b || (a.whole >= b.whole && a.scale >= b.scale)) return undefined
  const scale = Math.max(a.scale, b.scale)
  return { kind: 'decimal', precision: Math.min(38, Math.max(a.whole, b.whole) + scale), scale }
}

function digits(type: FieldType | TemplateType | undefined): { whole: number; scale: number } | undefined {
  if (type?.kind === 'integer') return { whole: 19, scale: 0 }
  if (type?.kind !== 'decimal' || !type.precision) return undefined
  return { whole: type.precision - (type.scale ?? 0), scale: type.scale ?? 0 }
}

/** A value acknowledged as a number cannot be compared with one wanted as a text. */
function refuseOtherTypes(run: SyncRun, existing: readonly Column[]): void {
  const kinds = new Map(existing.map((column) => [column.name.toLowerCase(), column.type.kind]))
  const changed = run.context.sync.fields.filter((field) => {
    const before = kinds.get(`acked_${field.slug}`)
    return before !== undefined && family(before) !== family(field.type.kind)
  })
  if (changed.length === 0) return
  throw new BackfeedError(
    changed.map((field) => ({
      code: 'E-STATE-TYPE' as const,
      message: `${field.to} was acknowledged as ${kinds.get(`acked_${field.slug}`)} and is ${field.type.kind} now`,
      at: run.sync.fields.find((mapping) => mapping.to === field.to)?.at ?? run.sync.at,
      help: `cast the column back in the model, or drop ${run.context.sync.state} column acked_${field.slug} so that the field is read again`,
    })),
  )
}

function family(kind: string): string {
  return kind === 'integer' || kind === 'decimal' ? 'number' : kind
}
