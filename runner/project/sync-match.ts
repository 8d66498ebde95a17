/** How a row finds its record, and the records that could be the row's before they carry its key. */
import type { Position } from '../errors.ts'
import type { MatchStrategy } from './project.ts'

export interface SyncMatch {
  field: string
  from: string
  strategy: MatchStrategy
  /** A second property that tells unlinked records; absent: the one that is usual for the object, none: no look at all. */
  linkBy?: LinkBy | 'none'
  linkByAt?: Position
  at: Position
  fromAt?: Position
  strategyAt?: Position
}

export interface LinkBy {
  /** API name of the property, which several records may share. */
  field: string
  /** Column of the model that holds its value. */
  from: string
}

/** Ends the name under which a link of a sync stands in the log. */
export const linkSuffix = '__link'

/** What a sync in memory has behind the name of the sync it was made of. */
export const derivedSuffix = /__(?:link|to\d+)$/

/** What makes a sync one that only writes the key of another one into the records found by `by`. */
export interface LinkedSync {
  /** Name of the sync as written. */
  of: string
  by: string
  /** Column of the model. */
  from: string
}
