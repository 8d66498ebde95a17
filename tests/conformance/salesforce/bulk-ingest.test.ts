import { beforeEach, describe, expect, test } from 'vitest'
import { useEmulator } from '../../contract/emulator-support.ts'
import { ACCOUNT_FIELDS, bulkClient, chunkedPut, headerOf, rowsOf } from './bulk-support.ts'

const emulator = useEmulator()
const bulk = bulkClient(emulator)
beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

const accounts = () => emulator.control.records('salesforce', 'Account')
const account = async (key: string) => (await accounts()).find((one) => one.Customer_Id__c === key)
const refused = (errorCode: string, status = 400) => ({ status, body: [{ errorCode }] })

describe('a job', () => {
  test('case 40: is created Open, with an address to upload to', async () => {
    const job = { operation: 'upsert', externalIdFieldName: 'customer_id__c', columnDelimiter: 'PIPE' }
    const { status, body } = await bulk.create({ object: 'account', ...job })
    expect(status).toBe(200)
    expect(body).toEqual({
      id: expect.stringMatching(/^750[0-9A-Za-z]{15}$/),
      operation: 'upsert',
      object: 'Account',
      createdById: expect.stringMatching(/^005/),
      createdDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      systemModstamp: body.createdDate,
      state: 'Open',
      externalIdFieldName: 'Customer_Id__c',
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: 66,
      contentUrl: `services/data/v66.0/jobs/ingest/${body.id}/batches`,
      lineEnding: 'LF',
      columnDelimiter: 'PIPE',
    })
  })

  test.each([
    ['an upsert without a key', { operation: 'upsert' }, 'INVALIDJOB'],
    ['a key that is none', { operation: 'upsert', externalIdFieldName: 'Name' }, 'INVALIDJOB'],
    ['an unknown object', { object: 'Nope', operation: 'insert' }, 'INVALIDJOB'],
    ['an unknown operation', { operation: 'merge' }, 'INVALIDJOB'],
    ['an unknown delimiter', { operation: 'insert', columnDelimiter: 'COLON' }, 'INVALIDJOB'],
    ['XML', { operation: 'insert', contentType: 'XML' }, 'INVALIDJOB'],
    ['hardDelete without the permission', { operation: 'hardDelete' }, 'FEATURENOTENABLED'],
  ])('case 40: %s is refused', async (_what, job, errorCode) => {
    expect(await bulk.create(job)).toMatchObject(refused(errorCode))
  })

  test('case 41: takes one chunked upload, and no second', async () => {
    const id = await bulk.upsert()
    const pieces = ['Customer_Id__c,Na', 'me\nC-1,On', 'e\n']
    expect(await chunkedPut(`${emulator.url}/services/data/v66.0/jobs/ingest/${id}/batches`, pieces)).toEqual({
      status: 201,
      text: '',
    })
    expect(await bulk.put(id, 'Customer_Id__c,Name\nC-2,Two\n')).toMatchObject(refused('INVALIDJOBSTATE'))
    await bulk.patch(id, 'UploadComplete')
    await bulk.over(id)
    expect((await accounts()).map((one) => one.Name)).toEqual(['One'])
    const closed = await bulk.upsert()
    await bulk.patch(closed, 'UploadComplete')
    expect(await bulk.put(closed, 'Customer_Id__c\nC-3\n')).toMatchObject(refused('INVALIDJOBSTATE'))
  })

  test('case 41: an upload over 100 MB, or of another type, is refused and may be repeated', async () => {
    const id = await bulk.upsert()
    const path = `/jobs/ingest/${id}/batches`
    const json = await emulator.api(path, { method: 'PUT', body: { a: 1 } })
    expect(json).toMatchObject(refused('UNSUPPORTED_MEDIA_TYPE', 415))
    expect(await bulk.put(id, 'x'.repeat(100 * 1024 * 1024 + 1))).toMatchObject(
      refused('EXCEEDED_MAX_SIZE_REQUEST', 413),
    )
    expect((await bulk.put(id, 'Customer_Id__c,Name\nC-1,One\n')).status).toBe(201)
  })

  test('case 42: an empty upload completes with nothing processed', async () => {
    for (const csv of ['', 'Customer_Id__c,Name\n']) {
      const { info, success, failed, unprocessed } = await bulk.load(csv)
      expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 0, numberRecordsFailed: 0 })
      expect([...rowsOf(success), ...rowsOf(failed), ...rowsOf(unprocessed)]).toEqual([])
    }
  })

  test('case 43: goes by the clock from UploadComplete over InProgress to JobComplete', async () => {
    await emulator.plane('/bulk/salesforce', { method: 'PUT', body: { queue_ms: 60_000, batch_ms: 30_000 } })
    const id = await bulk.upsert()
    await bulk.put(id, 'Customer_Id__c,Name\nC-1,One\n')
    const closed = (await bulk.patch(id, 'UploadComplete')).body
    expect(closed).toMatchObject({ id, state: 'UploadComplete' })
    for (const name of ['contentUrl', 'lineEnding', 'columnDelimiter', 'jobType'])
      expect(closed).not.toHaveProperty(name)
    expect((await bulk.info(id)).state).toBe('UploadComplete')
    await emulator.control.advanceClock(60_000)
    const running = await bulk.until(id, 'InProgress')
    expect(running).toMatchObject({ jobType: 'V2Ingest', retries: 0, apexProcessingTime: 0 })
    await emulator.control.advanceClock(30_000)
    const done = await bulk.over(id)
    expect(done).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1, numberRecordsFailed: 0 })
    expect(done.totalProcessingTime).toBeGreaterThanOrEqual(30_000)
  })

  test('is never done before its close is answered, and its versions name that request', async () => {
    const id = await bulk.upsert()
    await bulk.put(id, 'Customer_Id__c,Name\nC-1,One\n')
    expect((await bulk.patch(id, 'UploadComplete')).body.state).toBe('UploadComplete')
    await bulk.over(id)
    const closing = (await emulator.control.journal()).find((one) => one.method === 'PATCH')
    const [version] = await emulator.control.history('salesforce', 'Account', String((await account('C-1'))?.Id))
    expect(version).toMatchObject({ request: closing?.seq, op: 'create' })
  })

  test('case 51: is aborted while Open, then takes no other state', async () => {
    const id = await bulk.upsert()
    await bulk.put(id, 'Customer_Id__c,Name\nC-1,One\n')
    expect((await bulk.patch(id, 'Aborted')).body.state).toBe('Aborted')
    expect((await bulk.file(id, 'unprocessedrecords')).text).toBe('Customer_Id__c,Name\nC-1,One\n')
    for (const state of ['UploadComplete', 'Aborted']) {
      expect(await bulk.patch(id, state)).toMatchObject(refused('INVALIDJOBSTATE'))
    }
    expect(await bulk.patch(id, 'JobComplete')).toMatchObject(refused('INVALIDJOBSTATE'))
    expect(await accounts()).toEqual([])
  })

  test('case 51, 52: aborted half-way it keeps what it wrote and lists the rest; InProgress it cannot be deleted', async () => {
    await emulator.plane('/bulk/salesforce', { method: 'PUT', body: { batch_ms: 60_000 } })
    const id = await bulk.upsert()
    await bulk.put(id, manyRows(25_000))
    await bulk.patch(id, 'UploadComplete')
    const running = await bulk.until(id, 'InProgress', (info) => info.numberRecordsProcessed >= 5_000)
    expect(await emulator.api(`/jobs/ingest/${id}`, { method: 'DELETE' })).toMatchObject(refused('INVALIDJOBSTATE'))
    expect(await bulk.file(id, 'successfulResults')).toMatchObject(refused('INVALIDJOBSTATE'))
    expect((await bulk.patch(id, 'Aborted')).body.state).toBe('Aborted')
    const files = await bulk.files(id)
    const written = rowsOf(files.success).length
    expect(written).toBe((await accounts()).length)
    expect(written).toBeGreaterThanOrEqual(running.numberRecordsProcessed)
    expect(written).toBeLessThanOrEqual(10_000)
    expect(written + rowsOf(files.unprocessed).length).toBe(25_000)
    expect(headerOf(files.unprocessed)).toBe('Customer_Id__c,Name')
    expect(new Set([...rowsOf(files.success).map(keyIn), ...rowsOf(files.unprocessed).map(keyIn)]).size).toBe(25_000)
  })

  test('case 52: once over it can be deleted; what it wrote stays', async () => {
    const { id } = await bulk.load('Customer_Id__c,Name\nC-1,One\n')
    const path = `/jobs/ingest/${id}`
    expect(await emulator.api(path, { method: 'DELETE' })).toMatchObject({ status: 204, text: '' })
    for (const gone of [path, `${path}/failedResults`]) {
      expect(await emulator.api(gone)).toMatchObject({
        status: 404,
        body: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
      })
    }
    expect(await account('C-1')).toMatchObject({ Name: 'One' })
  })

  test('case 53: in two parts it is created, filled and closed at once', async () => {
    const job = { object: 'Account', operation: 'upsert', externalIdFieldName: 'Customer_Id__c' }
    const answer = await bulk.multipart(job, 'Customer_Id__c,Name\nC-1,"One, with a comma"\n')
    expect(answer).toMatchObject({ status: 200, body: { state: 'UploadComplete' } })
    expect(await bulk.over(answer.body.id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1 })
    expect(await account('C-1')).toMatchObject({ Name: 'One, with a comma' })
    const line = `C-2,${'x'.repeat(95)}\n`
    const long = `Customer_Id__c,Description\n${line.repeat(1_001)}`
    expect(await bulk.multipart(job, long)).toMatchObject(refused('INVALIDJOB'))
    expect(await bulk.multipart(job, undefined)).toMatchObject(refused('INVALIDJOB'))
  })

  test('case 55: the list of all jobs has pages, in no useful order', async () => {
    const created: string[] = []
    for (let index = 0; index < 21; index += 1) {
      created.push(...(await Promise.all(Array.from({ length: 50 }, () => bulk.upsert()))))
    }
    const first = (await emulator.api('/jobs/ingest')).body
    expect(first.done).toBe(false)
    expect(first.records).toHaveLength(1_000)
    expect(first.nextRecordsUrl).toMatch(/^\/services\/data\/v66\.0\/jobs\/ingest\?queryLocator=/)
    const headers = { authorization: 'Bearer any' }
    const second = (await emulator.raw(first.nextRecordsUrl, { headers })).body
    expect(second).toMatchObject({ done: true, nextRecordsUrl: null })
    const listed = [...first.records, ...second.records].map((one: { id: string }) => one.id)
    expect(listed).not.toEqual(created)
    expect([...listed].sort()).toEqual([...created].sort())
    expect((await emulator.api('/jobs/ingest?jobType=Classic')).body.records).toEqual([])
    expect((await emulator.api('/jobs/query')).body.records).toEqual([])
  })

  test('case 56: expires after 7 days; Open for a day it is aborted', async () => {
    const { id } = await bulk.load('Customer_Id__c,Name\nC-1,One\n')
    const open = await bulk.upsert()
    await emulator.control.advanceClock(24 * 60 * 60 * 1000)
    expect((await bulk.info(open)).state).toBe('Aborted')
    expect((await bulk.info(id)).state).toBe('JobComplete')
    await emulator.control.advanceClock(6 * 24 * 60 * 60 * 1000)
    expect((await emulator.api(`/jobs/ingest/${id}`)).status).toBe(404)
    expect((await emulator.api('/jobs/ingest')).body.records).toEqual([])
  })

  test('is found by the 15 characters of its id, with slashes doubled and at the end', async () => {
    const id = await bulk.upsert()
    expect((await emulator.api(`//jobs/ingest/${id.slice(0, 15)}/`)).body.id).toBe(id)
    expect((await emulator.api('/jobs/ingest/7505g000000000000A')).status).toBe(404)
  })
})

