/**
 * What Salesforce's error codes mean for a change. One table; sources: Object Reference, "Core data types: StatusCode",
 * REST guide "Status codes and error responses", and the partner WSDL's enums.
 * An unlisted code of a row is `rejected`; an unlisted failure of the whole call is decided by its status.
 */
import { isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'

export interface SalesforceError {
  code: string
  message: string
  fields: readonly string[]
}

/** Proven not applied, and no fault of the row. Everything else that Salesforce says about a row stays with the row. */
const RETRYABLE = new Set([
  'UNABLE_TO_LOCK_ROW',
  'TOO_MANY_APEX_REQUESTS',
  'PLATFORM_EVENT_PUBLISHING_UNAVAILABLE',
  'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  'PROCESSING_HALTED',
  'SERVER_UNAVAILABLE',
  'ORG_IN_MAINTENANCE',
  'FUNCTIONALITY_TEMPORARILY_UNAVAILABLE',
  'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE',
  'INVALID_READ_ONLY_USER_DML',
  'UNKNOWN_EXCEPTION',
  'INTERNAL_ERROR',
  'QUERY_TIMEOUT',
  'REQUEST_RUNNING_TOO_LONG',
  'TXN_SECURITY_METERING_ERROR',
  'STORAGE_LIMIT_EXCEEDED',
  'LICENSE_LIMIT_EXCEEDED',
  'TERRITORY_REALIGN_IN_PROGRESS',
  'DATACLOUD_API_SERVER_BUSY',
  // The org or the integration is shut, not the row wrong: marking rows rejected would keep them out after it opens.
  'API_DISABLED_FOR_ORG',
  'API_CURRENTLY_DISABLED',
  'ORG_LOCKED',
  'TRIAL_EXPIRED',
  'CLIENT_NOT_ACCESSIBLE_FOR_USER',
  'UNSUPPORTED_CLIENT',
  'UNSUPPORTED_API_VERSION',
])

export const QUOTA_CODE = 'E-CRM-QUOTA'
const REQUEST_LIMIT = 'REQUEST_LIMIT_EXCEEDED'
/** Long-running requests have to end first; Salesforce gives no Retry-After. */
const CONCURRENCY_WAIT_MS = 30_000
const LOCK_WAIT_MS = 1_000

export type Verdict =
  | { status: 'rejected'; code: string }
  | { status: 'retryable'; code: string; retryAfterMs?: number }
  | { status: 'unknown'; code: string }

/** A row that was answered with `success: false`: it was not applied, whatever the code. */
export function classifyRowError(code: string): Verdict {
  if (code === 'UNABLE_TO_LOCK_ROW') return { status: 'retryable', code, retryAfterMs: LOCK_WAIT_MS }
  return RETRYABLE.has(code) ? { status: 'retryable', code } : { status: 'rejected', code }
}

/** A call without a list of row results. 401 is not decided here. */
export function classifyCallAnswer(status: number, error: SalesforceError | undefined): Verdict {
  if (status === 429) return { status: 'retryable', code: error?.code ?? 'HTTP_429', retryAfterMs: CONCURRENCY_WAIT_MS }
  if (error?.code === REQUEST_LIMIT && status < 500) return limitVerdict(error)
  if (status >= 400 && status < 500 && error !== undefined) return classifyRowError(error.code)
  if (status >= 300 && status < 400) return { status: 'unknown', code: 'E-CRM-REDIRECT' }
  return { status: 'unknown', code: status >= 400 ? `HTTP_${status}` : 'E-CRM-ANSWER' }
}

/** One code, two meanings: the day's calls are used up, or too many long calls at once. Only the text tells. */
function limitVerdict(error: SalesforceError): Verdict {
  return /total\s*requests/i.test(error.message)
    ? { status: 'retryable', code: QUOTA_CODE }
    : { status: 'retryable', code: REQUEST_LIMIT, retryAfterMs: CONCURRENCY_WAIT_MS }
}

/** First error of a call-level answer: a JSON array of {errorCode, message, fields}. */
export function callError(answer: RawAnswer): SalesforceError | undefined {
  const body = jsonOf(answer)
  return Array.isArray(body) ? toSalesforceError(body[0]) : undefined
}

/** Row results spell it `statusCode`, call errors `errorCode`. */
export function toSalesforceError(value: unknown): SalesforceError | undefined {
  if (!isRecord(value)) return undefined
  const code = textOf(value.statusCode) ?? textOf(value.errorCode)
  if (code === undefined || !/^\w{1,80}$/.test(code)) return undefined
  const fields = Array.isArray(value.fields) ? value.fields.filter((field) => typeof field === 'string') : []
  return { code, message: textOf(value.message) ?? '', fields }
}

const LIMIT_INFO = /api-usage=(\d+)\/(\d+)/

/** Calls left today, from `Sforce-Limit-Info: api-usage=10018/100000; …`. */
export function remainingCalls(answer: RawAnswer): number | undefined {
  const match = LIMIT_INFO.exec(answer.headers['sforce-limit-info'] ?? '')
  return match === null ? undefined : Math.max(0, Number(match[2]) - Number(match[1]))
}
