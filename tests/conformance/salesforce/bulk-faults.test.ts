import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { beforeEach, describe, expect, test } from 'vitest'
import { useEmulator } from '../../contract/emulator-support.ts'
import { ACCOUNT_FIELDS, bulkClient, CSV, rowsOf } from './bulk-support.ts'

const emulator = useEmulator()
const bulk = bulkClient(emulator)
const HTML = '<html><body>Down for maintenance</body></html>'
const html = { 'content-type': 'text/html; charset=UTF-8' }
beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

const records = () => emulator.control.records('salesforce', 'Account')
const ROWS = 'Customer_Id__c,Name\nC-1,One\nC-2,Two\n'

describe('faults', () => {
  test('case 62: 503 in HTML on every kind of call, and nothing is done', async () => {
    const id = await bulk.upsert()
    const path = '/jobs/ingest'
    const calls: [method: string, path: string, body?: unknown][] = [
      ['POST', path, { object: 'Account', operation: 'insert' }],
      ['PUT', `${path}/${id}/batches`, ROWS],
      ['PATCH', `${path}/${id}`, { state: 'UploadComplete' }],
      ['GET', `${path}/${id}`],
      ['DELETE', `${path}/${id}`],
    ]
    await emulator.control.addFault({ match: { path: '/jobs/' }, action: { status: 503, headers: html, body: HTML } })
    for (const [method, where, body] of calls) {
      const answer = await emulator.api(where, { method, body, ...(method === 'PUT' ? { headers: CSV } : {}) })
      expect(answer).toMatchObject({ status: 503, text: HTML })
      expect(answer.headers.get('content-type')).toBe(html['content-type'])
    }
    await emulator.control.clearFaults()
    expect(await bulk.info(id)).toMatchObject({ state: 'Open' })
    expect((await emulator.api(path)).body.records).toHaveLength(1)
    expect((await bulk.put(id, ROWS)).status).toBe(201)
  })

  test('case 62: 200 in HTML where a result file is expected, then the file', async () => {
    const { id, success } = await bulk.load(ROWS)
    const match = { path: '/successfulResults/i', nth: 1 }
    await emulator.control.addFault({ match, action: { status: 200, headers: html, body: HTML } })
    expect(await bulk.file(id, 'successfulResults')).toMatchObject({ status: 200, text: HTML })
    expect((await bulk.file(id, 'successfulResults')).text).toBe(success)
  })

  test('a reset before an upload leaves the job without one, a drop after it keeps it', async () => {
    const id = await bulk.upsert()
    await emulator.control.addFault({ match: { method: 'PUT', nth: 1 }, action: { reset_before: true } })
    await expect(bulk.put(id, ROWS)).rejects.toThrow()
    await emulator.control.addFault({ match: { method: 'PUT', nth: 1 }, action: { drop_after_apply: true } })
    await expect(bulk.put(id, ROWS)).rejects.toThrow()
    expect(await bulk.put(id, ROWS)).toMatchObject({ status: 400, body: [{ errorCode: 'INVALIDJOBSTATE' }] })
    await emulator.control.addFault({ match: { method: 'PATCH', nth: 1 }, action: { drop_after_apply: true } })
    await expect(bulk.patch(id, 'UploadComplete')).rejects.toThrow()
    expect(await bulk.over(id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 2 })
  })

  test('case 64: a long result cut at 60 % breaks off, and trickles if told to', async () => {
    const { id, success } = await bulk.load(longRows(20_000))
    expect(success.length).toBeGreaterThan(1_500_000)
    const match = { path: '/successfulResults/', nth: 1 }
    await emulator.control.addFault({ match, action: { truncate_percent: 60, bytes_per_second: 20_000_000 } })
    await expect(bulk.file(id, 'successfulResults')).rejects.toThrow()
    await emulator.control.addFault({ match, action: { truncate_percent: 60, end_cleanly: true } })
    const cut = await bulk.file(id, 'successfulResults')
    expect(cut.status).toBe(200)
    expect(cut.text).toBe(success.slice(0, Math.floor(success.length * 0.6)))
    expect(rowsOf(cut.text).length).toBeLessThan((await bulk.info(id)).numberRecordsProcessed)
    await emulator.control.addFault({ match, action: { bytes_per_second: 4_000_000 } })
    const startedMs = performance.now()
    expect((await bulk.file(id, 'successfulResults')).text).toBe(success)
    expect(performance.now() - startedMs).toBeGreaterThan(300)
    expect((await bulk.file(id, 'successfulResults')).text).toBe(success)
  })

  test('case 64: who goes away in the middle of a long result does no harm', async () => {
    const { id, success } = await bulk.load(longRows(20_000))
    const path = `/services/data/v66.0/jobs/ingest/${id}/successfulResults`
    await new Promise<void>((resolve, reject) => {
      const sent = request(`${emulator.url}${path}`, { headers: { authorization: 'Bearer any' } }, (answer) => {
        answer.once('data', () => answer.destroy())
        answer.once('close', () => resolve())
        answer.once('error', () => resolve())
      })
      sent.on('error', reject)
      sent.end()
    })
    expect((await bulk.file(id, 'successfulResults')).text).toBe(success)
  })

  test('case 65: too many calls at once, twice, then all is well', async () => {
    const body = [{ message: 'ConcurrentPerOrgLongTxn Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]
    const fault = (nth: number) => ({
      match: { method: 'POST', path: '/services/data', nth },
      action: { status: 403, body },
    })
    await emulator.control.addFault(fault(1))
    await emulator.control.addFault(fault(2))
    const job = { operation: 'insert' }
    for (const status of [403, 403, 200]) expect((await bulk.create(job)).status).toBe(status)
    expect((await emulator.api('/jobs/ingest')).body.records).toHaveLength(1)
  })

  test('another fault that makes no sense is refused', async () => {
    for (const action of [
      { end_cleanly: true },
      { truncate_percent: 100 },
      { truncate_bytes: 1, truncate_percent: 1 },
      { bytes_per_second: 0 },
      { bytes_per_second: 5, reset_before: true },
    ]) {
      const answer = await emulator.plane('/faults', { method: 'POST', body: { match: {}, action } })
      expect(answer.status).toBe(400)
    }
  })
})

describe('the journal', () => {
  test('keeps short uploads, and of long ones their length and hash', async () => {
    const csv = longRows(20_000)
    await bulk.load(ROWS)
    await bulk.load(csv)
    const journal = await emulator.control.journal()
    const uploads = journal.filter((one) => one.method === 'PUT').map((one) => one.body)
    const sha256 = createHash('sha256').update(csv).digest('hex')
    expect(uploads).toEqual([ROWS, { omitted_bytes: Buffer.byteLength(csv), sha256 }])
    const downloads = journal.filter((one) => one.path.endsWith('/successfulResults')).map((one) => one.response)
    expect(downloads).toEqual([expect.stringContaining('"C-1"'), { omitted_bytes: expect.any(Number) }])
  })
})

describe('the control plane', () => {
  test('shows settings and jobs, refuses what it does not know, and forgets on reset', async () => {
    const put = (body: unknown, path = '/bulk/salesforce') => emulator.plane(path, { method: 'PUT', body })
    expect((await put({ queue_ms: 5, locked: { chunks: [0] } })).body).toMatchObject({
      queue_ms: 5,
      batch_ms: 0,
      locked: { chunks: [0], outcome: 'retry', times: 1 },
    })
    expect((await put({ locked: null })).body).not.toHaveProperty('locked')
    for (const body of [{ queue: 1 }, { queue_ms: -1 }, { locked: { chunks: 1 } }, []]) {
      expect((await put(body)).status).toBe(400)
    }
    const id = await bulk.upsert()
    expect((await emulator.plane('/bulk/salesforce/jobs')).body).toMatchObject([{ id, state: 'Open' }])
    expect((await put({ state: 'JobComplete' }, `/bulk/salesforce/jobs/${id}`)).status).toBe(400)
    expect((await put({ state: 'Aborted' }, '/bulk/salesforce/jobs/none')).status).toBe(404)
    expect((await put({ state: 'Aborted' }, `/bulk/salesforce/jobs/${id}`)).body.state).toBe('Aborted')
    expect((await put({ state: 'Aborted' }, `/bulk/salesforce/jobs/${id}`)).status).toBe(409)
    expect((await put({}, '/bulk/hubspot')).status).toBe(404)
    await emulator.control.reset()
    expect((await emulator.plane('/bulk/salesforce')).body.queue_ms).toBe(0)
    expect((await emulator.plane('/bulk/salesforce/jobs')).body).toEqual([])
    expect(await records()).toEqual([])
  })
})

function longRows(count: number): string {
  let csv = 'Customer_Id__c,Name\n'
  for (let row = 0; row < count; row += 1) csv += `K-${row},${`Name ${row} `.padEnd(60, 'x')}\n`
  return csv
}
