/** Reads HubSpot's errors in their several spellings and says what they mean for a change, by the table beside this file. */
import { unreachable } from '../../errors.ts'
import type { StopCause } from '../destination.ts'
import { isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'
import { CALL_RULES, type HubspotRule, ROW_RULES } from './hubspot-error-table.ts'

export interface HubspotError {
  /** The most precise code there is: the property's, else the item's, else the call's category. */
  code: string
  category: string
  message: string
  field?: string
  /** What is wrong with single properties; a refused batch lists those of several rows and does not say whose. */
  details: readonly PropertyError[]
  /** Rows the error names: by trace id, by record id. */
  traceIds: readonly string[]
  ids: readonly string[]
  /** The record that is in the way. */
  existingIds: readonly string[]
  scopes: readonly string[]
}

export interface PropertyError {
  field: string
  message: string
  code?: string
}

export const QUOTA_CODE = 'E-CRM-QUOTA'
export const SCOPE_CODE = 'E-CRM-SCOPE'

type Json = Readonly<Record<string, unknown>>

export type Verdict =
  | { status: 'rejected'; code: string; means?: string; stops?: StopCause }
  | { status: 'retryable'; code: string; means?: string; retryAfterMs?: number; stops?: StopCause }
  | { status: 'unknown'; code: string }

/** A row whose error stands among the results of others: it was not applied, unless HubSpot failed at it. */
export function classifyRowError(error: HubspotError): Verdict {
  const rule =
    ROW_RULES.find(({ codes }) => codes?.includes(error.code)) ??
    ROW_RULES.find(({ codes }) => codes?.includes(error.category))
  return rule === undefined ? { status: 'rejected', code: error.code } : verdictOf(rule, { code: error.code })
}

/**
 * A call without row results. `refused`: nothing of it was applied, because of one or more of its rows; `all`: every row
 * has this verdict, and none of them is to blame.
 */
export type CallVerdict =
  | { kind: 'refused'; error: HubspotError }
  | { kind: 'all'; verdict: Exclude<Verdict, { status: 'rejected' }>; error?: HubspotError }

export function classifyCallAnswer(answer: RawAnswer): CallVerdict {
  const { status } = answer
  const error = callError(answer)
  const rule = CALL_RULES.find((one) => fits(one, { answer, error }))
  const unknown = { status: 'unknown', code: status >= 400 ? `HTTP_${status}` : 'E-CRM-ANSWER' } as const
  if (rule === undefined) return { kind: 'all', verdict: unknown, ...(error && { error }) }
  if (rule.kind === 'request')
    return error === undefined ? { kind: 'all', verdict: unknown } : { kind: 'refused', error }
  const code = error?.code ?? `HTTP_${status}`
  const verdict = verdictOf(rule, { code, askedMs: retryAfterMs(answer) })
  // Nothing of a call that was refused for its mapping is the rows' fault: they wait for it to be corrected.
  const { means } = rule
  const waits = { status: 'retryable', code: rule.as ?? code, stops: 'mapping', ...(means && { means }) } as const
  return { kind: 'all', verdict: verdict.status === 'rejected' ? waits : verdict, ...(error && { error }) }
}

/** Too many requests, a lock, a migration: these speak by their status, whoever wrote the body. */
const CLEAR_STATUSES = new Set([401, 423, 429, 477, 525, 526])

function fits(rule: HubspotRule, { answer, error }: { answer: RawAnswer; error: HubspotError | undefined }): boolean {
  if (rule.statuses?.includes(answer.status) !== true) return false
  if (error === undefined && !CLEAR_STATUSES.has(answer.status)) return false
  if (rule.codes !== undefined && !rule.codes.includes(error?.category ?? '')) return false
  return rule.says === undefined || rule.says.test(`${policyOf(answer)} ${error?.message ?? ''}`)
}

function policyOf(answer: RawAnswer): string {
  const body = jsonOf(answer)
  return isRecord(body) ? (textOf(body.policyName) ?? '') : ''
}

function verdictOf(rule: HubspotRule, { code, askedMs }: { code: string; askedMs?: number | undefined }): Verdict {
  const shared = { code: rule.as ?? code, ...(rule.means === undefined ? {} : { means: rule.means }) }
  const { waitMs = 0 } = rule
  const wait = askedMs === undefined ? rule.waitMs : Math.max(askedMs, rule.atLeast ? waitMs : 0)
  const waits = wait === undefined ? {} : { retryAfterMs: wait }
  switch (rule.kind) {
    case 'transient':
    case 'session':
      return { status: 'retryable', ...shared, ...waits }
    case 'later':
      return { status: 'retryable', ...shared, ...waits, stops: 'later' }
    case 'access':
      return { status: 'retryable', ...shared, stops: 'access' }
    case 'mapping':
      return { status: 'rejected', ...shared, stops: 'mapping' }
    case 'rejected':
    case 'request':
      return { status: 'rejected', ...shared }
    case 'unknown':
      return { status: 'unknown', code: shared.code }
    default:
      return unreachable(rule.kind)
  }
}

/** Seconds, or a date in the older way; undefined when it is not there. */
function retryAfterMs({ headers }: RawAnswer): number | undefined {
  const seconds = Number(headers['retry-after'] ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined
}

/** How long to wait before a read is repeated, when the answer says. */
export function askedWaitMs(answer: RawAnswer): number | undefined {
  const judged = classifyCallAnswer(answer)
  if (judged.kind === 'refused' || judged.verdict.status !== 'retryable') return undefined
  // Hours: longer than any read is repeated for.
  return judged.verdict.stops === 'later' ? Number.POSITIVE_INFINITY : judged.verdict.retryAfterMs
}

/** Only bodies that are HubSpot's own error object count; a proxy's HTML proves nothing. */
export function callError(answer: RawAnswer): HubspotError | undefined {
  const body = jsonOf(answer)
  return isRecord(body) && textOf(body.message) !== undefined ? toHubspotError(body) : undefined
}

export function toHubspotError(item: Json): HubspotError {
  const message = textOf(item.message) ?? ''
  const listed = [...embeddedErrors(message), ...records(item.errors)]
  const detail = listed[0] ?? {}
  const context = isRecord(item.context) ? item.context : {}
  const detailContext = isRecord(detail.context) ? detail.context : {}
  const category = codeOf(item.category) ?? codeOf(item.errorType) ?? 'VALIDATION_ERROR'
  const field = fieldOf(detail)
  return {
    code: codeOf(detail.code) ?? codeOf(detail.error) ?? category,
    category,
    message: textOf(detail.message) ?? message,
    ...(field === undefined ? {} : { field }),
    details: listed.flatMap(toPropertyError),
    traceIds: texts(context.objectWriteTraceId),
    ids: texts(context.ids),
    existingIds: [...new Set([...texts(context.existingId), ...existingIdIn(message)])],
    scopes: [...texts(detailContext.requiredGranularScopes), ...texts(context.requiredGranularScopes)],
  }
}

function toPropertyError(detail: Json): readonly PropertyError[] {
  const field = fieldOf(detail)
  const code = codeOf(detail.code) ?? codeOf(detail.error)
  if (field === undefined) return []
  return [{ field, message: textOf(detail.message) ?? '', ...(code === undefined ? {} : { code }) }]
}

function fieldOf(detail: Json): string | undefined {
  const context = isRecord(detail.context) ? detail.context : {}
  return texts(context.propertyName)[0] ?? textOf(detail.name) ?? textOf(detail.in)
}

function existingIdIn(message: string): readonly string[] {
  return /Existing ID: (\d+)/i.exec(message)?.slice(1) ?? []
}

const EMBEDDED = /Property values were not valid: (\[.*\])/s

/** A refused batch carries its property errors as JSON inside the sentence, and sometimes only there. */
function embeddedErrors(message: string): readonly Json[] {
  const match = EMBEDDED.exec(message)
  try {
    const list: unknown = JSON.parse(match?.[1] ?? '[]')
    return records(list)
  } catch {
    return []
  }
}

function records(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
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
