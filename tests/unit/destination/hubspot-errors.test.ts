import { expect, test } from 'vitest'
import { classifyCallAnswer, toHubspotError } from '../../../runner/destination/hubspot/hubspot-errors.ts'
import type { RawAnswer } from '../../../runner/destination/raw-answer.ts'

function answer(status: number, body: unknown, headers: Record<string, string> = {}): RawAnswer {
  return { status, headers, text: typeof body === 'string' ? body : JSON.stringify(body) }
}
const error = (more: object): object => ({ status: 'error', message: 'm', category: 'VALIDATION_ERROR', ...more })

test.each<[string, RawAnswer, object]>([
  [
    'ten-second limit',
    answer(429, error({ policyName: 'TEN_SECONDLY_ROLLING' })),
    { status: 'retryable', retryAfterMs: 10_000 },
  ],
  [
    'limit per second, the body without a policy',
    answer(429, { status: 'error', message: 'You have reached your secondly limit.', category: 'RATE_LIMITS' }),
    { status: 'retryable', code: 'RATE_LIMITS', retryAfterMs: 1_000 },
  ],
  [
    'daily limit',
    answer(429, {
      status: 'error',
      message: 'You have reached your daily limit.',
      errorType: 'RATE_LIMIT',
      policyName: 'DAILY',
    }),
    { status: 'retryable', code: 'E-CRM-QUOTA' },
  ],
  ['Retry-After wins', answer(429, '', { 'retry-after': '3' }), { status: 'retryable', retryAfterMs: 3_000 }],
  [
    'migration',
    answer(477, '', { 'retry-after': '86400' }),
    { code: 'MIGRATION', stops: 'later', retryAfterMs: 86_400_000 },
  ],
  ['locked', answer(423, error({})), { status: 'retryable', code: 'LOCKED', retryAfterMs: 2_000 }],
  ['one row is wrong', answer(400, error({})), { kind: 'refused' }],
  ['conflict', answer(409, error({ category: 'CONFLICT' })), { kind: 'refused' }],
  [
    'the same for every row',
    answer(400, error({ message: 'Unable to perform upsert by non-unique 0-2 property domain' })),
    { status: 'retryable', stops: 'mapping' },
  ],
  [
    'no such route',
    answer(404, error({ category: 'OBJECT_NOT_FOUND' })),
    { status: 'retryable', stops: 'mapping', code: 'OBJECT_NOT_FOUND' },
  ],
  ['html from a proxy', answer(400, '<html>'), { status: 'unknown', code: 'HTTP_400' }],
  [
    'server error in HubSpot’s own shape',
    answer(500, error({ category: 'INTERNAL_ERROR' })),
    { status: 'unknown', code: 'HTTP_500' },
  ],
  ['unavailable', answer(503, ''), { status: 'unknown', code: 'HTTP_503' }],
  ['redirect', answer(302, ''), { status: 'unknown' }],
])('%s', (_, given, expected) => {
  const judged = classifyCallAnswer(given)
  expect(judged.kind === 'refused' ? { kind: 'refused' } : judged.verdict).toMatchObject(expected)
})

test.each([
  [
    'in the error',
    error({
      category: 'MISSING_SCOPES',
      errors: [{ message: 'm', context: { requiredGranularScopes: ['crm.objects.deals.write'] } }],
    }),
  ],
  [
    'in the context',
    error({ category: 'MISSING_SCOPES', context: { requiredGranularScopes: ['crm.objects.deals.write'] } }),
  ],
])('missing scopes are named: %s', (_, body) => {
  const verdict = classifyCallAnswer(answer(403, body))
  expect(verdict).toMatchObject({
    verdict: { status: 'retryable', stops: 'access', code: 'E-CRM-SCOPE' },
    error: { scopes: ['crm.objects.deals.write'] },
  })
})

test('a property error is found in errors[] and inside the sentence', () => {
  const list = [{ isValid: false, message: 'x is bad', error: 'INVALID_OPTION', name: 'plan' }]
  expect(toHubspotError({ message: `Property values were not valid: ${JSON.stringify(list)}` })).toMatchObject({
    code: 'INVALID_OPTION',
    field: 'plan',
    message: 'x is bad',
  })
  const nested = { message: 'x is bad', code: 'PROPERTY_DOESNT_EXIST', context: { propertyName: ['plan'] } }
  expect(toHubspotError({ message: 'm', category: 'VALIDATION_ERROR', errors: [nested] })).toMatchObject({
    code: 'PROPERTY_DOESNT_EXIST',
    field: 'plan',
  })
})

test('what is no code does not become one: it could be a value', () => {
  expect(toHubspotError({ message: 'm', errors: [{ code: 'ada@example.com', message: 'm' }] }).code).toBe(
    'VALIDATION_ERROR',
  )
})
