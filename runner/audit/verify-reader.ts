/** What verifying reads the log with, and what it comes to. */
import type { TemplateEnvironment } from '../compile/compile.ts'
import type { StatementOptions, TextRow, Warehouse } from '../warehouse/warehouse.ts'
import { auditSalt, type Seal, saltMark } from './chain.ts'
import { type LedgerTable, ledgerDefinition, ledgerRelations } from './ledger.ts'
import type { Finding, LoggedLink, LoggedRun } from './verify-links.ts'

export interface VerifyRequest {
  warehouse: Warehouse
  environment: TemplateEnvironment
  schema: string
  options: (step: string) => StatementOptions
  /** Name of the project: part of the salt of its hashes. */
  project: string
  /** BACKFEED_AUDIT_KEY; '' when there is none. */
  auditKey: string
  /** Only this sync; default: all. */
  sync?: string
  /** Hashes that were told after earlier runs: each has to be in the log. */
  heads?: readonly string[]
}

export interface Verification {
  findings: Finding[]
  runs: number
  events: number
  rows: number
  /** Runs of versions that did not seal their rows; only their events are checked. */
  unsealed: number
  /** Texts that were erased on request; the hashes beside them still fit. */
  erased: number
  /** The last event of every sync: keep them outside the warehouse. */
  heads: { sync: string; orgId: string; runId: string; hash: string }[]
}

export interface Reader extends VerifyRequest {
  context: { run: { ledger: Record<LedgerTable, string> } }
  read(sql: string): Promise<TextRow[]>
  literal(text: string): string
  /** Undefined for hashes that this project or key cannot make. */
  saltOf(run: LoggedRun): string | undefined
}

export interface Closing {
  result: Verification
  /** Events with which later runs closed others. */
  closings: readonly LoggedLink[]
}

export interface SealAt {
  seq: number
  table: string
  seal: Seal
}

const maxRows = 1_000_000

export function readerOf(request: VerifyRequest): Reader {
  const { warehouse, environment, options, project, auditKey } = request
  const salt = auditSalt(project, auditKey)
  const mark = `"salt":"${saltMark(salt)}"`
  return {
    ...request,
    context: { run: { ledger: ledgerRelations(request.schema) } },
    read: (sql) => warehouse.rows(sql, { ...options('verify'), max: maxRows }),
    literal: (text) => environment.call('sql.text_literal', [text]),
    saltOf: ({ links }) => (links[0]?.detail.includes(mark) ? salt : undefined),
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function columnsOf(table: LedgerTable): string[] {
  return (ledgerDefinition().tables.get(table) ?? []).map(({ name }) => name)
}
