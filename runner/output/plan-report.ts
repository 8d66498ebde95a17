/** What a plan looks like to people and programs. The pipeline makes it, the renderers beside this file print it. */

export interface PlanReport {
  sync: string
  destination: string
  object: string
  /** CRM field the rows are matched on. */
  match: string
  target: string
  /** Label of the org or portal, without secrets: "Acme (00D…)". */
  org: string
  counts: PlanCounts
  /** Rule or reason → rows. */
  quarantineByReason: Readonly<Record<string, number>>
  heldByReason: Readonly<Record<string, number>>
  skippedByReason: Readonly<Record<string, number>>
  /** Some rows to look at; values only as the sync's audit settings keep them. */
  samples: readonly PlanSample[]
  /** Of a link: rows that somebody must decide about; the message names the records by id. */
  undecided?: readonly UndecidedRow[]
  predicted: PredictedCalls
  guards: readonly GuardVerdict[]
  /** Sentences without row values. */
  warnings: readonly string[]
}

/** Rows, except `clears`: fields that would be blanked. */
export interface PlanCounts {
  source: number
  candidates: number
  unchanged: number
  create: number
  update: number
  /** create + update. */
  send: number
  noop: number
  held: number
  skipped: number
  quarantined: number
  removed: number
  clears: number
  /** Fields that were changed in the CRM since they were written, and that this plan leaves alone. */
  drift: number
}

export interface PlanSample {
  key: string
  op: 'create' | 'update'
  /** `send` or `held`. */
  decision: string
  fields: readonly SampleField[]
}

export interface UndecidedRow {
  key: string
  rule: string
  message: string
}

export interface SampleField {
  field: string
  /** Null when blank, or when the audit keeps no values. */
  before: string | null
  after: string | null
  /** What happens: `kept` and `drift` leave the CRM's value, `adopt` finds it right already, `held` waits for a decision, `not_applied` is a step back the CRM would not store. */
  action: 'set' | 'clear' | 'adopt' | 'base' | 'held' | 'kept' | 'conflict' | 'drift' | 'not_applied'
}

export interface PredictedCalls {
  writeCalls: number
  readCalls: number
  requests: readonly PredictedRequest[]
  /** Of the whole org in the period its daily limit counts, where the CRM tells. */
  usage?: CallUsage
}

export interface CallUsage {
  used: number
  max: number
  /** Where this sync stops: its daily_api_budget, else `max`. */
  allowed: number
  remaining: number
}

/** One write request as `run` will send it. `sha256` is of the body, in hexadecimal; calls that only steer a job have none. */
export interface PredictedRequest {
  method: string
  path: string
  rows: number
  sha256?: string
}

export interface GuardVerdict {
  name: string
  /** As a count; infinite when the guard is switched off. */
  limit: number
  /** As written or defaulted: `5%`. */
  rule: string
  actual: number
  verdict: 'ok' | 'allowed' | 'blocked'
  /** What to type to raise it once: `--allow creates=4210 --reason "…"`. */
  allow?: string
}

/** At least one row would be sent. */
export function hasChanges(report: PlanReport): boolean {
  return report.counts.send > 0
}

export function isRefused(report: PlanReport): boolean {
  return report.guards.some((guard) => guard.verdict === 'blocked')
}

/** Without anything a row held: for logs, pull requests and orchestrators. */
export function withoutValues(report: PlanReport): Omit<PlanReport, 'samples' | 'undecided'> {
  const { samples: _, undecided: __, ...rest } = report
  return rest
}
