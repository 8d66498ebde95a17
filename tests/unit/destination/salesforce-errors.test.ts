import { expect, test } from 'vitest'
import { NOTHING_SENT } from '../../../runner/destination/redact-message.ts'
import { failedOutcome } from '../../../runner/destination/salesforce/failed-outcome.ts'
import { ERROR_RULES } from '../../../runner/destination/salesforce/salesforce-error-table.ts'
import {
  classifyCallAnswer,
  classifyJobError,
  classifyRowError,
  parseBulkError,
  toSalesforceError,
} from '../../../runner/destination/salesforce/salesforce-errors.ts'

test('a code stands under several rules only when the text tells them apart, and the last one takes what is left', () => {
  const byCode = new Map<string, (typeof ERROR_RULES)[number][]>()
  for (const rule of ERROR_RULES) for (const code of rule.codes) byCode.set(code, [...(byCode.get(code) ?? []), rule])
  const unclear = [...byCode].filter(([, rules]) => {
    const last = rules.at(-1)
    return rules.slice(0, -1).some(({ says }) => says === undefined) || last?.says !== undefined
  })
  expect(unclear.map(([code]) => code)).toEqual([])
})

test.each<[string, string, object]>([
  ['UNABLE_TO_LOCK_ROW', '', { status: 'retryable', retryAfterMs: 1000 }],
  ['UNKNOWN_EXCEPTION', '', { status: 'retryable', onceMore: true }],
  ['STORAGE_LIMIT_EXCEEDED', '', { status: 'retryable', stops: 'later' }],
  ['TXN_SECURITY_NO_ACCESS', '', { status: 'retryable', stops: 'access' }],
  ['ENTITY_IS_LOCKED', '', { status: 'rejected', means: 'the record is locked or archived' }],
  ['FIELD_NOT_UPDATABLE', '', { status: 'rejected', stops: 'mapping' }],
  ['INSUFFICIENT_ACCESS', '', { status: 'rejected', stops: 'mapping' }],
  [
    'INVALID_FIELD',
    'Foreign key external ID: x not found for field K__c in entity Account',
    { status: 'rejected', means: 'the record that is referred to does not exist; send the parents first (depends_on)' },
  ],
  ['DUPLICATE_EXTERNAL_ID', '', { status: 'rejected', means: 'several records answer to the match value' }],
  [
    'INVALID_FIELD',
    'More than one record found for external id field: Key__c',
    { status: 'rejected', means: 'several records hold the key that is referred to' },
  ],
  ['BRAND_NEW_CODE', 'whatever', { status: 'rejected', code: 'BRAND_NEW_CODE' }],
])('row error %s %s', (code, message, expected) => {
  expect(classifyRowError(code, { message })).toMatchObject(expected)
})

test.each<[string, string, object]>([
  [
    'twice in one request',
    'Duplicate external id specified: K-1',
    { status: 'rejected', means: 'the same match value stands twice in one request' },
  ],
  [
    'a race on the match field',
    'duplicate value found: Key__c duplicates value on record with id: 001000000000001',
    { status: 'retryable', onceMore: true },
  ],
  [
    'a race that is not committed yet',
    'duplicate value found: <unknown> duplicates value on record with id: <unknown>',
    { status: 'retryable', onceMore: true },
  ],
  [
    'a clash on another field',
    'duplicate value found: Tax_No__c duplicates value on record with id: 001000000000001',
    { status: 'rejected', means: 'another record holds a value that must be unique' },
  ],
])('DUPLICATE_VALUE, %s', (_, message, expected) => {
  expect(classifyRowError('DUPLICATE_VALUE', { message, matchField: 'Key__c' })).toMatchObject({
    code: 'DUPLICATE_VALUE',
    ...expected,
  })
})

test('the two meanings of REQUEST_LIMIT_EXCEEDED', () => {
  const call = (message: string): object =>
    classifyCallAnswer(403, { code: 'REQUEST_LIMIT_EXCEEDED', message, fields: [] })
  expect(call('TotalRequests Limit exceeded.')).toMatchObject({
    status: 'retryable',
    code: 'E-CRM-QUOTA',
    stops: 'later',
  })
  expect(call('ConcurrentPerOrgLongTxn Limit exceeded.')).toEqual({
    status: 'retryable',
    code: 'REQUEST_LIMIT_EXCEEDED',
    retryAfterMs: 30_000,
  })
})

