import type { RowOutcome } from '../destination.ts'
import { redactMessage, type SentCells } from '../redact-message.ts'
import type { HubspotError, Verdict } from './hubspot-errors.ts'

/** A verdict with its reason: what it means, HubSpot's words without row values, the scopes or the records it is about. */
export function outcomeOf(verdict: Verdict, detail: { error?: HubspotError | undefined; sent: SentCells }): RowOutcome {
  const { error, sent } = detail
  if (verdict.status === 'unknown') return verdict
  const { means, ...rest } = verdict
  const reason = reasonOf(means, { error, sent })
  const field = error?.field
  if (rest.status === 'rejected') return { ...rest, reason, ...(field === undefined ? {} : { field }) }
  return { ...rest, ...(reason === '' ? {} : { reason }) }
}

function reasonOf(
  means: string | undefined,
  { error, sent }: { error: HubspotError | undefined; sent: SentCells },
): string {
  const scopes = error?.scopes.filter((scope) => /^[\w.-]+$/.test(scope)) ?? []
  if (scopes.length > 0) return `needs ${scopes.join(', ')}`
  const words = error === undefined ? '' : redactMessage(error.message, sent)
  const text = [means, words].filter((part) => part !== undefined && part !== '').join(': ')
  const records = error?.existingIds.filter((id) => /^\d+$/.test(id)).join(', ') ?? ''
  return records === '' ? text : `${text} (records ${records})`
}
