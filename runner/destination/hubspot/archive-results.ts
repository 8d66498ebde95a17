import type { Change, Outcome } from '../destination.ts'
import { isRecord, jsonOf, type RawAnswer } from '../raw-answer.ts'
import { sentCells } from '../redact-message.ts'
import { classifyRowError, toHubspotError } from './hubspot-errors.ts'
import { outcomeOf } from './hubspot-outcome.ts'
import { sentInput } from './sent-input.ts'

/**
 * batch/archive answers 204 and nothing else, whether or not the records were there: they are not now. A body can only bring errors;
 * rows it does not name are then neither proven archived nor proven kept.
 */
export function archiveResults(answer: RawAnswer, changes: readonly Change[]): readonly Outcome[] {
  if (answer.status === 204) return changes.map(archived)
  const body = jsonOf(answer)
  const errors = isRecord(body) && Array.isArray(body.errors) ? body.errors.filter(isRecord).map(toHubspotError) : []
  return changes.map((change) => {
    const { changeId } = change
    const error = errors.find(({ ids }) => ids.includes(idOf(change)))
    if (error === undefined) return { changeId, status: 'unknown', code: 'E-CRM-ANSWER' }
    return { changeId, ...outcomeOf(classifyRowError(error), { error, sent: sentCells([change.body]) }) }
  })
}

function archived(change: Change): Outcome {
  return { changeId: change.changeId, status: 'succeeded', recordId: idOf(change), created: false }
}

function idOf({ body }: Change): string {
  return sentInput(body).id ?? ''
}
