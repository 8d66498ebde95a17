/** The protocol as a set of switches: all as the runner does it, and one mechanism less per mutant. */
export interface Protocol {
  /** The CRM takes one record per key, whoever creates it. */
  uniqueKey: boolean
  lease: boolean
  /** The lease is looked at right before a request. */
  checkBeforeSend: boolean
  /** In this order: intent durable, lease looked at, request. */
  checkAfterIntent: boolean
  /** What is about to be sent is durable first. */
  intent: boolean
  /** A row inside an intent without a result is `unknown` after a crash; otherwise it counts as not sent. */
  orphansAreUnknown: boolean
  /** Recovery closes runs of older epochs only, and the log takes verdicts about own and older epochs only. */
  closesOnlyOlder: boolean
  /** Recovery records its verdicts before it closes a run. */
  verdictsBeforeClosing: boolean
  /** No answer in time is `unknown`; otherwise it counts as a failure and the request is repeated. */
  timeoutIsUnknown: boolean
  /** An unknown row is looked at only when what was sent can have no effect any more. */
  settles: boolean
  /** A result is written after the answer. */
  resultAfterAnswer: boolean
  /** Rows are compared with what was acknowledged; otherwise with what was planned last. */
  diffsAgainstAcknowledged: boolean
  /** The fold and the proof that the lease is still held are one write. */
  foldsUnderLease: boolean
  /** A request carries changes of the run's own plan, whatever stands in the shared table by now. */
  sendsOwnPlan: boolean
  /** A live value that is what is wanted settles an unknown row early only when it is also what had been sent. */
  adoptsOnlyWhatWasSent: boolean
  /** A verdict of recovery stays `unknown` in state; otherwise the row counts as open like any other. */
  unknownBlocks: boolean
  /** The CRM refuses a write whose token is older than the record's. */
  fenceField: boolean
  /** Tokens grow with every request; otherwise with every run. */
  fencePerAttempt: boolean
  /** A run may plan a key a second time, after an unknown outcome. The runner never does; a token per run rests on that. */
  plansTwice: boolean
  /** A run compares acknowledged with live values before it plans. */
  driftCheck: boolean
  /** A search may once not find a record that exists. */
  searchLags: boolean
  /** Repairing an older value later is enough; otherwise it must never be written. */
  regressionAllowed: boolean
}

export const unkeyed: Protocol = {
  uniqueKey: false,
  lease: true,
  checkBeforeSend: true,
  checkAfterIntent: true,
  intent: true,
  orphansAreUnknown: true,
  closesOnlyOlder: true,
  verdictsBeforeClosing: true,
  timeoutIsUnknown: true,
  settles: true,
  resultAfterAnswer: true,
  diffsAgainstAcknowledged: true,
  foldsUnderLease: true,
  sendsOwnPlan: true,
  adoptsOnlyWhatWasSent: true,
  unknownBlocks: true,
  fenceField: false,
  fencePerAttempt: true,
  plansTwice: false,
  driftCheck: false,
  searchLags: false,
  regressionAllowed: false,
}

export const keyed: Protocol = { ...unkeyed, uniqueKey: true }

/** Nobody knows how long a paused runner or a request may still have an effect (assumption S3 is dropped). */
export const unbounded: Protocol = { ...keyed, settles: false }

/** How often each thing may happen in one history. */
export interface Bounds {
  runs: number
  crashes: number
  timeouts: number
  /** Writes of the warehouse that fail, or that are applied while their answer is lost. */
  warehouseFaults: number
  /** Changes of the source. */
  changes: number
}
