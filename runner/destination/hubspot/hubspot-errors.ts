/**
 * What HubSpot's answers mean for changes. Sources: HubSpot docs "Error handling" and "API usage guidelines".
 * An unlisted error of a row is `rejected`; an unlisted failure of the call is `unknown`.
 */
import { isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'

export interface HubspotError {
  /** The most precise code there is: the property's, else the item's, else the call's category. */
  code: string
  category: string
  message: string
  field?: string
  /** Rows the error names: by trace id, by record id. */
  traceIds: readonly string[]
  ids: readonly string[]
  scopes: readonly string[]
}

export const QUOTA_CODE = 'E-CRM-QUOTA'
export const SCOPE_CODE = 'E-CRM-SCOPE'

const ROLLING_WAIT_MS = 10_000
const SECONDLY_WAIT_MS = 1_000
/** Documented minimum between attempts after 423 Locked. */
const LOCKED_WAIT_MS = 2_000

type Json = Readonly<Record<string, unknown>>

/** Categories of a single row that are no fault of the row. */
const ITEM_VERDICTS: Readonly<Record<string, 'retryable' | 'unknown'>> = {
  RATE_LIMITS: 'retryable',
  INTERNAL_ERROR: 'unknown',
}

export function itemVerdict(error: HubspotError): 'rejected' | 'retryable' | 'unknown' {
  return ITEM_VERDICTS[error.category] ?? 'rejected'
}

/**
 * A call without row results. `refused`: nothing of it was applied, because of one or more of its rows; `all`: every row
 * has this verdict. 401 is not decided here.
 */
export type CallVerdict =
  | { kind: 'refused'; error: HubspotError }
  | {
      kind: 'all'
      status: 'rejected' | 'retryable' | 'unknown'
      code: string
      retryAfterMs?: number
      error?: HubspotError
    }

export function classifyCallAnswer(answer: RawAnswer): CallVerdict {
  const { status } = answer
  const error = callError(answer)
  if (status === 429 || status === 423 || status === 477)
    return { kind: 'all', status: 'retryable', ...waiting(answer, error) }
  if (status >= 400 && status < 500 && error !== undefined) {
    if (error.category === 'MISSING_SCOPES') return { kind: 'all', status: 'rejected', code: SCOPE_CODE, error }
    const blamesRows = (status === 400 || status === 409) && !blamesCall(error)
    return blamesRows ? { kind: 'refused', error } : { kind: 'all', status: 'rejected', code: error.code, error }
  }
  return { kind: 'all', status: 'unknown', code: status >= 400 ? `HTTP_${status}` : 'E-CRM-ANSWER' }
}

/** The same for every row: dividing the batch would only repeat the refusal a hundred times. */
function blamesCall(error: HubspotError): boolean {
  return /non-unique|unable to infer object type|maximum number of inputs/i.test(error.message)
}

function waiting(answer: RawAnswer, error: HubspotError | undefined): { code: string; retryAfterMs: number } {
  const asked = Number(answer.headers['retry-after'] ?? Number.NaN) * 1000
  const waitMs = (usual: number): number => (Number.isFinite(asked) && asked >= 0 ? asked : usual)
  if (answer.status === 423) return { code: 'LOCKED', retryAfterMs: Math.max(LOCKED_WAIT_MS, waitMs(0)) }
  const body = jsonOf(answer)
  const policy = `${isRecord(body) ? textOf(body.policyName) : ''} ${error?.message ?? ''}`
  if (answer.status === 477 || /daily/i.test(policy)) return { code: QUOTA_CODE, retryAfterMs: waitMs(ROLLING_WAIT_MS) }
  const rolling = /ten_secondly|rolling/i.test(policy) || !/secondly/i.test(policy)
  return { code: 'RATE_LIMITS', retryAfterMs: waitMs(rolling ? ROLLING_WAIT_MS : SECONDLY_WAIT_MS) }
}

/** How long to wait before a read is repeated, when the answer says. */
export function askedWaitMs(answer: RawAnswer): number | undefined {
  if (answer.status !== 429 && answer.status !== 423 && answer.status !== 477) return undefined
  return waiting(answer, callError(answer)).retryAfterMs
}

/** Only bodies that are HubSpot's own error object count; a proxy's HTML proves nothing. */
export function callError(answer: RawAnswer): HubspotError | undefined {
  const body = jsonOf(answer)
  return isRecord(body) && textOf(body.message) !== undefined ? toHubspotError(body) : undefined
}

export function toHubspotError(item: Json): HubspotError {
  const message = textOf(item.message) ?? ''
  const embedded = embeddedErrors(message)
  const detail = embedded[0] ?? firstRecord(item.errors) ?? {}
  const context = isRecord(item.context) ? item.context : {}
  const detailContext = isRecord(detail.context) ? detail.context : {}
  const category = codeOf(item.category) ?? codeOf(item.errorType) ?? 'VALIDATION_ERROR'
  const field = texts(detailContext.propertyName)[0] ?? textOf(detail.name) ?? textOf(detail.in)
  return {
    code: codeOf(detail.code) ?? codeOf(detail.error) ?? category,
    category,
    message: textOf(detail.message) ?? message,
    ...(field === undefined ? {} : { field }),
    traceIds: texts(context.objectWriteTraceId),
    ids: texts(context.ids),
    scopes: [...texts(detailContext.requiredGranularScopes), ...texts(context.requiredGranularScopes)],
  }
}

const EMBEDDED = /Property values were not valid: (\[.*\])/s

/** A refused batch carries its property errors as JSON inside the sentence, and sometimes only there. */
function embeddedErrors(message: string): readonly Json[] {
  const match = EMBEDDED.exec(message)
  try {
    const list: unknown = JSON.parse(match?.[1] ?? '[]')
    return Array.isArray(list) ? list.filter(isRecord) : []
  } catch {
    return []
  }
}

function firstRecord(value: unknown): Json | undefined {
  return Array.isArray(value) ? value.find(isRecord) : undefined
}

/** Codes go to the audit as they are, so anything that is not one could carry a value. */
function codeOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Z][A-Z0-9_]{1,80}$/.test(value) ? value : undefined
}

/** Context entries are lists of text, or of lists of text, or one text. */
function texts(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value.flat(2) : [value]
  return list.filter((entry) => typeof entry === 'string')
}
