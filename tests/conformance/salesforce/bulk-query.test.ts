import { beforeEach, describe, expect, test } from 'vitest'
import { useEmulator } from '../../contract/emulator-support.ts'
import { ACCOUNT_FIELDS, bulkClient } from './bulk-support.ts'

const emulator = useEmulator()
const bulk = bulkClient(emulator)
const accounts = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ Name: `N${from + index}`, Customer_Id__c: `C-${from + index}` }))
beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

const create = (query: string, more: object = {}) =>
  emulator.api('/jobs/query', { method: 'POST', body: { operation: 'query', query, ...more } })

async function done(query: string, more: object = {}): Promise<string> {
  const created = await create(query, more)
  expect(created).toMatchObject({ status: 200 })
  const id: string = created.body.id
  await overQuery(id)
  return id
}

async function overQuery(id: string) {
  for (;;) {
    const info = (await emulator.api(`/jobs/query/${id}`)).body
    if (['JobComplete', 'Failed', 'Aborted'].includes(info.state)) return info
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function page(id: string, search = '') {
  const { text, headers, status } = await emulator.api(`/jobs/query/${id}/results${search}`)
  return {
    status,
    text,
    rows: headers.get('sforce-numberofrecords'),
    locator: headers.get('sforce-locator'),
    lines: text.split('\n').filter((line) => line !== ''),
  }
}

describe('a query job', () => {
  test('is closed by its creation and runs by itself', async () => {
    await emulator.control.putRecords('salesforce', 'Account', accounts(3))
    const { body } = await create('select id, name from account')
    expect(body).toMatchObject({
      id: expect.stringMatching(/^750/),
      operation: 'query',
      object: 'Account',
      state: 'UploadComplete',
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: 66,
      lineEnding: 'LF',
      columnDelimiter: 'COMMA',
    })
    expect(await overQuery(body.id)).toMatchObject({ jobType: 'V2Query', numberRecordsProcessed: 3, retries: 0 })
    const { text, rows, locator } = await page(body.id)
    expect(rows).toBe('3')
    expect(locator).toBe('null')
    expect(text.split('\n')[0]).toBe('"Id","Name"')
    expect(text).toMatch(/\n"001\w{15}","N0"\n/)
  })

  test('values: empty for null, quotes doubled, parents, dates with Z', async () => {
    await emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'a "b", c', Customer_Id__c: 'C-1', Active__c: true, LTV__c: 1.5, Seen_At__c: '2026-01-31T10:30:00Z' },
    ])
    const [accountId] = await emulator.control.putRecords('salesforce', 'Account', [{ Customer_Id__c: 'C-1' }])
    await emulator.control.putRecords('salesforce', 'Contact', [
      { LastName: 'x', AccountId: accountId },
      { LastName: 'y' },
    ])
    const id = await done('SELECT Name, Active__c, LTV__c, Seen_At__c, Phone, Renewal__c FROM Account')
    expect((await page(id)).lines[1]).toBe('"a ""b"", c","true","1.5","2026-01-31T10:30:00.000Z","",""')
    const contacts = await done('SELECT LastName, Account.Customer_Id__c FROM Contact', { columnDelimiter: 'PIPE' })
    expect((await page(contacts)).lines).toEqual(['"LastName"|"Account.Customer_Id__c"', '"x"|"C-1"', '"y"|""'])
  })

  test('case 57: pages repeat the header and end with the locator null; the same locator gives the same bytes', async () => {
    await emulator.control.putRecords('salesforce', 'Account', accounts(2_500))
    const id = await done('SELECT Id, Name FROM Account')
    const first = await page(id, '?maxRecords=1000')
    expect(first).toMatchObject({ rows: '1000', locator: 'MTAwMA' })
    const second = await page(id, `?locator=${first.locator}&maxRecords=1000`)
    const third = await page(id, `?locator=${second.locator}&maxRecords=1000`)
    expect(third).toMatchObject({ rows: '500', locator: 'null' })
    for (const one of [first, second, third]) expect(one.lines[0]).toBe('"Id","Name"')
    const all = [first, second, third].flatMap((one) => one.lines.slice(1))
    expect(new Set(all).size).toBe(2_500)
    expect(all).toEqual((await page(id)).lines.slice(1))
    const again = await page(id, `?locator=${first.locator}&maxRecords=1000`)
    expect(again.text).toBe(second.text)
    expect((await page(id, '?locator=nonsense')).status).toBe(400)
    expect((await page(id, '?maxRecords=none')).status).toBe(400)
  })

  test('case 57: stays as it was while records change, come and go', async () => {
    const parents = await emulator.control.putRecords('salesforce', 'Account', accounts(300))
    await emulator.control.putRecords(
      'salesforce',
      'Contact',
      parents.map((id, index) => ({ LastName: `L${index}`, AccountId: id })),
    )
    const id = await done('SELECT LastName, Account.Name FROM Contact')
    const before = await page(id)
    await emulator.control.putRecords('salesforce', 'Account', [{ Id: parents[250], Name: 'changed' }])
    await emulator.api(`/sobjects/Account/${parents[251]}`, { method: 'DELETE' })
    await emulator.control.putRecords('salesforce', 'Contact', [{ LastName: 'new' }])
    expect((await page(id)).text).toBe(before.text)
  })

  test('case 58: maxRecords is honoured; nothing before JobComplete; no other version', async () => {
    await emulator.control.putRecords('salesforce', 'Account', accounts(1_200))
    await emulator.plane('/bulk/salesforce', { method: 'PUT', body: { queue_ms: 60_000 } })
    const id = (await create('SELECT Id FROM Account')).body.id
    expect(await emulator.api(`/jobs/query/${id}/results`)).toMatchObject({
      status: 400,
      body: [{ errorCode: 'INVALIDJOBSTATE' }],
    })
    await emulator.control.advanceClock(60_000)
    await overQuery(id)
    expect((await page(id, '?maxRecords=1000')).lines).toHaveLength(1_001)
    const headers = { authorization: 'Bearer any' }
    expect((await emulator.raw(`/services/data/v65.0/jobs/query/${id}/results`, { headers })).status).toBe(409)
    expect((await emulator.raw(`/services/data/v65.0/jobs/query/${id}`, { headers })).status).toBe(200)
  })

  test('case 58: without maxRecords the page is as long as the server likes', async () => {
    await emulator.control.putRecords('salesforce', 'Account', accounts(10))
    await emulator.plane('/bulk/salesforce', { method: 'PUT', body: { query_page_rows: 4 } })
    const id = await done('SELECT Id FROM Account')
    const pages: number[] = []
    let locator: string | null = ''
    while (locator !== 'null') {
      const one = await page(id, locator === '' ? '' : `?locator=${locator}`)
      pages.push(Number(one.rows))
      locator = one.locator
    }
    expect(pages).toEqual([4, 4, 2])
  })

  test('case 59: resultPages gives up to five addresses at a time', async () => {
    await emulator.control.putRecords('salesforce', 'Account', accounts(70))
    await emulator.plane('/bulk/salesforce', { method: 'PUT', body: { query_page_rows: 10 } })
    const id = await done('SELECT Name FROM Account')
    const headers = { authorization: 'Bearer any' }
    const first = (await emulator.api(`/jobs/query/${id}/resultPages`)).body
    expect(first.resultPages).toHaveLength(5)
    expect(first.done).toBe(false)
    const second = (await emulator.raw(first.nextRecordsUrl, { headers })).body
    expect(second).toEqual({ resultPages: [expect.anything(), expect.anything()], done: true })
    const names = new Set<string>()
    for (const { resultUrl } of [...first.resultPages, ...second.resultPages]) {
      const { text } = await emulator.raw(resultUrl, { headers })
      for (const line of text.split('\n').slice(1, -1)) names.add(line)
    }
    expect(names.size).toBe(70)
    const old = (
      await emulator.raw('/services/data/v57.0/jobs/query', {
        method: 'POST',
        headers,
        body: { operation: 'query', query: 'SELECT Name FROM Account' },
      })
    ).body.id
    await overQuery(old)
    expect((await emulator.raw(`/services/data/v57.0/jobs/query/${old}/resultPages`, { headers })).status).toBe(404)
  })

  test.each([
    'SELECT COUNT() FROM Account',
    'SELECT COUNT(Id) FROM Account',
    'SELECT MAX(LTV__c) FROM Account',
    'SELECT Name FROM Account GROUP BY Name',
    'SELECT Name FROM Account LIMIT 5 OFFSET 5',
    'SELECT TYPEOF Owner WHEN User THEN Name END FROM Account',
    'SELECT BillingAddress FROM Account',
    'SELECT Name, (SELECT LastName FROM Contacts) FROM Account',
    'SELECT Nope FROM Account',
    'SELECT Id FROM Nope',
    'nonsense',
    '',
  ])('case 60: refused: %s', async (query) => {
    const answer = await create(query)
    expect(answer).toMatchObject({ status: 400, body: [{ errorCode: expect.stringMatching(/^[A-Z_]+$/) }] })
    expect((await emulator.api('/jobs/query')).body.records).toEqual([])
  })

  test('queryAll shows deleted records, query does not', async () => {
    const [id] = await emulator.control.putRecords('salesforce', 'Account', accounts(2))
    await emulator.api(`/sobjects/Account/${id}`, { method: 'DELETE' })
    const soql = 'SELECT Name, IsDeleted FROM Account'
    expect((await page(await done(soql))).lines).toEqual(['"Name","IsDeleted"', '"N1","false"'])
    const all = await page(await done(soql, { operation: 'queryAll' }))
    expect(all.lines.sort()).toEqual(['"Name","IsDeleted"', '"N0","true"', '"N1","false"'].sort())
  })

  test('nothing found: the header alone', async () => {
    expect(await page(await done('SELECT Id FROM Account'))).toMatchObject({
      text: '"Id"\n',
      rows: '0',
      locator: 'null',
    })
  })

  test('is aborted, deleted, listed and counted', async () => {
    await emulator.plane('/bulk/salesforce', { method: 'PUT', body: { queue_ms: 60_000, daily_query_jobs: 2 } })
    const id = (await create('SELECT Id FROM Account')).body.id
    const path = `/jobs/query/${id}`
    expect((await emulator.api('/jobs/query')).body.records).toMatchObject([{ id, jobType: 'V2Query' }])
    const patch = (state: string) => emulator.api(path, { method: 'PATCH', body: { state } })
    expect((await patch('UploadComplete')).status).toBe(400)
    expect(await patch('Aborted')).toMatchObject({ status: 200, body: { state: 'Aborted' } })
    expect((await patch('Aborted')).status).toBe(400)
    expect((await emulator.api(`${path}/results`)).status).toBe(400)
    expect((await emulator.api(path, { method: 'DELETE' })).status).toBe(204)
    expect((await emulator.api(path)).status).toBe(404)
    expect((await create('SELECT Id FROM Account')).status).toBe(200)
    expect(await create('SELECT Id FROM Account')).toMatchObject({
      status: 400,
      body: [{ errorCode: 'EXCEEDEDQUOTA' }],
    })
    expect((await emulator.api('/limits')).body.DailyBulkV2QueryJobs).toEqual({ Max: 2, Remaining: 0 })
  })

  test('an ingest job is no query job', async () => {
    const id = await bulk.upsert()
    expect((await emulator.api(`/jobs/query/${id}`)).status).toBe(404)
    const query = (await create('SELECT Id FROM Account')).body.id
    expect((await emulator.api(`/jobs/ingest/${query}`)).status).toBe(404)
  })
})
