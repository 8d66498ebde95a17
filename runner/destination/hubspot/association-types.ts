import type { AssociationType } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import type { HubspotClient } from './hubspot-client.ts'
import { readOrThrow } from './hubspot-read.ts'

/** The types from one object to another, in this direction only: the other direction has ids of its own. */
export async function associationTypes(
  client: HubspotClient,
  pair: readonly [from: string, to: string],
  signal: AbortSignal,
): Promise<readonly AssociationType[]> {
  const answer = await readOrThrow(client, { path: client.paths.associationLabels(...pair), signal })
  const listed = Array.isArray(answer.results) ? answer.results.filter(isRecord) : []
  return listed.flatMap(({ category, typeId, label }) => {
    const name = textOf(category)
    if (name === undefined || typeof typeId !== 'number') return []
    const text = textOf(label)
    return [{ category: name, typeId, ...(text === undefined ? {} : { label: text }) }]
  })
}
