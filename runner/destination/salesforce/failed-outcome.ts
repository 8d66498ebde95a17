import type { RowOutcome } from '../destination.ts'
import { redactMessage, type SentCells } from '../redact-message.ts'
import { classifyRowError, type SalesforceError, type Verdict } from './salesforce-errors.ts'

/** The outcome of a row that Salesforce answered with an error, on either write path. */
export function failedOutcome(error: SalesforceError, row: { sent: SentCells; matchField?: string }): RowOutcome {
  const { message } = error
  const verdict = classifyRowError(error.code, {
    message,
    ...(row.matchField === undefined ? {} : { matchField: row.matchField }),
  })
  return outcomeOf(verdict, { error, sent: row.sent })
}

/** A verdict with its reason: what it means, Salesforce's words without row values, and the records it is about. */
export function outcomeOf(verdict: Verdict, detail: { error?: SalesforceError; sent: SentCells }): RowOutcome {
  const { means, ...rest } = verdict
  const reason = reasonOf(means, detail)
  const field = detail.error?.fields[0]
  if (rest.status === 'rejected') return { ...rest, reason, ...(field === undefined ? {} : { field }) }
  return { ...rest, ...(reason === '' ? {} : { reason }) }
}

function reasonOf(means: string | undefined, { error, sent }: { error?: SalesforceError; sent: SentCells }): string {
  const words = error === undefined ? '' : redactMessage(error.message, sent)
  const records = error?.recordIds?.join(', ')
  const parts = [means, words].filter((part) => part !== undefined && part !== '').join(': ')
  return records === undefined ? parts : `${parts} (records ${records})`
}
