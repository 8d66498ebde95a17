/**
 * Salesforce's error codes and what each means: data, read by salesforce-errors.ts. Sources: Object Reference, "Core data
 * types: StatusCode"; REST guide, "Status codes and error responses"; Bulk API 2.0 guide, "Errors"; enums of the partner WSDL.
 */

/**
 * - `transient`: not applied and no fault of the row; the same may pass a moment later.
 * - `once`: as above, worth one repeat; the same answer again belongs to the row.
 * - `timeout`: a row may be repeated; a whole call that ran out of time may have been applied.
 * - `rejected`: the row's fault. Locked and archived records too: the back-off of rejected rows (1 h to 24 h) outlasts approvals.
 * - `mapping`: mapping or permissions; as good as certain to meet every other row too.
 * - `request`: the body as a whole was not taken: one row of it is at fault, or all together are too long.
 * - `access`: the org, the login or the integration is shut.
 * - `later`: the org takes no more for hours.
 * - `session`: the token has ended; renewing it is the transport's business.
 */
export type ErrorKind =
  | 'transient'
  | 'once'
  | 'timeout'
  | 'rejected'
  | 'mapping'
  | 'request'
  | 'access'
  | 'later'
  | 'session'

export interface ErrorRule {
  kind: ErrorKind
  codes: readonly string[]
  /** Some codes have several meanings and only the text tells them apart; the first rule that fits counts. */
  says?: RegExp
  /** Only when the clash is on the field that records are matched on, or the message does not name its field. */
  onMatchField?: true
  /** Put before Salesforce's own words, where those leave the meaning open. */
  means?: string
  /** The one code of ours behind several of theirs. */
  as?: `E-${string}`
  waitMs?: number
  /** A row's fault, but when every row of a call has it, a missing permission is the better explanation. */
  mappingIfAll?: true
}

/** Long-running requests have to end first; Salesforce gives no Retry-After. */
export const CONCURRENCY_WAIT_MS = 30_000
const LOCK_WAIT_MS = 1_000

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