describe('batches', () => {
  test('of 10,000 rows go in an order drawn from the seed, never that of the upload', async () => {
    await emulator.plane('/bulk/salesforce', { method: 'PUT', body: { batch_ms: 1 } })
    const { success } = await bulk.load(manyRows(21_000))
    const keys = success.split('\n').slice(1, -1).map(keyIn)
    const sorted = [...keys].sort()
    expect(new Set(keys).size).toBe(21_000)
    expect(keys).not.toEqual(sorted)
    const small = (await bulk.load(manyRows(150))).success.split('\n').slice(1, -1).map(keyIn)
    expect(small).not.toEqual([...small].sort())
  })

  test('take from the daily allocation, which limits show and the clock gives back', async () => {
    const left = async () => (await emulator.api('/limits')).body.DailyBulkApiBatches
    expect(await left()).toEqual({ Max: 15_000, Remaining: 15_000 })
    await bulk.load(manyRows(10_001))
    expect(await left()).toEqual({ Max: 15_000, Remaining: 14_998 })
    await emulator.control.advanceClock(24 * 60 * 60 * 1000)
    expect(await left()).toEqual({ Max: 15_000, Remaining: 15_000 })
  })

  test.each([{ daily_batches: 1 }, { daily_records: 10_000 }])(
    'beyond the allocation %o are in no file',
    async (limit) => {
      await emulator.plane('/bulk/salesforce', { method: 'PUT', body: limit })
      const { info, success, failed, unprocessed } = await bulk.load(manyRows(20_000))
      expect(info).toMatchObject({ state: 'Failed', errorMessage: 'ExceededQuota : ApiBatchItems Limit exceeded.' })
      expect(rowsOf(success)).toHaveLength(10_000)
      expect(rowsOf(failed).length + rowsOf(unprocessed).length).toBe(0)
      expect(await accounts()).toHaveLength(10_000)
    },
  )

  test('whose rows are locked: retried, failed by row, or the end of the job', async () => {
    const locked = (outcome: string, times: number) =>
      emulator.plane('/bulk/salesforce', { method: 'PUT', body: { locked: { chunks: [1], outcome, times } } })
    await locked('retry', 3)
    expect((await bulk.load(manyRows(600))).info).toMatchObject({
      state: 'JobComplete',
      retries: 3,
      numberRecordsFailed: 0,
    })
    await locked('rows', 1)
    const rows = await bulk.load(manyRows(600))
    expect(rows.info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 600, numberRecordsFailed: 200 })
    const failed = rowsOf(rows.failed)
    expect(failed[0]).toContain('"UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record')
    expect(failed.map((line) => line.split(',')[2]).sort()[0]).toBe('"K-000200"')
    await locked('job', 1)
    const job = await bulk.load(manyRows(600))
    expect(job.info.state).toBe('Failed')
    expect(job.info.errorMessage).toMatch(/^TooManyLockFailure : /)
    expect(rowsOf(job.success).length + rowsOf(job.unprocessed).length).toBe(600)
    expect(rowsOf(job.unprocessed).map(keyIn)).toContain('K-000200')
  })

  test('may fail half-way: what was written stays, the rest is unprocessed', async () => {
    await emulator.plane('/bulk/salesforce', { method: 'PUT', body: { fail_after_rows: 400 } })
    const { info, success, unprocessed } = await bulk.load(manyRows(1_000))
    expect(info).toMatchObject({ state: 'Failed', numberRecordsProcessed: 400 })
    expect(info.errorMessage).toMatch(/^InternalServerError : /)
    expect(rowsOf(success)).toHaveLength(400)
    expect(rowsOf(unprocessed)).toHaveLength(600)
    expect(await accounts()).toHaveLength(400)
  })

  test('stop when somebody else aborts or fails the job', async () => {
    await emulator.plane('/bulk/salesforce', { method: 'PUT', body: { queue_ms: 60_000 } })
    for (const end of [{ state: 'Aborted' }, { state: 'Failed', error_message: 'InvalidUser : gone' }]) {
      const id = await bulk.upsert()
      await bulk.put(id, manyRows(10))
      await bulk.patch(id, 'UploadComplete')
      expect((await emulator.plane(`/bulk/salesforce/jobs/${id}`, { method: 'PUT', body: end })).status).toBe(200)
      await emulator.control.advanceClock(60_000)
      const { error_message, state } = { error_message: undefined, ...end }
      expect(await bulk.info(id)).toMatchObject({ state, ...(error_message ? { errorMessage: error_message } : {}) })
      expect(rowsOf((await bulk.file(id, 'unprocessedrecords')).text)).toHaveLength(10)
    }
    expect(await accounts()).toEqual([])
  })

  test('leave the server free to answer', async () => {
    const id = await bulk.upsert()
    await bulk.put(id, manyRows(60_000))
    await bulk.patch(id, 'UploadComplete')
    let answers = 0
    for (let state = ''; state !== 'JobComplete'; answers += 1) state = (await bulk.info(id)).state
    // A load that held the event loop would be over by the second answer.
    expect(answers).toBeGreaterThan(10)
  })
})

function manyRows(count: number): string {
  let csv = 'Customer_Id__c,Name\n'
  for (let row = 0; row < count; row += 1) csv += `K-${String(row).padStart(6, '0')},Name ${row}\n`
  return csv
}

function keyIn(line: string): string {
  return /K-\d{6}/.exec(line)?.[0] ?? ''
}
