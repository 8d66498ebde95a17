import type { Org } from './org.ts'

/** What every row of one call shares. */
export interface WriteContext {
  org: Org
  /** Whose name stands in LastModifiedById. */
  userId: string
  /** Do assignment rules run? */
  assign: boolean
  /** Through the control plane: an administrator's import, which sets read-only fields and meets no policy. */
  loose: boolean
  /** Values come as texts (CSV cells, the control plane): `"true"` is a boolean. JSON is strict, but for numbers. */
  textual: boolean
  /** May rows be saved although a duplicate rule of the kind `alert` finds matches? */
  allowDuplicates: boolean
  /** Does a refusal by a duplicate rule show the matching records and not only their ids? */
  duplicateDetails: boolean
  /** Unique values taken by rows of the same call that are prepared but not stored yet. */
  claims: Set<string>
}

/** A call of the API user with assignment rules off; what differs is named. */
export function newWriteContext(org: Org, differs: Partial<Omit<WriteContext, 'org' | 'claims'>> = {}): WriteContext {
  return {
    org,
    userId: org.users.api,
    assign: false,
    loose: false,
    textual: false,
    allowDuplicates: false,
    duplicateDetails: false,
    claims: new Set(),
    ...differs,
  }
}