export const ERROR_RULES: readonly ErrorRule[] = [
  { kind: 'session', codes: ['INVALID_SESSION_ID'] },
  {
    kind: 'later',
    codes: ['REQUEST_LIMIT_EXCEEDED'],
    says: /total\s*requests/i,
    as: 'E-CRM-QUOTA',
    means: 'the calls of the last 24 hours are used up',
  },
  { kind: 'transient', codes: ['REQUEST_LIMIT_EXCEEDED'], waitMs: CONCURRENCY_WAIT_MS },
  { kind: 'transient', codes: ['UNABLE_TO_LOCK_ROW', 'TooManyLockFailure'], waitMs: LOCK_WAIT_MS },
  {
    kind: 'transient',
    codes: words(`SERVER_UNAVAILABLE ORG_IN_MAINTENANCE FUNCTIONALITY_TEMPORARILY_UNAVAILABLE TOO_MANY_APEX_REQUESTS
      PLATFORM_EVENT_PUBLISHING_UNAVAILABLE ALL_OR_NONE_OPERATION_ROLLED_BACK PROCESSING_HALTED
      DATACLOUD_API_SERVER_BUSY`),
  },
  { kind: 'once', codes: words('UNKNOWN_EXCEPTION INTERNAL_ERROR TXN_SECURITY_METERING_ERROR') },
  { kind: 'timeout', codes: words('QUERY_TIMEOUT REQUEST_RUNNING_TOO_LONG Timeout') },
  {
    kind: 'later',
    codes: words(`INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE INVALID_READ_ONLY_USER_DML
      TERRITORY_REALIGN_IN_PROGRESS STORAGE_LIMIT_EXCEEDED LICENSE_LIMIT_EXCEEDED ExceededQuota TOO_MANY_JOBS`),
  },
  {
    kind: 'access',
    codes: words(`API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED FUNCTIONALITY_NOT_ENABLED FeatureNotEnabled ORG_LOCKED
      TRIAL_EXPIRED ORG_NOT_OWNED_BY_INSTANCE CLIENT_NOT_ACCESSIBLE_FOR_USER UNSUPPORTED_CLIENT
      UNSUPPORTED_API_VERSION INVALID_VERSION InvalidVersion InvalidUser INVALID_AUTH_HEADER INVALID_LOGIN
      LOGIN_DURING_RESTRICTED_DOMAIN LOGIN_DURING_RESTRICTED_TIME PASSWORD_LOCKOUT TXN_SECURITY_NO_ACCESS
      TXN_SECURITY_APEX_ERROR TXN_SECURITY_RUNTIME_ERROR TXN_SECURITY_END_A_SESSION TXN_SECURITY_TWO_FA_REQUIRED
      TXN_SECURITY_FAIL_CLOSE`),
  },
  { kind: 'request', codes: words('JSON_PARSER_ERROR POST_BODY_PARSE_ERROR EXCEEDED_MAX_SIZE_REQUEST') },
  {
    kind: 'mapping',
    codes: words(`UNSUPPORTED_MEDIA_TYPE METHOD_NOT_ALLOWED EXCEEDED_ID_LIMIT EXCEEDED_MAX_SOBJECTS
      EXCEEDED_MAX_TYPES_LIMIT`),
  },
  {
    kind: 'rejected',
    codes: ['INVALID_FIELD'],
    says: /foreign key external id/i,
    means: 'the record that is referred to does not exist; send the parents first (depends_on)',
  },
  {
    kind: 'rejected',
    codes: ['INVALID_FIELD'],
    says: /more than one record found/i,
    means: 'several records hold the key that is referred to',
  },
  {
    kind: 'mapping',
    codes: words(`INVALID_FIELD INVALID_TYPE NOT_FOUND INVALID_ENTITY_FOR_UPSERT INVALID_EXTERNAL_ID_FIELD_NAME
      INVALID_TYPE_FOR_OPERATION INVALID_FIELD_FOR_INSERT_UPDATE FIELD_NOT_UPDATABLE NO_ACTIVE_DUPLICATE_RULE
      InvalidBatch ClientInputError InvalidJob`),
  },
  {
    kind: 'rejected',
    mappingIfAll: true,
    codes: words(`CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_OR_READONLY
      INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY CHILD_SHARE_FAILS_PARENT TRANSFER_REQUIRES_READ`),
  },
  {
    kind: 'rejected',
    codes: ['DUPLICATE_VALUE'],
    says: /duplicate external id specified/i,
    means: 'the same match value stands twice in one request',
  },
  {
    // Another writer created the record between the look-up and this write: the repeat finds and updates it.
    kind: 'once',
    codes: ['DUPLICATE_VALUE'],
    says: /duplicate value found/i,
    onMatchField: true,
    means: 'another record holds the match value',
  },
  { kind: 'rejected', codes: ['DUPLICATE_VALUE'], means: 'another record holds a value that must be unique' },
  {
    kind: 'rejected',
    codes: words('DUPLICATE_EXTERNAL_ID MULTIPLE_CHOICES MULTIPLE_RECORDS_FOUND'),
    means: 'several records answer to the match value',
  },
  { kind: 'rejected', codes: ['DUPLICATES_DETECTED'], means: 'a duplicate rule of the org matched' },
  {
    kind: 'rejected',
    codes: words('ENTITY_IS_LOCKED RECORD_IN_USE_BY_WORKFLOW INVALID_OPERATION ENTITY_IS_ARCHIVED'),
    means: 'the record is locked or archived',
  },
  { kind: 'rejected', codes: words('ENTITY_IS_DELETED RECORD_NOT_FOUND'), means: 'the record is gone' },
  {
    kind: 'rejected',
    codes: words(`REQUIRED_FIELD_MISSING MISSING_ARGUMENT FIELD_CUSTOM_VALIDATION_EXCEPTION
      FIELD_FILTER_VALIDATION_EXCEPTION FIELD_INTEGRITY_EXCEPTION CANNOT_EXECUTE_FLOW_TRIGGER FLOW_EXCEPTION
      CUSTOM_APEX_ERROR DUPLICATE_USERNAME DUPLICATE_DEVELOPER_NAME INVALID_EMAIL_ADDRESS STRING_TOO_LONG
      NUMBER_OUTSIDE_VALID_RANGE INVALID_TYPE_ON_FIELD_IN_RECORD INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST
      TOO_MANY_ENUM_VALUE TEXT_DATA_OUTSIDE_SUPPORTED_CHARSET INVALID_CURRENCY_ISO MALFORMED_ID
      INVALID_CROSS_REFERENCE_KEY INVALID_CROSS_REFERENCE_TYPE_FOR_FIELD INVALID_ID_FIELD INVALID_OWNER
      INACTIVE_OWNER_OR_USER UNAVAILABLE_RECORDTYPE_EXCEPTION CANNOT_UPDATE_CONVERTED_LEAD CANNOT_REPARENT_RECORD
      CIRCULAR_DEPENDENCY DELETE_FAILED DEPENDENCY_EXISTS MIXED_DML_OPERATION`),
  },
]

/** Calls refused without an error object of Salesforce, by HTTP status. */
export const STATUS_RULES: Readonly<Record<number, ErrorKind>> = {
  405: 'mapping',
  410: 'access',
  413: 'request',
  414: 'mapping',
  415: 'mapping',
  431: 'mapping',
}
