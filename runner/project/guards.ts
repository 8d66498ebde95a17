/** Limits of a sync that hold a plan, or a run, back. */
import type { Limit } from './project.ts'

export interface Guards {
  minSourceRows: number
  maxSourceDrop: Limit
  maxCreates: Limit
  maxUpdates: Limit
  maxClears: Limit
  maxDeletes: Limit
  maxQuarantined: Limit
  /** Checked while sending, after 50 results. */
  maxRejected: Limit
  /** Rows of which one field is cleared; a share of the rows to send. */
  maxFieldClears: Limit
  /** Rows that wait because the CRM and the warehouse both changed a field. */
  maxConflicts: Limit
  /** Checked while sending: this many results in a row with one and the same error; 0 switches it off. */
  maxEqualErrors: number
  /** The first rows of a run, sent and read back before the others; 0 switches it off. */
  canaryRows: number
  /** Keys of guards the user wrote (`max_creates`); floors for small tables apply only to defaults. */
  explicit: readonly string[]
}
