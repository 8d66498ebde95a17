import { afterEach, expect, test } from 'vitest'
import type { Outcome, WriteRequest } from '../../../runner/destination/destination.ts'
import { NEVER, openForTest, realTarget } from '../../support/open-for-test.ts'
import { json, type StubServer, stubServer } from '../../support/stub-server.ts'

const request: WriteRequest = {
  object: 'Account',
  path: 'upsert',
  matchField: 'Key__c',
  changes: ['a', 'b'].map((changeId) => ({ changeId, body: `{"Key__c":"${changeId}","Name":"Hush Ltd"}` })),
}

let server: StubServer
afterEach(() => server.close())

async function outcomesOf(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<readonly Outcome[]> {
  server = await stubServer((_, out) => json(out, status, body, headers))
  const target = realTarget('access_token', { instance_url: server.url, access_token: 't' })
  const destination = await openForTest({ type: 'salesforce', target })
  return (await destination.write(request, NEVER)).outcomes
}

const ok = { id: '001000000000001AAA', success: true, errors: [], created: true }
const failed = (error: object): object => ({ success: false, errors: [{ message: 'no', fields: [], ...error }] })

test('results belong to rows by position when there are exactly as many', async () => {
  const results = [
    failed({
      statusCode: 'STRING_TOO_LONG',
      message: 'Name: data value too large: Hush Ltd (max length=5)',
      fields: ['Name'],
    }),
    ok,
  ]
  expect(await outcomesOf(200, results)).toEqual([
    {
      changeId: 'a',
      status: 'rejected',
      code: 'STRING_TOO_LONG',
      reason: 'Name: data value too large: … (max length=5)',
      field: 'Name',
    },
    { changeId: 'b', status: 'succeeded', recordId: '001000000000001AAA', created: true },
  ])
})

test.each<[string, unknown, string]>([
  ['too few', [ok], 'WRONG_LENGTH'],
  ['too many', [ok, ok, ok], 'WRONG_LENGTH'],
  ['none', [], 'WRONG_LENGTH'],
  ['an object', { hasErrors: false }, 'E-CRM-ANSWER'],
])('%s results: nobody knows which row is which', async (_, body, code) => {
  const outcomes = await outcomesOf(200, body)
  expect(outcomes).toMatchObject(['a', 'b'].map((changeId) => ({ changeId, status: 'unknown', code })))
})

test.each<[string, object, object]>([
  ['a lock', failed({ statusCode: 'UNABLE_TO_LOCK_ROW' }), { status: 'retryable', code: 'UNABLE_TO_LOCK_ROW' }],
  [
    'errorCode instead of statusCode',
    failed({ errorCode: 'INVALID_EMAIL_ADDRESS' }),
    { status: 'rejected', code: 'INVALID_EMAIL_ADDRESS' },
  ],
  ['a code nobody listed', failed({ statusCode: 'BRAND_NEW_CODE' }), { status: 'rejected', code: 'BRAND_NEW_CODE' }],
  ['failure without an error', { success: false, errors: [] }, { status: 'unknown', code: 'NO_RESULT' }],
  ['success without an id', { success: true, errors: [] }, { status: 'unknown', code: 'NO_RESULT' }],
  ['neither', {}, { status: 'unknown', code: 'NO_RESULT' }],
])('a row with %s', async (_, result, expected) => {
  expect((await outcomesOf(200, [ok, result]))[1]).toMatchObject(expected)
})

test.each<[number, string, string, object]>([
  [403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.', { status: 'retryable', code: 'E-CRM-QUOTA' }],
  [
    403,
    'REQUEST_LIMIT_EXCEEDED',
    'ConcurrentPerOrgLongTxn Limit exceeded.',
    { status: 'retryable', code: 'REQUEST_LIMIT_EXCEEDED', retryAfterMs: 30_000 },
  ],
  [403, 'API_DISABLED_FOR_ORG', 'closed', { status: 'retryable', stops: 'access' }],
  [
    400,
    'JSON_PARSER_ERROR',
    'Unexpected character at Hush Ltd',
    { status: 'rejected', code: 'JSON_PARSER_ERROR', reason: 'Unexpected character at …' },
  ],
  [
    404,
    'NOT_FOUND',
    'The requested resource does not exist',
    { status: 'retryable', code: 'NOT_FOUND', stops: 'mapping' },
  ],
  [500, 'UNKNOWN_EXCEPTION', 'An unexpected error occurred.', { status: 'unknown', code: 'HTTP_500' }],
  [503, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests', { status: 'unknown', code: 'HTTP_503' }],
])('the whole call %i %s: %s', async (status, errorCode, message, expected) => {
  const outcomes = await outcomesOf(status, [{ errorCode, message }])
  expect(outcomes).toMatchObject([
    { changeId: 'a', ...expected },
    { changeId: 'b', ...expected },
  ])
})

test('what the audit and the budget need to know about the call', async () => {
  server = await stubServer((_, out) =>
    json(out, 200, [ok, ok], { 'Sforce-Limit-Info': 'api-usage=18/100; per-app-api-usage=17/250(appName=x)' }),
  )
  const destination = await openForTest({
    type: 'salesforce',
    target: realTarget('access_token', { instance_url: server.url, access_token: 't' }),
  })
  const { call } = await destination.write(request, NEVER)
  expect(call).toMatchObject({ httpStatus: 200, remaining: 82 })
  expect(server.requests[0]?.headers).toMatchObject({
    'sforce-auto-assign': 'FALSE',
    'sforce-call-options': 'client=backfeed/0.1.0',
    'content-type': 'application/json',
    authorization: 'Bearer t',
  })
  expect(server.requests[0]).toMatchObject({ ...destination.wire(request) })
})

test('a call refused because of one row is divided until that row stands alone', async () => {
  server = await stubServer((incoming, out) => {
    const rows = JSON.parse(incoming.body).records as { Key__c: string }[]
    if (rows.some((row) => row.Key__c === 'b'))
      return json(out, 400, [{ errorCode: 'JSON_PARSER_ERROR', message: 'no' }])
    json(
      out,
      200,
      rows.map(() => ok),
    )
  })
  const target = realTarget('access_token', { instance_url: server.url, access_token: 't' })
  const destination = await openForTest({ type: 'salesforce', target })
  const { outcomes } = await destination.write(request, NEVER)
  expect(outcomes).toMatchObject([
    { changeId: 'a', status: 'succeeded' },
    { changeId: 'b', status: 'rejected', code: 'JSON_PARSER_ERROR' },
  ])
  expect(server.requests).toHaveLength(3)
})
