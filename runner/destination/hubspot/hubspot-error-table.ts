/**
 * HubSpot's errors and what each means: data, read by hubspot-errors.ts. Sources: HubSpot docs, "Error handling", "API usage
 * guidelines", "Using object APIs" (2026-09) and the guides of the objects. A code is an error's own, else its category.
 */

/**
 * - `transient`: not applied and no fault of the row; the same may pass a moment later.
 * - `later`: the account takes no more for hours.
 * - `access`: the token or the account is shut, or lacks a scope.
 * - `mapping`: mapping or property; as good as certain to meet every other row too.
 * - `rejected`: the row's fault.
 * - `request`: one or more rows of the request are at fault and nothing of it was applied: it is divided.
 * - `unknown`: may have been applied.
 * - `session`: the token has ended; renewing it is the transport's business.
 */
export type HubspotErrorKind =
  | 'transient'
  | 'later'
  | 'access'
  | 'mapping'
  | 'rejected'
  | 'request'
  | 'unknown'
  | 'session'

export interface HubspotRule {
  kind: HubspotErrorKind
  /** HTTP statuses of a whole call; absent: any. */
  statuses?: readonly number[]
  codes?: readonly string[]
  /** Matched against HubSpot's message and policy name; the first rule that fits counts. */
  says?: RegExp
  /** The one code of ours. */
  as?: string
  /** When the answer has no Retry-After. */
  waitMs?: number
  /** … and however short its Retry-After is. */
  atLeast?: true
  /** Put before HubSpot's own words, where those leave the meaning open. */
  means?: string
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** A call that was answered without results of rows. Every status below 500 wants HubSpot's own error object. */
export const CALL_RULES: readonly HubspotRule[] = [
  { kind: 'session', statuses: [401] },
  {
    kind: 'later',
    statuses: [429],
    says: /daily/i,
    as: 'E-CRM-QUOTA',
    means: 'the calls of the day are used up',
  },
  { kind: 'transient', statuses: [429], says: /ten_secondly|rolling/i, as: 'RATE_LIMITS', waitMs: 10_000 },
  { kind: 'transient', statuses: [429], says: /secondly/i, as: 'RATE_LIMITS', waitMs: 1_000 },
  { kind: 'transient', statuses: [429], as: 'RATE_LIMITS', waitMs: 10_000 },
  { kind: 'transient', statuses: [423], as: 'LOCKED', waitMs: 2_000, atLeast: true },
  { kind: 'later', statuses: [477], as: 'MIGRATION', means: 'HubSpot is moving the account to another place' },
  { kind: 'access', statuses: [403], codes: ['MISSING_SCOPES'], as: 'E-CRM-SCOPE' },
  { kind: 'access', statuses: [402, 403], means: 'the token may not do this' },
  {
    kind: 'mapping',
    statuses: [400],
    says: /non-unique/i,
    means: 'the match property is not unique; match on one with unique values',
  },
  { kind: 'mapping', statuses: [400], says: /unable to infer object type/i, means: 'there is no such object' },
  { kind: 'mapping', statuses: [400], says: /idProperty is required/i },
  { kind: 'mapping', statuses: [400], says: /maximum number of inputs/i },
  { kind: 'mapping', statuses: [404, 405, 415], means: 'this account has no such address' },
  { kind: 'request', statuses: [400, 409, 413, 414] },
  { kind: 'later', statuses: [525, 526], means: 'HubSpot cannot be reached behind its own gateway' },
]

/** An error of one row in an answer with results. A code that is not here is `rejected`. */
export const ROW_RULES: readonly HubspotRule[] = [
  { kind: 'transient', codes: ['RATE_LIMITS'], waitMs: 10_000 },
  { kind: 'unknown', codes: ['INTERNAL_ERROR'] },
  { kind: 'access', codes: ['MISSING_SCOPES'], as: 'E-CRM-SCOPE' },
  {
    kind: 'mapping',
    codes: words('PROPERTY_DOESNT_EXIST READ_ONLY_VALUE'),
    means: 'the property cannot be written',
  },
  { kind: 'rejected', codes: ['CONFLICT'], means: 'another record has this key' },
  {
    kind: 'rejected',
    codes: ['CONFLICTING_UNIQUE_VALUE'],
    means: 'another record holds a value that must be unique',
  },
  { kind: 'rejected', codes: ['OBJECT_NOT_FOUND'], means: 'the record is gone' },
  {
    kind: 'rejected',
    codes: words(`MISSING_REQUIRED_PROPERTY MISSING_CONDITIONAL_REQUIRED_PROPERTY REQUIRED_PROPERTY`),
    means: 'a property that the account requires is empty',
  },
  {
    kind: 'rejected',
    codes: words('INVALID_OPTION INVALID_EMAIL INVALID_INTEGER INVALID_LONG INVALID_DATE VALIDATION_ERROR'),
  },
]
