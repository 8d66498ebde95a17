import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change, Outcome } from '../../../runner/destination/destination.ts'
import { isolateRefused, readingAnswer, type SliceAnswer } from '../../../runner/destination/isolate-refused.ts'

const changes = (count: number): Change[] =>
  Array.from({ length: count }, (_, index) => ({ changeId: `c${index}`, body: '{}' }))
const ok = ({ changeId }: Change): Outcome => ({ changeId, status: 'succeeded', recordId: changeId, created: false })
const bad = ({ changeId }: Change): Outcome => ({ changeId, status: 'rejected', code: 'BAD', reason: '' })

interface FakeCrm {
  bad: ReadonlySet<string>
  /** Whether a refusal names its rows. */
  names?: boolean
  delivered: string[]
  requests: number
}

function send(crm: FakeCrm): (slice: readonly Change[]) => Promise<SliceAnswer> {
  return async (slice) => {
    crm.requests += 1
    const guilty = slice.filter(({ changeId }) => crm.bad.has(changeId)).map(({ changeId }) => changeId)
    if (guilty.length > 0) return { kind: 'refused', guilty: new Set(crm.names === true ? guilty : []), reject: bad }
    crm.delivered.push(...slice.map(({ changeId }) => changeId))
    return { kind: 'settled', outcomes: slice.map(ok) }
  }
}

test('good rows are delivered exactly once, bad ones rejected, within 2n-1 requests', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 100 }), fc.boolean(), async (isBad, names) => {
      const batch = changes(isBad.length)
      const crm: FakeCrm = {
        bad: new Set(batch.filter((_, index) => isBad[index]).map(({ changeId }) => changeId)),
        names,
        delivered: [],
        requests: 0,
      }
      const outcomes = await isolateRefused(batch, send(crm))
      expect(outcomes.map((outcome) => [outcome.changeId, outcome.status])).toEqual(
        batch.map(({ changeId }) => [changeId, crm.bad.has(changeId) ? 'rejected' : 'succeeded']),
      )
      expect([...crm.delivered].sort()).toEqual(
        batch
          .map(({ changeId }) => changeId)
          .filter((id) => !crm.bad.has(id))
          .sort(),
      )
      expect(crm.requests).toBeLessThanOrEqual(2 * batch.length - 1)
      if (names) expect(crm.requests).toBeLessThanOrEqual(2)
    }),
  )
})

test('one bad row among a hundred costs about fifteen requests', async () => {
  const crm: FakeCrm = { bad: new Set(['c37']), delivered: [], requests: 0 }
  await isolateRefused(changes(100), send(crm))
  expect(crm.requests).toBeLessThanOrEqual(15)
})

test('a named row that is not in the request does not keep it going round', async () => {
  const answer: SliceAnswer = { kind: 'refused', guilty: new Set(['elsewhere']), reject: bad }
  const outcomes = await isolateRefused(changes(2), async () => answer)
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

test('when the CRM stops taking requests, settled rows keep their outcome and the rest wait', async () => {
  let requests = 0
  const outcomes = await isolateRefused(changes(4), async (slice) => {
    requests += 1
    if (requests === 1) return { kind: 'refused', guilty: new Set(), reject: bad }
    if (requests === 2) return { kind: 'settled', outcomes: slice.map(ok) }
    return { kind: 'stopped', outcomes: [], code: 'RATE_LIMITS', retryAfterMs: 10_000 }
  })
  expect(outcomes.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'retryable', 'retryable'])
  expect(outcomes[3]).toEqual({ changeId: 'c3', status: 'retryable', code: 'RATE_LIMITS', retryAfterMs: 10_000 })
})

test('throws only if nothing was sent', async () => {
  await expect(isolateRefused(changes(2), () => Promise.reject(new TypeError('no token')))).rejects.toThrow('no token')
  let requests = 0
  const outcomes = await isolateRefused(changes(2), async () => {
    requests += 1
    if (requests > 1) throw new TypeError('no token')
    return { kind: 'refused', guilty: new Set(), reject: bad }
  })
  expect(outcomes.map(({ status }) => status)).toEqual(['retryable', 'retryable'])
})

test('a part that throws later takes nothing from the parts before it, and does not call unsent what may have been applied', async () => {
  const breakAt = async (broken: number, how: () => SliceAnswer): Promise<readonly Outcome[]> => {
    let requests = 0
    return isolateRefused(changes(6), async (slice) => {
      requests += 1
      if (requests === broken) return how()
      if (slice.some(({ changeId }) => changeId === 'c0'))
        return { kind: 'refused', guilty: new Set(['c0']), suspects: new Set(), reject: bad }
      if (slice.length > 2) return { kind: 'refused', guilty: new Set(), reject: bad }
      return { kind: 'settled', outcomes: slice.map(ok) }
    })
  }
  const fail = (): SliceAnswer => {
    throw new TypeError('broken')
  }
  const unsent = await breakAt(4, fail)
  const unread = await breakAt(4, () => readingAnswer(fail))
  const statuses = (outcomes: readonly Outcome[]) => outcomes.map(({ status }) => status)
  // c0 was named, c1 to c3 were refused together; the fourth request is c1 and c2.
  expect(statuses(unsent)).toEqual(['rejected', 'retryable', 'retryable', 'retryable', 'retryable', 'retryable'])
  expect(statuses(unread)).toEqual(['rejected', 'unknown', 'unknown', 'retryable', 'retryable', 'retryable'])
  const later = await breakAt(5, () => readingAnswer(fail))
  expect(statuses(later)).toEqual(['rejected', 'succeeded', 'succeeded', 'unknown', 'retryable', 'retryable'])
  expect(later[3]).toEqual({ changeId: 'c3', status: 'unknown', code: 'E-INTERNAL' })
})

test('an answer to the first request that cannot be read is the defect itself', async () => {
  const fail = (): SliceAnswer => {
    throw new TypeError('broken')
  }
  await expect(isolateRefused(changes(2), async () => readingAnswer(fail))).rejects.toThrow(new TypeError('broken'))
})
