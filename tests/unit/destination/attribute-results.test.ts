import { expect, test } from 'vitest'
import type { WriteRequest } from '../../../runner/destination/destination.ts'
import { attributeResults } from '../../../runner/destination/hubspot/attribute-results.ts'

const request: WriteRequest = {
  object: 'contacts',
  path: 'update',
  changes: ['a', 'b', 'c'].map((changeId, index) => ({
    changeId,
    body: JSON.stringify({
      objectWriteTraceId: changeId,
      id: String(index + 1),
      properties: { plan: 'gold', score: '1.50' },
    }),
  })),
}
const result = (trace: string, id: string, more: object = {}): object => ({
  id,
  objectWriteTraceId: trace,
  properties: {},
  ...more,
})
const outcomes = (body: unknown, path: WriteRequest['path'] = 'update'): readonly object[] =>
  attributeResults(
    { status: 200, headers: {}, text: JSON.stringify(body) ?? '' },
    { request: { ...request, path }, fields: new Map() },
  )

test('results count by trace id, in whatever order', () => {
  const results = [result('c', '3'), result('a', '1', { new: true }), result('b', '2')]
  expect(outcomes({ status: 'COMPLETE', results }, 'upsert')).toMatchObject([
    { changeId: 'a', status: 'succeeded', recordId: '1', created: true },
    { changeId: 'b', status: 'succeeded', recordId: '2', created: false },
    { changeId: 'c', status: 'succeeded', recordId: '3', created: false },
  ])
})

test('stored values are those of the properties that were sent', () => {
  const properties = { plan: 'GOLD', score: '', hs_object_id: '1', lastmodifieddate: 'x' }
  const [first] = outcomes({ status: 'COMPLETE', results: [result('a', '1', { properties })] })
  expect(first).toMatchObject({ stored: { plan: 'GOLD', score: null } })
  expect(first).not.toHaveProperty('stored.hs_object_id')
})

test('errors in a 2xx count, by trace id and by record id, one error for several rows', () => {
  const errors = [
    { category: 'OBJECT_NOT_FOUND', message: 'Could not get some CONTACT objects', context: { ids: ['1', '3'] } },
    { category: 'VALIDATION_ERROR', message: '"gold" is not allowed', context: { objectWriteTraceId: ['b'] } },
  ]
  expect(outcomes({ status: 'COMPLETE', results: [], errors })).toMatchObject([
    { changeId: 'a', status: 'rejected', code: 'OBJECT_NOT_FOUND' },
    { changeId: 'b', status: 'rejected', code: 'VALIDATION_ERROR', reason: '"…" is not allowed' },
    { changeId: 'c', status: 'rejected', code: 'OBJECT_NOT_FOUND' },
  ])
})

test('a row in neither list is unknown, not done', () => {
  expect(
    outcomes({ status: 'COMPLETE', results: [result('b', '2')] }).map((one) => Object.values(one).slice(0, 3)),
  ).toEqual([
    ['a', 'unknown', 'NO_RESULT'],
    ['b', 'succeeded', '2'],
    ['c', 'unknown', 'NO_RESULT'],
  ])
})

test.each<[string, unknown]>([
  ['no results at all', { status: 'COMPLETE' }],
  ['not an object', []],
  ['no JSON', undefined],
  ['not complete', { status: 'PENDING', results: [result('a', '1'), result('b', '2'), result('c', '3')] }],
  [
    'the same trace id twice',
    { status: 'COMPLETE', results: ['1', '2', '3'].flatMap((id) => ['a', 'b', 'c'].map((t) => result(t, id))) },
  ],
  [
    'results of other records without trace ids',
    { status: 'COMPLETE', results: [{ id: '7' }, { id: '8' }, { id: '9' }] },
  ],
])('unknown for all: %s', (_, body) => {
  expect(outcomes(body)).toMatchObject([{ status: 'unknown' }, { status: 'unknown' }, { status: 'unknown' }])
})

test('an update is recognised by its record id when the trace id does not come back; an upsert is not', () => {
  const body = { status: 'COMPLETE', results: [{ id: '3' }, { id: '1' }, { id: '77' }] }
  expect(outcomes(body)).toMatchObject([
    { changeId: 'a', status: 'succeeded', recordId: '1' },
    { changeId: 'b', status: 'unknown' },
    { changeId: 'c', status: 'succeeded', recordId: '3' },
  ])
  expect(outcomes(body, 'upsert')).toMatchObject([{ status: 'unknown' }, { status: 'unknown' }, { status: 'unknown' }])
})

test('a row with a result and an error is unknown', () => {
  const errors = [{ category: 'VALIDATION_ERROR', message: 'm', context: { objectWriteTraceId: ['a'] } }]
  expect(outcomes({ status: 'COMPLETE', results: [result('a', '1')], errors })[0]).toMatchObject({ status: 'unknown' })
})
