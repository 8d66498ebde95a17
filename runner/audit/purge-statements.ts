/** SQL that erases values and keeps what the chain vouches for. Every statement may run twice. Pure. */
import type { TemplateEnvironment } from '../compile/compile.ts'
import { tombstone } from './chain.ts'
import { ledgerRelations } from './ledger.ts'

export interface PurgePlaces {
  environment: TemplateEnvironment
  schema: string
  auditSchema: string
}

export interface KeyPurge {
  /** A sync and those made from it. */
  names: readonly string[]
  /** As logs spell it: the key itself and its hash. */
  rowKeys: readonly string[]
  /** Columns of the state tables that exist, by name of the sync. */
  states: ReadonlyMap<string, readonly string[]>
}

/** Values, messages and match values of one key become a tombstone, and state forgets what was acknowledged. */
export function keyStatements(places: PurgePlaces, { names, rowKeys, states }: KeyPurge): string[] {
  const ledger = ledgerRelations(places.schema)
  const list = (texts: readonly string[]) =>
    texts.map((text) => places.environment.call('sql.text_literal', [text])).join(', ')
  const own = `row_key in (${list(rowKeys)})`
  const inPlans = `${own} and plan_id in (select plan_id from ${ledger.sync_run} where sync_name in (${list(names)}))`
  const erase = (table: string, column: string, where: string) =>
    `update ${table} set ${column} = '${tombstone}' where ${column} is not null and ${column} <> '${tombstone}' and ${where}`
  return [
    ...['before_value', 'base_value', 'desired_value'].map((column) => erase(ledger.sync_plan_field, column, inPlans)),
    erase(ledger.sync_plan_row, 'match_value', inPlans),
    erase(ledger.sync_result, 'message', `${inPlans} and (message_hash is not null or send_seq is not null)`),
    erase(ledger.sync_quarantine_event, 'message', `${own} and sync_name in (${list(names)})`),
    ...[...states].flatMap(([name, columns]) => forgetStatement(`${places.schema}.state_${name}`, columns, own)),
  ]
}

function forgetStatement(relation: string, columns: readonly string[], own: string): string[] {
  const slugs = columns.filter((name) => name.startsWith('acked_')).map((name) => name.slice('acked_'.length))
  const sets = slugs.flatMap((slug) => [
    `known_${slug} = case when acked_${slug} is null then known_${slug} else false end`,
    `acked_${slug} = null`,
  ])
  return [`update ${relation} set ${['match_hash = null', ...sets].join(', ')} where ${own}`]
}

/** Values of plans before `before` (ISO, UTC) that neither state nor its rebuilding needs any more. */
export function retentionStatements(places: PurgePlaces, before: string): string[] {
  const { environment, schema } = places
  const ledger = ledgerRelations(schema)
  const cutoff = environment.call('sql.cast', [`'${before.replace('Z', '')}'`, { kind: 'timestamp' }])
  const old = `plan_id in (select plan_id from ${ledger.sync_run} where started_at < ${cutoff})`
  const needed = `exists (select 1 from (
${neededFields(places)}
) as needed where needed.plan_id = ${ledger.sync_plan_field}.plan_id and needed.row_no = ${ledger.sync_plan_field}.row_no and needed.field = ${ledger.sync_plan_field}.field)`
  return [
    `update ${ledger.sync_plan_field} set base_value = null where ${old} and base_value is not null`,
    `update ${ledger.sync_plan_field} set before_value = null where ${old} and before_value is not null and not (action = 'base' and ${needed})`,
    `update ${ledger.sync_plan_field} set desired_value = null where ${old} and desired_value is not null and not ${needed}`,
    `update ${ledger.sync_plan_row} set match_value = null where ${old} and match_value is not null and not exists (select 1 from (
${neededRows(places)}
) as needed where needed.plan_id = ${ledger.sync_plan_row}.plan_id and needed.row_no = ${ledger.sync_plan_row}.row_no)`,
    `update ${ledger.sync_result} set message = '${tombstone}' where ${old} and message_hash is not null and message <> '${tombstone}'`,
  ]
}

/** Of every key and field the last value that was acknowledged, or may have been: what rebuilding state reads. */
function neededFields(places: PurgePlaces): string {
  const { sync_plan_field } = ledgerRelations(places.schema)
  return `select plan_id, row_no, field from (
  select f.plan_id, f.row_no, f.field, row_number() over (partition by settled.sync_name, f.row_key, f.field order by settled.epoch desc) as recency
  from ${sync_plan_field} as f
  join (${settledPlans(places.schema)}) as settled on settled.plan_id = f.plan_id
  left join ${places.auditSchema}.last_outcomes as o on o.plan_id = f.plan_id and o.row_no = f.row_no
  where f.action in ('adopt', 'base') or f.action in ('set', 'clear') and o.outcome = 'succeeded'
) as ranked where recency = 1`
}

function neededRows(places: PurgePlaces): string {
  const { sync_plan_row } = ledgerRelations(places.schema)
  return `select plan_id, row_no from (
  select planned.plan_id, planned.row_no, row_number() over (partition by settled.sync_name, planned.row_key order by settled.epoch desc) as recency
  from ${sync_plan_row} as planned
  join (${settledPlans(places.schema)}) as settled on settled.plan_id = planned.plan_id
  where planned.before_captured and planned.decision not in ('quarantined', 'skipped')
) as ranked where recency = 1`
}

function settledPlans(schema: string): string {
  const { sync_run, sync_run_event } = ledgerRelations(schema)
  return `select distinct r.plan_id, r.sync_name, r.epoch from ${sync_run} as r join ${sync_run_event} as e on e.run_id = r.run_id where r.kind <> 'plan' and e.event in ('succeeded', 'partial', 'failed', 'interrupted', 'crashed')`
}
