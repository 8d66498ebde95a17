import { afterEach, expect, test } from 'vitest'
import type { ReadRequest } from '../../../runner/destination/destination.ts'
import type { Connection } from '../../../runner/project/project.ts'
import { NEVER, openForTest, realTarget } from '../../support/open-for-test.ts'
import { json, type StubRequest, type StubServer, stubServer } from '../../support/stub-server.ts'

let server: StubServer
afterEach(() => server.close())

interface Reply {
  status: number
  body: unknown
}

/** Describes one field and answers every other request with `reply`. */
async function failureOf(type: Connection['type'], reply: (request: StubRequest) => Reply): Promise<unknown> {
  server = await stubServer((request, out) => {
    const described = request.path.endsWith('/describe') || request.path.includes('/properties/')
    const field = { name: 'key', label: 'Key', type: 'string', hasUniqueValue: true, externalId: true }
    const { status, body } = described ? { status: 200, body: { fields: [field], results: [field] } } : reply(request)
    json(out, status, body)
  })
  const destination = await openForTest({
    type,
    target: realTarget('access_token', { instance_url: server.url, base_url: server.url, access_token: 't' }),
  })
  const request: ReadRequest = {
    object: 'things',
    by: { field: 'key', unique: true },
    values: ['Hush-1'],
    fields: ['key'],
  }
  try {
    for await (const _ of destination.read(request, NEVER));
  } catch (error) {
    return error
  }
  return undefined
}

const salesforceError = (errorCode: string, message: string): unknown => [{ errorCode, message }]

test.each<[string, Connection['type'], Reply, object]>([
  [
    'a missing scope is named',
    'hubspot',
    {
      status: 403,
      body: {
        message: 'm',
        category: 'MISSING_SCOPES',
        errors: [{ context: { requiredGranularScopes: ['crm.objects.things.read'] } }],
      },
    },
    { code: 'E-CRM-SCOPE', exitCode: 2, message: expect.stringContaining('crm.objects.things.read') },
  ],
  [
    'the daily limit is for another day',
    'hubspot',
    { status: 429, body: { message: 'You have reached your daily limit.', policyName: 'DAILY' } },
    { code: 'E-CRM-QUOTA', exitCode: 75 },
  ],
  [
    'an error among the results hides rows',
    'hubspot',
    { status: 207, body: { results: [], errors: [{ category: 'INTERNAL_ERROR', message: 'failed for "Hush-1"' }] } },
    { code: 'E-CRM-REFUSED' },
  ],
  ['results are missing', 'hubspot', { status: 200, body: {} }, { code: 'E-CRM-ANSWER' }],
  [
    'the calls of the day are used up',
    'salesforce',
    { status: 403, body: salesforceError('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.') },
    { code: 'E-CRM-QUOTA', exitCode: 75 },
  ],
  [
    'a refused query',
    'salesforce',
    { status: 400, body: salesforceError('MALFORMED_QUERY', "near 'Hush-1'") },
    { code: 'E-CRM-REFUSED', message: expect.stringContaining('MALFORMED_QUERY') },
  ],
  [
    'a page that is not the last names no next',
    'salesforce',
    { status: 200, body: { records: [], done: false } },
    { code: 'E-CRM-ANSWER' },
  ],
  [
    'the next page is on another host',
    'salesforce',
    { status: 200, body: { records: [], done: false, nextRecordsUrl: 'https://evil.example.com/next' } },
    { code: 'E-CRM-ANSWER' },
  ],
])('%s (%s)', async (_, type, reply, expected) => {
  const failure = await failureOf(type, () => reply)
  expect(failure).toMatchObject(expected)
  expect(String(failure)).not.toContain('Hush')
})

test('ids that are not there are absent, not an error', async () => {
  const body = { results: [], errors: [{ category: 'OBJECT_NOT_FOUND', message: 'm', context: { ids: ['Hush-1'] } }] }
  expect(await failureOf('hubspot', () => ({ status: 207, body }))).toBeUndefined()
})
