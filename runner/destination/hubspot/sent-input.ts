import type { Change } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'

/** What a body fragment says about itself. */
export interface SentInput {
  /** Record id of an update, key of an upsert. */
  id: string | undefined
}

export function inputsOf(changes: readonly Change[]): readonly { changeId: string; input: SentInput }[] {
  return changes.map(({ changeId, body }) => ({ changeId, input: sentInput(body) }))
}

/** The fragment is ours, rendered and hashed in the warehouse: one that does not parse is a bug of the rendering macro. */
export function sentInput(fragment: string): SentInput {
  const input: unknown = JSON.parse(fragment)
  return { id: isRecord(input) ? textOf(input.id) : undefined }
}
