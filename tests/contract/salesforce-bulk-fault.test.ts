import { describe, expect, test } from 'vitest'
import type { BulkRequest, PreparedLoad } from '../../runner/destination/bulk.ts'
import { NEVER } from '../support/open-for-test.ts'
import { change, loadAll, pages, resultsOf, UPSERT, useBulk } from './salesforce-bulk-harness.ts'

const open = useBulk()
const INGEST = '/services/data/v66.0/jobs/ingest'

const rows = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    change(`c${index}`, { Customer_Id__c: `C-${index}`, Name: `Name ${index}` }),
  )

const fault = (match: object, action: object): Promise<void> => open().emulator.control.addFault({ match, action })

const prepared = (request: BulkRequest = UPSERT, count = 3): Promise<PreparedLoad> =>
  open().bulk.prepare(request, pages(rows(count)), NEVER)

const requests = async (method: string): Promise<number> =>
  (await open().emulator.control.journal()).filter((entry) => entry.method === method && entry.path.startsWith(INGEST))
    .length

describe('a step without a clear answer is made once, and the job tells what happened', () => {
  test.each<[string, object, string]>([
    ['503 with a page', { status: 503, body: '<html>' }, 'E-CRM-UNAVAILABLE'],
    ['500', { status: 500 }, 'E-CRM-UNAVAILABLE'],
    ['a reset', { reset_before: true }, 'E-CRM-UNREACHABLE'],
    ['a lost answer', { drop_after_apply: true }, 'E-CRM-UNREACHABLE'],
    ['a login page', { status: 200, body: '<html>' }, 'E-CRM-ANSWER'],
    ['401', { status: 401 }, 'E-CRM-AUTH'],
    [
      'the calls of the day used up',
      { status: 403, body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }] },
      'E-CRM-QUOTA',
    ],
  ])('create: %s', async (_, action, code) => {
    await fault({ method: 'POST', path: INGEST }, action)
    await expect(open().bulk.create(UPSERT, NEVER)).rejects.toMatchObject({ code })
    expect(await requests('POST')).toBeLessThanOrEqual(1)
  })

  test('upload and close: a lost answer, then what the job says', async () => {
    const { bulk, emulator } = open()
    const load = await prepared()
    const id = await bulk.create(UPSERT, NEVER)
    await fault({ method: 'PUT', nth: 1 }, { reset_before: true })
    await expect(bulk.upload(id, load, NEVER)).rejects.toMatchObject({ code: 'E-CRM-UNREACHABLE' })
    expect((await bulk.state(id, NEVER)).phase).toBe('open')
    // Nothing arrived: the same file goes again, whole.
    await bulk.upload(id, load, NEVER)
    await fault({ method: 'PATCH', nth: 1 }, { drop_after_apply: true })
    await expect(bulk.close(id, NEVER)).rejects.toMatchObject({ code: 'E-CRM-UNREACHABLE' })
    expect((await bulk.settled(id, NEVER)).phase).toBe('complete')
    expect(await emulator.control.records('salesforce', 'Account')).toHaveLength(3)
    await load.discard()
  })

  test('a second file for a job that has one is refused, not taken for done', async () => {
    const { bulk } = open()
    const load = await prepared()
    const id = await bulk.create(UPSERT, NEVER)
    await bulk.upload(id, load, NEVER)
    await expect(bulk.upload(id, load, NEVER)).rejects.toMatchObject({
      code: 'E-CRM-REFUSED',
      message: expect.stringContaining('INVALIDJOBSTATE'),
    })
    await load.discard()
  })

  test('too many long calls at once: proven not applied, so made again', async () => {
    const body = [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentPerOrgLongTxn Limit exceeded.' }]
    await fault({ method: 'POST', path: INGEST, nth: 1 }, { status: 403, body })
    await fault({ method: 'POST', path: INGEST, nth: 2 }, { status: 429 })
    expect(await open().bulk.create(UPSERT, NEVER)).toMatch(/^750/)
    expect(await requests('POST')).toBe(3)
  })

  test('an object the org does not have is refused by name', async () => {
    const request: BulkRequest = { object: 'Nothing__c', path: 'update' }
    await expect(open().bulk.create(request, NEVER)).rejects.toMatchObject({
      code: 'E-CRM-REFUSED',
      message: expect.stringContaining('INVALIDJOB'),
    })
  })
})

