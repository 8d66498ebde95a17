import type { Change, Outcome, RowOutcome } from '../destination.ts'
import { isRecord, jsonOf, type RawAnswer, textOf } from '../raw-answer.ts'
import { sentCells } from '../redact-message.ts'
import { classifyRowError, toHubspotError } from './hubspot-errors.ts'
import { outcomeOf } from './hubspot-outcome.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * One outcome per association from a 2xx body. There are no trace ids: a result names both records (by the unlabelled request
 * in both directions), an error the record that is not there. What neither names is unknown.
 */
export function associationResults(answer: RawAnswer, changes: readonly Change[]): readonly Outcome[] {
  const body = jsonOf(answer)
  if (!isRecord(body) || !Array.isArray(body.results) || body.status !== 'COMPLETE') {
    return changes.map(({ changeId }) => ({ changeId, status: 'unknown', code: 'E-CRM-ANSWER' }))
  }
  const made = new Set(body.results.filter(isRecord).map(pairOfResult))
  const errors = (Array.isArray(body.errors) ? body.errors : []).filter(isRecord)
  return changes.map((change) => ({ changeId: change.changeId, ...outcomeOfPair(change, { made, errors }) }))
}

function outcomeOfPair(
  { body }: Change,
  { made, errors }: { made: ReadonlySet<string>; errors: readonly Json[] },
): RowOutcome {
  const { from, to } = pairOfInput(body)
  if (made.has(`${from} ${to}`)) return { status: 'succeeded', recordId: from, created: false }
  const item = errors.find((each) => namedIds(each).some((id) => id === from || id === to))
  if (item === undefined) return { status: 'unknown', code: 'NO_RESULT' }
  const error = toHubspotError(item)
  return outcomeOf(classifyRowError(error), { error, sent: sentCells([body]) })
}

function pairOfInput(fragment: string): { from: string; to: string } {
  const input: unknown = JSON.parse(fragment)
  return isRecord(input) ? { from: idOf(input.from), to: idOf(input.to) } : { from: '', to: '' }
}

function pairOfResult({ from, to, fromObjectId, toObjectId }: Json): string {
  return `${textOf(fromObjectId) ?? idOf(from)} ${textOf(toObjectId) ?? idOf(to)}`
}

function idOf(end: unknown): string {
  return (isRecord(end) ? textOf(end.id) : undefined) ?? ''
}

function namedIds({ context }: Json): readonly unknown[] {
  const ids = isRecord(context) ? context.objectId : undefined
  return Array.isArray(ids) ? ids : []
}
