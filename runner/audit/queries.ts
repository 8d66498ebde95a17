/** Fixed questions to the public views: what `history`, `quarantine` and `status` print. Values only as the audit kept them. */
import { derivedSuffix } from '../project/sync-match.ts'
import type { StatementOptions, TextRow, Warehouse } from '../warehouse/warehouse.ts'
import { sha256 } from './run-log.ts'

export interface AuditContext {
  warehouse: Warehouse
  auditSchema: string
  options: (step: string) => StatementOptions
}

export interface Answer {
  columns: readonly string[]
  rows: readonly TextRow[]
}

const maxRows = 10_000

/** Everything that happened to one key, oldest first. */
export function historyRow(context: AuditContext, sync: string, key: string): Promise<Answer> {
  return ask(context, {
    columns: [
      'happened_at',
      'run_kind',
      'kind',
      'subject',
      'action',
      'before_value',
      'after_value',
      'outcome',
      'reason',
      'crm_id',
      'run_id',
      'actor',
    ],
    from: 'record_history',
    where: [`sync_name = ${text(sync)}`, keyIs(sync, key)],
    order: 'happened_at, kind, subject',
  })
}

export interface RunFilter {
  sync?: string
  limit: number
}

/** Newest first. */
export function historyRuns(context: AuditContext, { sync, limit }: RunFilter): Promise<Answer> {
  return ask(context, {
    columns: [
      'started_at',
      'run_id',
      'sync_name',
      'kind',
      'status',
      'planned_rows',
      'succeeded',
      'rejected',
      'retryable',
      'unknown',
      'held_rows',
      'quarantined_rows',
      'actor',
      'approved_by',
      'git_sha',
    ],
    from: 'runs',
    where: sync === undefined ? [] : [`sync_name = ${text(sync)}`],
    order: 'started_at desc, epoch desc',
    limit,
  })
}

export interface FieldFilter {
  sync: string
  field: string
  limit: number
}

/** Every planned change of one field, newest first. */
export function historyField(context: AuditContext, { sync, field, limit }: FieldFilter): Promise<Answer> {
  return ask(context, {
    columns: [
      'planned_at',
      'row_key',
      'crm_id',
      'action',
      'before_value',
      'after_value',
      'outcome',
      'reason',
      'run_id',
      'actor',
    ],
    from: 'field_changes',
    where: [`sync_name = ${text(sync)}`, `lower(field) = lower(${text(field)})`],
    order: 'planned_at desc, row_key',
    limit,
  })
}

export interface QuarantineFilter {
  sync?: string
  rule?: string
  /** Closed ones too. */
  all?: boolean
  limit: number
}

export function quarantineList(context: AuditContext, { sync, rule, all, limit }: QuarantineFilter): Promise<Answer> {
  return ask(context, {
    columns: [
      'sync_name',
      'row_key',
      'rule',
      'field',
      'message',
      'source_rows',
      'status',
      'first_seen_at',
      'last_seen_at',
    ],
    from: 'quarantine',
    where: [
      ...(sync === undefined ? [] : [`sync_name = ${text(sync)}`]),
      ...(rule === undefined ? [] : [`rule = ${text(rule)}`]),
      ...(all ? [] : ["status = 'open'"]),
    ],
    order: 'sync_name, rule, row_key',
    limit,
  })
}

/** How many keys wait for which reason. */
export function quarantineSummary(context: AuditContext): Promise<Answer> {
  return ask(context, {
    columns: ['sync_name', 'rule', 'message'],
    computed: ['count(*) as rows', 'min(first_seen_at) as first_seen_at'],
    from: 'quarantine',
    where: ["status = 'open'"],
    group: 'sync_name, rule, message',
    order: 'sync_name, rule',
  })
}

/** Why one key waits, and since when; closed turns too. */
export function quarantineShow(context: AuditContext, sync: string, key: string): Promise<Answer> {
  return ask(context, {
    columns: [
      'rule',
      'field',
      'code',
      'message',
      'source_rows',
      'status',
      'first_seen_at',
      'last_seen_at',
      'closed_at',
    ],
    from: 'quarantine',
    where: [`sync_name = ${text(sync)}`, keyIs(sync, key)],
    order: 'first_seen_at, rule',
  })
}

/** One line per sync and target. */
export function statusReport(context: AuditContext): Promise<Answer> {
  return ask(context, {
    columns: ['sync_name', 'target', 'last_success_at', 'last_run_at', 'last_plan_at', 'runs', 'runs_succeeded'],
    from: 'freshness',
    where: [],
    order: 'sync_name, target',
  })
}

/** Rows of one public view, counted; `reconciliation` must be 0. */
export async function countView(context: AuditContext, view: string): Promise<number> {
  const rows = await context.warehouse.rows(`select count(*) from ${context.auditSchema}.${view}`, {
    ...context.options('audit'),
    max: 1,
  })
  return Number(rows[0]?.[0] ?? 0)
}

interface Question {
  columns: readonly string[]
  computed?: readonly string[]
  from: string
  where: readonly string[]
  group?: string
  order: string
  limit?: number
}

async function ask(context: AuditContext, question: Question): Promise<Answer> {
  const { columns, computed = [], where, group } = question
  const sql = [
    `select ${[...columns, ...computed].join(', ')}`,
    `from ${context.auditSchema}.${question.from}`,
    ...(where.length > 0 ? [`where ${where.join(' and ')}`] : []),
    ...(group === undefined ? [] : [`group by ${group}`]),
    `order by ${question.order}`,
    `limit ${question.limit ?? maxRows}`,
  ].join('\n')
  const rows = await context.warehouse.rows(sql, { ...context.options('audit'), max: question.limit ?? maxRows })
  return { columns: [...columns, ...computed.map((expression) => expression.replace(/^.* as /, ''))], rows }
}

/** A sensitive key is in the log as a hash only: macros/policies.sql, key_text. */
function keyIs(sync: string, key: string): string {
  return `row_key in (${text(key)}, ${text(sha256(`${sync.replace(derivedSuffix, '')}:${key.trim()}`))})`
}

/** What a person typed on the command line, as a literal. */
function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
