import type { Reshape } from '../../core/reshape.ts'

/** What an administrator of the account, or the test, has set up: the JSON of `/policies/hubspot`. Names as in the control plane. */
export interface PortalPolicies {
  account: AccountPolicy
  auth: AuthPolicy
  limits: LimitPolicy
  writes: WritePolicy
  search: SearchPolicy
  /** Where there are none, any owner id is taken. */
  owners: readonly OwnerPolicy[]
  /** By object name; the stages become the options of the stage property. */
  pipelines: Readonly<Record<string, readonly PipelinePolicy[]>>
  /** By object name as the schema spells it. */
  objects: Readonly<Record<string, ObjectPolicy>>
}

export interface AccountPolicy {
  /** Absent: drawn from the seed. */
  portal_id?: number
  account_type: string
  /** IANA name; the daily quota starts anew at its midnight. */
  time_zone: string
  ui_domain: string
  /** The first is the company's; `deal_currency_code` takes no other. */
  currencies: readonly string[]
}

export interface AuthPolicy {
  /** Is a token refused that is neither listed nor issued? Without it every bearer token is taken. */
  require_issued_tokens: boolean
  /** Service keys and private-app tokens. */
  tokens: readonly string[]
  /** What tokens may do; absent: everything. */
  scopes?: readonly string[]
  /** Where a 403 names the scopes: both places have been seen. */
  missing_scopes_in: 'errors' | 'context'
  /** Absent: any client and refresh token. */
  oauth?: OauthPolicy
  token_expires_in_s: number
}

export interface OauthPolicy {
  client_id: string
  client_secret: string
  refresh_tokens: readonly string[]
}

/** So high that nothing is throttled, unless set. */
export interface LimitPolicy {
  /** Requests per rolling `interval_ms`, search excepted. */
  burst: number
  interval_ms: number
  daily: number
  search_per_second: number
  /** Requests counted already today. Setting it moves the counter. */
  used_today?: number
}

export interface WritePolicy {
  /** A batch with some bad rows: 207, or 200/201 with `errors` inside, as the 2026-09 schemas have it. */
  partial: '207' | 'in_2xx'
  /** What a whole-batch 400 carries: `errors[]`, or the message alone. */
  refusal: 'errors' | 'message_only'
  /** Other than COMPLETE: answered with no results. CANCELED writes nothing; the others write. */
  status: 'COMPLETE' | 'PENDING' | 'PROCESSING' | 'CANCELED'
  /** Record ids and key values whose rows get neither result nor error, and are not written. */
  silent: readonly string[]
  /** Does update, too, write the good rows where every input has a trace id? Nobody has shown it either way. */
  update_by_trace: boolean
}

export interface SearchPolicy {
  /** How long a write takes to show up in search, in virtual time. */
  index_lag_ms: number
}

export interface OwnerPolicy {
  id: string
  email: string
  first_name?: string
  last_name?: string
  archived?: boolean
}

export interface PipelinePolicy {
  id: string
  label: string
  stages: readonly { id: string; label: string }[]
}

/** Enforced on 2026-09 only, as HubSpot does. */
export interface ObjectPolicy {
  required_on_create?: readonly string[]
  conditional?: readonly ConditionalRule[]
  validations?: readonly PropertyValidation[]
  /** Values that a workflow changes before they are stored, by property; on every version. */
  reshapes?: Readonly<Record<string, Reshape>>
}

/** `require` must have a value where `property` has one of `values`. */
export interface ConditionalRule {
  property: string
  values: readonly string[]
  require: string
}

export interface PropertyValidation {
  property: string
  rule: string
  arguments: readonly string[]
}

export const NO_POLICIES: PortalPolicies = {
  account: { account_type: 'DEVELOPER_TEST', time_zone: 'UTC', ui_domain: 'app.hubspot.com', currencies: ['USD'] },
  auth: { require_issued_tokens: false, tokens: [], missing_scopes_in: 'errors', token_expires_in_s: 1_800 },
  limits: { burst: 1_000_000, interval_ms: 10_000, daily: 1_000_000_000, search_per_second: 1_000_000 },
  writes: { partial: '207', refusal: 'errors', status: 'COMPLETE', silent: [], update_by_trace: true },
  search: { index_lag_ms: 0 },
  owners: [],
  pipelines: {},
  objects: {},
}