describe('the upload', () => {
  test('is one request with its length, and the file is what was announced', async () => {
    const { bulk, emulator } = open()
    const load = await prepared(UPSERT, 20_000)
    const id = await bulk.create(UPSERT, NEVER)
    await bulk.upload(id, load, NEVER)
    const [put] = (await emulator.control.journal()).filter(({ method }) => method === 'PUT')
    expect(put?.headers['content-length']).toBe(String(load.bytes))
    expect(put?.headers['content-type']).toBe('text/csv')
    expect(put?.headers['transfer-encoding']).toBeUndefined()
    await load.discard()
  })
})

describe('polling', () => {
  test('outlives an org that does not answer for a while', async () => {
    const { bulk } = open()
    for (let nth = 1; nth <= 12; nth += 1) await fault({ method: 'GET', path: `${INGEST}/750`, nth }, { status: 503 })
    const load = await prepared()
    const id = await bulk.create(UPSERT, NEVER)
    await bulk.upload(id, load, NEVER)
    await bulk.close(id, NEVER)
    expect((await bulk.settled(id, NEVER)).phase).toBe('complete')
    await load.discard()
  })

  test('does not go on for ever', async () => {
    const { bulk } = open()
    const id = await bulk.create(UPSERT, NEVER)
    await fault({ method: 'GET', path: `${INGEST}/750` }, { status: 503 })
    await expect(bulk.settled(id, NEVER)).rejects.toMatchObject({ code: 'E-CRM-UNAVAILABLE', exitCode: 75 })
  })

  test('ends at once when the credentials are refused', async () => {
    const { bulk } = open()
    const id = await bulk.create(UPSERT, NEVER)
    await fault({ method: 'GET', path: `${INGEST}/750` }, { status: 401 })
    await expect(bulk.settled(id, NEVER)).rejects.toMatchObject({ code: 'E-CRM-AUTH' })
  })
})

describe('results', () => {
  async function ended(count = 50) {
    const { bulk } = open()
    const { id, state } = await loadAll(bulk, UPSERT, rows(count))
    return { bulk, job: { id, request: UPSERT, state } }
  }

  test.each<[string, object]>([
    [
      'a page of HTML with status 200',
      { status: 200, body: '<html>log in</html>', headers: { 'content-type': 'text/html' } },
    ],
    [
      'HTML that calls itself CSV',
      { status: 200, body: '<html>log in</html>', headers: { 'content-type': 'text/csv' } },
    ],
    ['an empty file', { status: 200, body: '', headers: { 'content-type': 'text/csv' } }],
    [
      'a header alone',
      { status: 200, body: '"sf__Id","sf__Created",Customer_Id__c,Name\n', headers: { 'content-type': 'text/csv' } },
    ],
    ['another file', { status: 200, body: 'a,b\n1,2\n', headers: { 'content-type': 'text/csv' } }],
    [
      'a file cut inside a cell, its length not announced',
      {
        status: 200,
        body: '"sf__Id","sf__Created",Customer_Id__c,Name\n"001000000000001AAA","true","C-1","Na',
        headers: { 'content-type': 'text/csv' },
      },
    ],
    [
      'a file cut between two lines',
      {
        status: 200,
        body: '"sf__Id","sf__Created",Customer_Id__c,Name\n"001000000000001AAA","true","C-1","Name 1"\n',
        headers: { 'content-type': 'text/csv' },
      },
    ],
  ])('%s is no result', async (_, action) => {
    const { bulk, job } = await ended()
    await fault({ path: '/successfulResults/' }, action)
    await expect(resultsOf(bulk, job)).rejects.toMatchObject({ code: 'E-CRM-ANSWER' })
  })

  test('a file cut short of its announced length', async () => {
    const { bulk, job } = await ended()
    await fault({ path: '/successfulResults/' }, { truncate_bytes: 600 })
    await expect(resultsOf(bulk, job)).rejects.toMatchObject({ code: 'E-CRM-UNREACHABLE' })
    await open().emulator.control.clearFaults()
    expect((await resultsOf(bulk, job)).size).toBe(50)
  })

  test('an org that is away for a moment', async () => {
    const { bulk, job } = await ended()
    await fault({ path: '/failedResults/', nth: 1 }, { status: 503 })
    await fault({ path: '/failedResults/', nth: 2 }, { reset_before: true })
    expect((await resultsOf(bulk, job)).size).toBe(50)
  })

  test('F23 results that are no longer kept', async () => {
    const { bulk, job } = await ended()
    const gone = { ...job, id: '750000000000001AAA' }
    await expect(resultsOf(bulk, gone)).rejects.toMatchObject({ code: 'E-CRM-REFUSED' })
  })
})
