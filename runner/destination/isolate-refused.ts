import type { Change, Outcome } from './destination.ts'

/** What one request of a divided batch came to. */
export type SliceAnswer =
  /** Every change has its outcome. */
  | { kind: 'settled'; outcomes: readonly Outcome[] }
  /** Nothing was applied because of some of the changes; `guilty` when the CRM names them. */
  | { kind: 'refused'; guilty: ReadonlySet<string>; reject: (change: Change) => Outcome }
  /** As settled, and what is left of the batch must not be sent now. */
  | ({ kind: 'stopped'; outcomes: readonly Outcome[] } & Pause)

interface Pause {
  code: string
  retryAfterMs?: number
}

/** Past this many bad rows, halving costs more requests than sending the rest one by one (measured on 100 rows). */
const SINGLES_AFTER = 12

/**
 * Sends a batch and, when it is refused as a whole, its halves, until every good change was delivered once and every bad
 * one stands alone. At most 2n-1 requests for n changes. Throws only if the first request was not sent.
 */
export async function isolateRefused(
  changes: readonly Change[],
  send: (slice: readonly Change[]) => Promise<SliceAnswer>,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<string, Outcome>()
  const queue: (readonly Change[])[] = [changes]
  let refusedRows = 0
  let pause: Pause = { code: 'NOT_SENT' }
  for (let slice = queue.shift(); slice !== undefined; slice = queue.shift()) {
    const answer = await sendOrStop(slice, { send, isFirst: slice === changes })
    if (answer.kind !== 'refused') {
      for (const outcome of answer.outcomes) outcomes.set(outcome.changeId, outcome)
      if (answer.kind === 'settled') continue
      pause = answer
      break
    }
    const { guilty, innocent } = divide(slice, answer.guilty)
    for (const change of guilty) outcomes.set(change.changeId, answer.reject(change))
    refusedRows += guilty.length
    const rest = guilty.length > 0 ? [innocent] : parts(innocent, refusedRows > SINGLES_AFTER)
    queue.unshift(...rest.filter((part) => part.length > 0))
  }
  return changes.map((change) => outcomes.get(change.changeId) ?? notSent(change, pause))
}

/** A change alone in its request is the guilty one, named or not. Names that are not in the slice mean nobody. */
function divide(
  slice: readonly Change[],
  named: ReadonlySet<string>,
): { guilty: readonly Change[]; innocent: readonly Change[] } {
  if (slice.length === 1) return { guilty: slice, innocent: [] }
  return {
    guilty: slice.filter((change) => named.has(change.changeId)),
    innocent: slice.filter((change) => !named.has(change.changeId)),
  }
}

function parts(slice: readonly Change[], singles: boolean): readonly (readonly Change[])[] {
  if (singles) return slice.map((change) => [change])
  const middle = Math.ceil(slice.length / 2)
  return [slice.slice(0, middle), slice.slice(middle)]
}

/** After the first request, what cannot be sent is proven not applied: its rows wait, the others keep their outcomes. */
async function sendOrStop(
  slice: readonly Change[],
  { send, isFirst }: { send: (slice: readonly Change[]) => Promise<SliceAnswer>; isFirst: boolean },
): Promise<SliceAnswer> {
  try {
    return await send(slice)
  } catch (error) {
    if (isFirst) throw error
    return { kind: 'stopped', outcomes: [], code: 'NOT_SENT' }
  }
}

function notSent({ changeId }: Change, { code, retryAfterMs }: Pause): Outcome {
  return { changeId, status: 'retryable', code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
}
