/** What a plan looks like to people and programs. The pipeline makes it, the renderers beside this file print it. */

export interface PlanReport {
  sync: string
  /** Name of the connection's CRM: `salesforce`. */
  destination: string
  object: string
  /** CRM field the rows are matched on. */
  matchField?: string
  target: string
  /** Label of the org or portal, without secrets: "Acme (00D…)". */
  org: string
  counts: PlanCounts
  /** Rule or reason → rows. */
  quarantineByReason: Readonly<Record<string, number>>
  heldByReason: Readonly<Record<string, number>>
  /** Some rows to look at, masked as the sync's audit settings say. */
  samples: readonly PlanSample[]
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
  clears: number
}

export interface PlanSample {
  key: string
  op: 'create' | 'update' | 'keep' | 'held' | 'quarantined'
  /** Why the row is not sent, for `held` and `quarantined`. */
  reason?: string
  fields: readonly SampleField[]
}

export interface SampleField {
  field: string
  /** Value in the CRM now, null when blank; absent when it was not read. */
  before?: string | null
  after: string | null
  /** `keep`: the CRM's value stays, and `reason` says why. */
  action: 'set' | 'clear' | 'keep'
  reason?: string
}

export interface PredictedCalls {
  writeCalls: number
  readCalls: number
  requests: readonly PredictedRequest[]
}

/** One write request as `run` will send it. `sha256` is of the body, in hexadecimal. */
export interface PredictedRequest {
  method: string
  path: string
  rows: number
  sha256: string
}

export interface GuardVerdict {
  name: string
  limit: string
  actual: string
  verdict: 'ok' | 'refused' | 'allowed'
  /** What to type to raise it once: `--allow creates=4210`. */
  allow?: string
}

/** At least one row would be sent. */
export function hasChanges(report: PlanReport): boolean {
  return report.counts.send > 0
}

export function isRefused(report: PlanReport): boolean {
  return report.guards.some((guard) => guard.verdict === 'refused')
}

/** Without anything a row held: for logs, pull requests and orchestrators. */
export function withoutValues(report: PlanReport): Omit<PlanReport, 'samples'> {
  const { samples: _, ...rest } = report
  return rest
}
