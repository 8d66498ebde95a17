/** What `associate:` of a sync asks for, and the sync in memory that does it. */
import type { Position } from '../errors.ts'

/** Ends the names under which the associations of a sync stand in the log, with the place of the entry. */
export const associationSuffix = '__to'

export interface Association {
  /** API name of the object the row's record is associated with. */
  to: string
  match: {
    /** Its key: a property with unique values, or the e-mail of contacts. */
    field: string
    /** Column of the model with that key. */
    from: string
  }
  /** Of a labelled type; absent: the unlabelled one. */
  label?: string
  at: Position
}

/** What makes a sync one that only associates the records of another one. */
export interface AssociatedSync extends Association {
  /** Name of the sync as written. */
  of: string
}
