/** Reads Salesforce's errors in their four spellings and says what they mean for a change, by the table beside this file. */
import { unreachable } from '../../errors.ts'
import type { StopCause } from '../destination.ts'
import { isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'
import { CONCURRENCY_WAIT_MS, ERROR_RULES, type ErrorRule, STATUS_RULES } from './salesforce-error-table.ts'

export interface SalesforceError {
  code: string
  message: string
  fields: readonly string[]
  /** Other records the error is about, for the auditor. */
  recordIds?: readonly string[]
}

export type Verdict =
  | { status: 'rejected'; code: string; means?: string; stops?: StopCause }
  | {
      status: 'retryable'
      code: string
      means?: string
      retryAfterMs?: number
      onceMore?: true
      stops?: StopCause
    }
  | { status: 'unknown'; code: string; means?: string }

export const QUOTA_CODE = 'E-CRM-QUOTA'
export const REQUEST_LIMIT = 'REQUEST_LIMIT_EXCEEDED'

/** A row that was answered with `success: false`, or stands among the failed rows of a job: it was not applied. */
export function classifyRowError(code: string, detail: { message?: string; matchField?: string } = {}): Verdict {
  const rule = ruleFor(code, detail)
  if (rule === undefined) return { status: 'rejected', code }
  return { ...verdictOf(rule, code), ...(rule.means === undefined ? {} : { means: rule.means }) }
}

function verdictOf(rule: ErrorRule, vendorCode: string): Verdict {
  const code = rule.as ?? vendorCode
  const wait = rule.waitMs === undefined ? {} : { retryAfterMs: rule.waitMs }
  switch (rule.kind) {
    case 'transient':
    case 'timeout':
    case 'session':
      return { status: 'retryable', code, ...wait }
    case 'once':
      return { status: 'retryable', code, onceMore: true }
    case 'later':
      return { status: 'retryable', code, stops: 'later' }
    case 'access':
      return { status: 'retryable', code, stops: 'access' }
    case 'mapping':
      return { status: 'rejected', code, stops: 'mapping' }
    case 'rejected':
    case 'request':
      return { status: 'rejected', code, ...(rule.mappingIfAll ? { stops: 'mapping' } : {}) }
    default:
      return unreachable(rule.kind)
  }
}

/** A call without a list of row results; `rejected` when some row of it is at fault. A 401 is the transport's, unless renewing did not help. */
export function classifyCallAnswer(status: number, error: SalesforceError | undefined): Verdict {
  if (status === 429) return { status: 'retryable', code: error?.code ?? 'HTTP_429', retryAfterMs: CONCURRENCY_WAIT_MS }
  if (status === 300) return { status: 'unknown', code: 'MULTIPLE_CHOICES' }
  if (status > 300 && status < 400) return { status: 'unknown', code: 'E-CRM-REDIRECT' }
  if (status < 400) return { status: 'unknown', code: 'E-CRM-ANSWER' }
  if (status >= 500) return { status: 'unknown', code: `HTTP_${status}` }
  const rule = error === undefined ? undefined : ruleFor(error.code, error)
  if (error !== undefined && rule !== undefined) return refusedCall(rule, error.code)
  const kind = STATUS_RULES[status]
  const code = error?.code ?? `HTTP_${status}`
  return kind === undefined ? { status: 'unknown', code } : refusedCall({ kind, codes: [] }, code)
}

/** Nothing of a call that was refused for its mapping is the rows' fault: they wait for the mapping to be corrected. */
function refusedCall(rule: ErrorRule, code: string): Verdict {
  const means = rule.means === undefined ? {} : { means: rule.means }
  if (rule.kind === 'timeout') return { status: 'unknown', code }
  if (rule.kind === 'mapping') return { status: 'retryable', code, stops: 'mapping' }
  return { ...verdictOf(rule, code), ...means }
}

/** What a job that ended as a whole without result means for its rows; `message` is the job's errorMessage. */
export function classifyJobError(message: string): Verdict {
  const error = parseBulkError(message)
  const rule = ruleFor(error.code, error)
  return rule === undefined ? { status: 'retryable', code: error.code } : refusedCall(rule, error.code)
}

function ruleFor(code: string, detail: { message?: string; matchField?: string }): ErrorRule | undefined {
  return ERROR_RULES.find((rule) => rule.codes.includes(code) && fits(rule, detail))
}

function fits(rule: ErrorRule, { message = '', matchField }: { message?: string; matchField?: string }): boolean {
  if (rule.says !== undefined && !rule.says.test(message)) return false
  if (rule.onMatchField === undefined) return true
  // Salesforce writes <unknown> for a clash that was not yet committed when it was met.
  const field = /duplicate value found:\s*(\S+) duplicates value/i.exec(message)?.[1] ?? '<unknown>'
  return field === '<unknown>' || field.toLowerCase() === matchField?.toLowerCase()
}

/** First error of a call-level answer: a JSON array of {errorCode, message, fields}. */
export function callError(answer: RawAnswer): SalesforceError | undefined {
  const body = jsonOf(answer)
  return Array.isArray(body) ? toSalesforceError(body[0]) : undefined
}

const CODE = /^\w{1,80}$/

/** Row results spell it `statusCode`, call errors `errorCode`. */
export function toSalesforceError(value: unknown): SalesforceError | undefined {
  if (!isRecord(value)) return undefined
  const code = textOf(value.statusCode) ?? textOf(value.errorCode)
  if (code === undefined || !CODE.test(code)) return undefined
  const fields = Array.isArray(value.fields) ? value.fields.filter((field) => typeof field === 'string') : []
  const message = textOf(value.message) ?? ''
  const recordIds = [...new Set([...matchedRecords(value), ...idsIn(message)])]
  return { code, message, fields, ...(recordIds.length === 0 ? {} : { recordIds }) }
}

/**
 * A cell `sf__Error`, `CODE:message:Field1, Field2 --`, or a job's errorMessage, `Code : message`. Several errors of one
 * row stand one after the other; the first counts. A text without a code has the code UNREADABLE_ERROR.
 */
export function parseBulkError(text: string): SalesforceError {
  const first = text.trim().split(/--(?=[A-Z][A-Z_]{3,79}:)/, 1)[0] ?? ''
  const colon = first.indexOf(':')
  const code = first.slice(0, Math.max(0, colon)).trim()
  if (!CODE.test(code)) return { code: 'UNREADABLE_ERROR', message: first, fields: [] }
  const rest = first.slice(colon + 1).trim()
  const last = rest.lastIndexOf(':')
  const closed = rest.endsWith('--') || text.trim() !== first
  const names =
    closed && last >= 0
      ? rest
          .slice(last + 1)
          .replace(/--$/, '')
          .split(',')
      : []
  const message = (closed && last >= 0 ? rest.slice(0, last) : rest).trim()
  const fields = names.map((name) => name.trim()).filter((name) => /^[\w.]+$/.test(name))
  const recordIds = idsIn(message)
  return { code, message, fields, ...(recordIds.length === 0 ? {} : { recordIds }) }
}

const MOST_IDS = 5

/** Ids stand behind "id:" or "records:"; anywhere else 15 letters could be a word of a value. */
function idsIn(message: string): readonly string[] {
  const list = /\b(?:ids?|records):\s*((?:[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?\b[,\s]*)+)/i.exec(message)?.[1] ?? ''
  return list
    .split(/[,\s]+/)
    .filter(isId)
    .slice(0, MOST_IDS)
}

function isId(text: string): boolean {
  return /^(?=.*\d)[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/.test(text)
}

/** `duplicateResult.matchResults[].matchRecords[].record.Id` of DUPLICATES_DETECTED; older versions misspell the first name. */
function matchedRecords(error: Readonly<Record<string, unknown>>): readonly string[] {
  const result = error.duplicateResult ?? error.duplicateResut
  const matches = recordsOf(isRecord(result) ? result.matchResults : undefined)
  const records = matches.flatMap((match) => recordsOf(match.matchRecords)).map(({ record }) => record)
  const ids = records.flatMap((record) => (isRecord(record) ? (textOf(record.Id) ?? textOf(record.id) ?? []) : []))
  return ids.filter(isId).slice(0, MOST_IDS)
}

function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}
