import type { Change, Outcome, StopCause } from './destination.ts'

/** What one request of a divided batch came to. */
export type SliceAnswer =
  /** Every change has its outcome. */
  | { kind: 'settled'; outcomes: readonly Outcome[] }
  /**
   * Nothing was applied because of some of the changes; `guilty` when the CRM names them, `suspects` when its words only
   * seem to be about them.
   */
  | {
      kind: 'refused'
      guilty: ReadonlySet<string>
      suspects?: ReadonlySet<string>
      reject: (change: Change) => Outcome
    }
  /** As settled, and what is left of the batch must not be sent now. */
  | ({ kind: 'stopped'; outcomes: readonly Outcome[] } & Pause)

interface Pause {
  code: string
  reason?: string
  retryAfterMs?: number
  stops?: StopCause
}

type Refusal = Extract<SliceAnswer, { kind: 'refused' }>

interface Slice {
  changes: readonly Change[]
  /** Left out because it seemed to be the one: proven when the others are taken without it. */
  accused?: Accused
}

interface Accused {
  change: Change
  reject: Refusal['reject']
}

/** Work on an answer that has come: when it breaks, its request was sent all the same, and nobody knows what became of it. */
export function readingAnswer<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UnreadAnswer(error)
  }
}

class UnreadAnswer extends Error {
  constructor(cause: unknown) {
    super('an answer of the CRM could not be read', { cause })
    this.name = 'UnreadAnswer'
  }
}

/** Past this many bad rows, halving costs more requests than sending the rest one by one (measured on 100 rows). */
const SINGLES_AFTER = 12

/**
 * Sends a batch and, when it is refused as a whole, its parts, until every good change was delivered once and every bad
 * one was refused alone or proven by the others being taken without it. At most 2n-1 requests for n changes. What `send` throws
 * was not sent, apart from what readingAnswer() threw. Throws only what comes of the first request: later ones keep the outcomes
 * that are known by then.
 */
export async function isolateRefused(
  changes: readonly Change[],
  send: (slice: readonly Change[]) => Promise<SliceAnswer>,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<string, Outcome>()
  const queue: Slice[] = [{ changes }]
  let refusedRows = 0
  let pause: Pause = { code: 'NOT_SENT' }
  const settle = (outcome: Outcome): void => void outcomes.set(outcome.changeId, outcome)
  for (let slice = queue.shift(); slice !== undefined; slice = queue.shift()) {
    const answer = await sendOrStop(slice.changes, { send, isFirst: slice.changes === changes })
    if (answer.kind === 'refused') {
      const { guilty, rest } = divide(slice, answer, refusedRows > SINGLES_AFTER)
      for (const change of guilty) settle(answer.reject(change))
      refusedRows += guilty.length
      queue.unshift(...rest)
      continue
    }
    for (const outcome of answer.outcomes) settle(outcome)
    if (answer.kind === 'stopped') {
      pause = answer
      break
    }
    const { accused } = slice
    if (accused === undefined) continue
    if (answer.outcomes.every(({ status }) => status === 'succeeded')) {
      settle(accused.reject(accused.change))
      refusedRows += 1
    } else queue.unshift({ changes: [accused.change] })
  }
  return changes.map((change) => outcomes.get(change.changeId) ?? notSent(change, pause))
}

/** A change alone in its request is the guilty one, named or not. Names that are not in the slice mean nobody. */
function divide(
  { changes, accused }: Slice,
  { guilty: named, suspects = new Set(), reject }: Refusal,
  singles: boolean,
): { guilty: readonly Change[]; rest: readonly Slice[] } {
  // Its absence did not help, so it is sent by itself.
  const cleared = accused === undefined ? [] : [{ changes: [accused.change] }]
  if (changes.length === 1) return { guilty: changes, rest: cleared }
  const [guilty, innocent] = split(changes, named)
  if (guilty.length > 0) return { guilty, rest: [...whole(innocent), ...cleared] }
  const [suspected, others] = split(changes, suspects)
  const [only] = suspected
  if (only === undefined || others.length === 0) return { guilty, rest: [...parts(changes, singles), ...cleared] }
  if (suspected.length === 1)
    return { guilty, rest: [{ changes: others, accused: { change: only, reject } }, ...cleared] }
  return { guilty, rest: [{ changes: others }, ...parts(suspected, suspected.length <= SINGLES_AFTER), ...cleared] }
}

function split(changes: readonly Change[], ids: ReadonlySet<string>): readonly [readonly Change[], readonly Change[]] {
  return [changes.filter(({ changeId }) => ids.has(changeId)), changes.filter(({ changeId }) => !ids.has(changeId))]
}

function whole(changes: readonly Change[]): readonly Slice[] {
  return changes.length === 0 ? [] : [{ changes }]
}

function parts(changes: readonly Change[], singles: boolean): readonly Slice[] {
  if (singles) return changes.map((change) => ({ changes: [change] }))
  const middle = Math.ceil(changes.length / 2)
  return [...whole(changes.slice(0, middle)), ...whole(changes.slice(middle))]
}

/** After the first request, what cannot be sent is proven not applied: its rows wait, the others keep their outcomes. */
async function sendOrStop(
  slice: readonly Change[],
  { send, isFirst }: { send: (slice: readonly Change[]) => Promise<SliceAnswer>; isFirst: boolean },
): Promise<SliceAnswer> {
  try {
    return await send(slice)
  } catch (error) {
    const isSent = error instanceof UnreadAnswer
    if (isFirst) throw isSent ? error.cause : error
    const unknown = ({ changeId }: Change): Outcome => ({ changeId, status: 'unknown', code: 'E-INTERNAL' })
    return { kind: 'stopped', outcomes: isSent ? slice.map(unknown) : [], code: 'NOT_SENT' }
  }
}

function notSent({ changeId }: Change, { code, reason, retryAfterMs, stops }: Pause): Outcome {
  return {
    changeId,
    status: 'retryable',
    code,
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(stops === undefined ? {} : { stops }),
  }
}
