import type { BulkOutcome } from '../../bulk.ts'
import { redactMessage, type SentCells } from '../../redact-message.ts'
import { classifyRowError } from '../salesforce-errors.ts'

/** `CODE:message:Field1,Field2 --`, without fields `CODE:message:--`. Shape reported by several clients, not documented. */
const ERROR = /^(\w{1,80}):(.*?)(?::([\w.]+(?:,[\w.]+)*)?\s*--)?$/s

/** What `sf__Error` of one line says about its row. */
export function rowFailure(error: string, sent: SentCells): BulkOutcome {
  if (error === '') return { status: 'unknown', code: 'NO_RESULT' }
  const match = ERROR.exec(error.trim())
  const [, code = 'UNKNOWN_ERROR', message = error, fields] = match ?? []
  const verdict = classifyRowError(code)
  const reason = redactMessage(message, sent)
  if (verdict.status !== 'rejected') return { ...verdict, ...(reason === '' ? {} : { reason }) }
  const field = fields?.split(',')[0]
  return { ...verdict, reason, ...(field === undefined ? {} : { field }) }
}