test.each<[number, string | undefined, object]>([
  [400, 'BRAND_NEW_CODE', { status: 'unknown', code: 'BRAND_NEW_CODE' }],
  [400, undefined, { status: 'unknown', code: 'HTTP_400' }],
  [400, 'INVALID_TYPE', { status: 'retryable', stops: 'mapping' }],
  [400, 'QUERY_TIMEOUT', { status: 'unknown' }],
  [403, 'API_DISABLED_FOR_ORG', { status: 'retryable', stops: 'access' }],
  [410, undefined, { status: 'retryable', code: 'HTTP_410', stops: 'access' }],
  [413, undefined, { status: 'rejected', code: 'HTTP_413' }],
  [414, undefined, { status: 'retryable', code: 'HTTP_414', stops: 'mapping' }],
  [300, undefined, { status: 'unknown', code: 'MULTIPLE_CHOICES' }],
  [302, undefined, { status: 'unknown', code: 'E-CRM-REDIRECT' }],
  [500, 'UNABLE_TO_LOCK_ROW', { status: 'unknown', code: 'HTTP_500' }],
])('a call answered %i %s', (status, code, expected) => {
  expect(classifyCallAnswer(status, code === undefined ? undefined : { code, message: '', fields: [] })).toMatchObject(
    expected,
  )
})

test.each<[string, object]>([
  ['InvalidBatch : Field name not found : Secret__c', { status: 'retryable', code: 'InvalidBatch', stops: 'mapping' }],
  ['ClientInputError : LineEnding is invalid on user data.', { code: 'ClientInputError', stops: 'mapping' }],
  ['TooManyLockFailure : too many', { status: 'retryable', retryAfterMs: 1000 }],
  ['ExceededQuota : jobs', { status: 'retryable', stops: 'later' }],
  ['no code at all', { status: 'retryable', code: 'UNREADABLE_ERROR' }],
])('a job that ended with "%s"', (message, expected) => {
  expect(classifyJobError(message)).toMatchObject(expected)
})

test.each<[string, object]>([
  [
    'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --',
    { code: 'REQUIRED_FIELD_MISSING', message: 'Required fields are missing: [Name]', fields: ['Name'] },
  ],
  [
    'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--',
    { code: 'INVALID_CROSS_REFERENCE_KEY', message: 'invalid cross reference id', fields: [] },
  ],
  ['FIELD_CUSTOM_VALIDATION_EXCEPTION:a: b -- c:A__c, B__c --', { message: 'a: b -- c', fields: ['A__c', 'B__c'] }],
  [
    'STRING_TOO_LONG:too long:Name --INVALID_EMAIL_ADDRESS:bad:Email --',
    { code: 'STRING_TOO_LONG', message: 'too long', fields: ['Name'] },
  ],
  ['FIELD_CUSTOM_VALIDATION_EXCEPTION:two\nlines:A__c --', { message: 'two\nlines', fields: ['A__c'] }],
  [
    'DUPLICATE_VALUE:duplicate value found: K__c duplicates value on record with id: 001000000000001AAA:K__c --',
    { recordIds: ['001000000000001AAA'], fields: ['K__c'] },
  ],
  [
    'InvalidBatch : Field name not found : X',
    { code: 'InvalidBatch', message: 'Field name not found : X', fields: [] },
  ],
  ['', { code: 'UNREADABLE_ERROR' }],
  ['<html>: no', { code: 'UNREADABLE_ERROR' }],
])('the cell sf__Error %j', (text, expected) => {
  expect(parseBulkError(text)).toMatchObject(expected)
})

test('a match of a duplicate rule keeps the ids of the matched records and nothing else of them', () => {
  const error = toSalesforceError({
    statusCode: 'DUPLICATES_DETECTED',
    message: 'Use one of these records?',
    fields: [],
    duplicateResult: { matchResults: [{ matchRecords: [{ record: { Id: '001000000000001AAA', Name: 'Hush Ltd' } }] }] },
  })
  if (error === undefined) throw new TypeError('not read')
  expect(failedOutcome(error, { sent: NOTHING_SENT })).toEqual({
    status: 'rejected',
    code: 'DUPLICATES_DETECTED',
    reason: 'a duplicate rule of the org matched: Use one of these records? (records 001000000000001AAA)',
  })
})
