import type { Reshape } from '../../core/reshape.ts'

/** What an administrator of the org has set up: the JSON of `/policies/salesforce`. Names as in the control plane. */
export interface OrgPolicies {
  auth: AuthPolicy
  limits: LimitPolicy
  /** By object name as the schema spells it. */
  objects: Readonly<Record<string, ObjectPolicy>>
}

export interface AuthPolicy {
  /** Is a token nobody issued refused? Without it every bearer token is taken: a local stand-in needs no set-up. */
  require_issued_tokens: boolean
  /** Idle time after which an issued token stops working. */
  session_timeout_ms: number
  /** The body of a refused session; the last two never end by a refresh. */
  session_error: SessionError
  /** Where there are none, any client may log in; JWTs are then read but not verified. */
  apps: readonly AppPolicy[]
}

export const SESSION_ERRORS = ['expired', 'not_valid_for_rest', 'app_not_attached'] as const
export type SessionError = (typeof SESSION_ERRORS)[number]

export interface AppPolicy {
  client_id: string
  client_secret?: string
  /** PEM of the certificate or public key that verifies JWT assertions. */
  public_key?: string
  refresh_tokens?: readonly string[]
  /** Username of the user client credentials and refresh tokens act as. */
  run_as?: string
  installed?: boolean
}

export interface LimitPolicy {
  daily_api_requests: number
  /** Calls counted already today. Setting it moves the counter. */
  used?: number
  /** `; api-bursts=1/750` in Sforce-Limit-Info. */
  api_bursts?: { used: number; max: number }
  /** `; per-app-api-usage=17/250(appName=x)` in Sforce-Limit-Info. */
  per_app?: { name: string; max: number }
  /** This many next calls are refused as one too many long-running ones. */
  concurrent_refusals?: number
}

export interface ObjectPolicy {
  permissions?: Partial<Record<'create' | 'read' | 'update' | 'delete', boolean>>
  /** Field-level security of the API user's profile. */
  fields?: Readonly<Record<string, 'hidden' | 'read_only'>>
  record_types?: readonly RecordTypePolicy[]
  validation_rules?: readonly ValidationRule[]
  duplicate_rules?: readonly DuplicateRule[]
  triggers?: readonly TriggerPolicy[]
  row_locks?: readonly RowLock[]
  /** Values that a flow changes before they are stored, by field. */
  reshapes?: Readonly<Record<string, Reshape>>
  /** Records in an approval: nobody may edit them. */
  approval_locks?: readonly string[]
}

export interface RecordTypePolicy {
  name: string
  developer_name?: string
  active?: boolean
  /** For the API user's profile. */
  available?: boolean
  default?: boolean
}

/** Conditions are SOQL conditions on the record as it would be after the write. */
export interface ValidationRule {
  name: string
  error_if: string
  message: string
  /** Where the message is shown; absent: the top of the page. */
  field?: string
}

export interface DuplicateRule {
  name: string
  /** `alert` lets a caller save all the same, `block` does not. */
  action: 'alert' | 'block'
  /** A record matches when all of these are equal, without case. */
  match: readonly string[]
  on?: readonly ('create' | 'update')[]
  message?: string
}

export interface TriggerPolicy {
  name: string
  on: readonly ('insert' | 'update' | 'delete')[]
  /** Only for such records; absent: all. */
  if?: string
  message: string
  /** Status code of the failure. */
  code: string
}

export interface RowLock {
  /** Rows that are locked, by id. */
  ids?: readonly string[]
  /** Or: every row that refers to one of these records, as when another job writes the siblings. */
  children_of?: readonly string[]
  /** Attempts refused before the lock ends; absent: until it is removed. */
  times?: number
}

export const NO_POLICIES: OrgPolicies = {
  auth: { require_issued_tokens: false, session_timeout_ms: 7_200_000, session_error: 'expired', apps: [] },
  limits: { daily_api_requests: 100_000 },
  objects: {},
}
