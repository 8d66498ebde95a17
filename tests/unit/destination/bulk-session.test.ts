/** What the emulator does not do by itself: an expired token in the middle of an upload, further pages of results. */
import type { IncomingMessage } from 'node:http'
import { createServer, type ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import type { BulkLoader, BulkReader, BulkResult } from '../../../runner/destination/bulk.ts'
import type { CrmRecord } from '../../../runner/destination/destination.ts'
import { NEVER, openForTest, realTarget } from '../../support/open-for-test.ts'
import { json, type StubRequest, type StubServer, stubServer } from '../../support/stub-server.ts'
import { change, inPages, UPSERT } from './bulk-support.ts'

const JOB = '750000000000001AAA'
const INGEST = '/services/data/v66.0/jobs/ingest'
const EXPIRED = [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]
const ID = '001000000000001AAA'

let close: () => Promise<void> = async () => {}
afterEach(() => close())

async function bulkAt(url: string): Promise<BulkLoader & BulkReader> {
  const target = realTarget('client_credentials', { login_url: url, client_id: 'id', client_secret: 'shh' })
  const { bulk } = await openForTest({ type: 'salesforce', target })
  if (bulk === undefined) throw new TypeError('no bulk')
  return bulk
}

const loadOf = (bulk: BulkLoader, rows: number) => {
  const changes = Array.from({ length: rows }, (_, i) =>
    change(`${i}`, `"Customer_Id__c":"C-${i}","Name":"${'x'.repeat(90)}"`),
  )
  return bulk.prepare(UPSERT, inPages(changes, 1_000), NEVER)
}

describe('a token that expires while the file is on its way', () => {
  interface Upload {
    token: string
    bytes: number
    length: string
  }

  /** Refuses the first token: before it has read the body, or in the middle of it. */
  async function org(refuse: 'at once' | 'half way'): Promise<{ url: string; uploads: Upload[] }> {
    const uploads: Upload[] = []
    let tokens = 0
    const server = createServer(async (incoming, out) => {
      const url = `http://${incoming.headers.host}`
      if (incoming.url === '/services/oauth2/token') {
        incoming.resume()
        tokens += 1
        return json(out, 200, { access_token: `token-${tokens}`, instance_url: url, token_type: 'Bearer' })
      }
      const upload = await received(incoming, out, refuse)
      if (upload.bytes >= 0) uploads.push(upload)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    close = async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    const address = server.address()
    return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, uploads }
  }

  async function received(incoming: IncomingMessage, out: ServerResponse, refuse: string): Promise<Upload> {
    const token = incoming.headers.authorization?.replace('Bearer ', '') ?? ''
    const expired = token === 'token-1'
    if (expired && refuse === 'at once') json(out, 401, EXPIRED)
    let bytes = 0
    for await (const chunk of incoming) {
      bytes += chunk.length
      if (expired && refuse === 'half way' && bytes > 500_000 && !out.headersSent) json(out, 401, EXPIRED)
    }
    if (!expired) out.writeHead(201).end()
    return { token, bytes, length: String(incoming.headers['content-length']) }
  }

  test.each(['at once', 'half way'] as const)('refused %s: one renewal, the whole file once more', async (when) => {
    const { url, uploads } = await org(when)
    const bulk = await bulkAt(url)
    const load = await loadOf(bulk, 20_000)
    await bulk.upload(JOB, load, NEVER)
    const accepted = uploads.filter(({ token }) => token === 'token-2')
    expect(accepted).toEqual([{ token: 'token-2', bytes: load.bytes, length: String(load.bytes) }])
    await load.discard()
  })

  test('a file that is gone is an error, not an empty upload', async () => {
    const { url, uploads } = await org('at once')
    const bulk = await bulkAt(url)
    const load = await loadOf(bulk, 10)
    await load.discard()
    await expect(bulk.upload(JOB, load, NEVER)).rejects.toMatchObject({ code: 'E-CRM-UNREACHABLE' })
    expect(uploads.filter(({ bytes }) => bytes > 0)).toEqual([])
  })
})

describe('pages', () => {
  let server: StubServer
  async function org(answer: (request: StubRequest, out: ServerResponse) => void): Promise<BulkLoader & BulkReader> {
    server = await stubServer((request, out) => {
      if (request.path === '/services/oauth2/token') {
        return json(out, 200, { access_token: 'token', instance_url: server.url, token_type: 'Bearer' })
      }
      answer(request, out)
    })
    close = () => server.close()
    return bulkAt(server.url)
  }

  const csv = (out: ServerResponse, text: string, headers: Record<string, string> = {}): void => {
    out.writeHead(200, { 'content-type': 'text/csv', ...headers }).end(text)
  }

  const HEADER = '"sf__Id","sf__Created",Customer_Id__c,Name\n'
  const line = (key: string): string => `"${ID}","true","${key}","x"\n`
  const complete = { phase: 'complete', processed: 3, failed: 0 } as const

  async function results(bulk: BulkLoader): Promise<BulkResult[]> {
    const all: BulkResult[] = []
    for await (const page of bulk.results({ id: JOB, request: UPSERT, state: complete }, NEVER)) all.push(...page)
    return all
  }

  test('of results are followed, each with its own header', async () => {
    const bulk = await org(({ path }, out) => {
      if (path === `${INGEST}/${JOB}/successfulResults`)
        return csv(out, HEADER + line('C-1') + line('C-2'), { 'sforce-locator': 'a/b' })
      if (path === `${INGEST}/${JOB}/successfulResults?locator=a%2Fb`)
        return csv(out, HEADER + line('C-3'), { 'sforce-locator': 'null' })
      csv(out, path.endsWith('failedResults') ? '"sf__Id","sf__Error",Customer_Id__c,Name\n' : 'Customer_Id__c,Name\n')
    })
    expect((await results(bulk)).map(({ key }) => key)).toEqual(['C-1', 'C-2', 'C-3'])
  })

  test('that come round again end in an error', async () => {
    const bulk = await org((_, out) => csv(out, HEADER + line('C-1'), { 'sforce-locator': 'again' }))
    await expect(results(bulk)).rejects.toMatchObject({ code: 'E-CRM-ANSWER' })
  })

  const FIELDS = [
    { name: 'Id', type: 'id' },
    { name: 'Customer_Id__c', type: 'string', externalId: true },
    { name: 'Name', type: 'string' },
    { name: 'LTV__c', type: 'currency', precision: 18, scale: 2 },
    { name: 'Seen_At__c', type: 'datetime' },
    { name: 'Active__c', type: 'boolean' },
  ]
  const QUERY = '/services/data/v66.0/jobs/query'
  interface Query {
    info?: object
    pages?: readonly { text: string; headers: Record<string, string> }[]
  }
  const TITLES = '"Id","Customer_Id__c","Name","LTV__c","Seen_At__c","Active__c"\n'
  const PAGES: NonNullable<Query['pages']> = [
    {
      text: `${TITLES}"${ID}","C-1","a, ""b""","1.250E3","2026-01-02T03:04:05.000+0000","true"\n`,
      headers: { 'sforce-locator': '1', 'sforce-numberofrecords': '1' },
    },
    {
      text: `${TITLES}"${ID}","C-2","","","","false"\n`,
      headers: { 'sforce-locator': 'null', 'sforce-numberofrecords': '1' },
    },
  ]

  async function readAll({ info = {}, pages = PAGES }: Query): Promise<CrmRecord[]> {
    const bulk = await org(({ method, path }, out) => {
      if (path.endsWith('/describe')) return json(out, 200, { fields: FIELDS })
      if (method === 'POST') return json(out, 200, { id: JOB, state: 'UploadComplete' })
      if (path === `${QUERY}/${JOB}`)
        return json(out, 200, { state: 'JobComplete', numberRecordsProcessed: 2, ...info })
      const page = pages[path.includes('locator=') ? 1 : 0]
      csv(out, page?.text ?? '', page?.headers)
    })
    const records: CrmRecord[] = []
    const fields = ['Name', 'LTV__c', 'Seen_At__c', 'Active__c', 'Nowhere__c', 'name']
    const request = { object: 'Account', matchField: 'Customer_Id__c', fields }
    for await (const page of bulk.readAll(request, NEVER)) records.push(...page)
    return records
  }

  test('of a whole object: every record once, in canonical text, headers are no records', async () => {
    expect(await readAll({})).toEqual([
      {
        recordId: ID,
        fields: {
          Customer_Id__c: 'C-1',
          Name: 'a, "b"',
          name: 'a, "b"',
          LTV__c: '1250',
          Seen_At__c: '2026-01-02T03:04:05.000Z',
          Active__c: 'true',
        },
      },
      {
        recordId: ID,
        fields: { Customer_Id__c: 'C-2', Name: null, name: null, LTV__c: null, Seen_At__c: null, Active__c: 'false' },
      },
    ])
    const asked = server.requests.find(({ method, path }) => method === 'POST' && path === QUERY)
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      operation: 'query',
      query: 'SELECT Id, name, LTV__c, Seen_At__c, Active__c, Customer_Id__c FROM Account WHERE Customer_Id__c != null',
    })
  })

  test('with fewer records than they announce', async () => {
    const [first, second] = PAGES
    const pages = [
      { text: first?.text ?? '', headers: { ...first?.headers, 'sforce-numberofrecords': '2' } },
      ...(second ? [second] : []),
    ]
    await expect(readAll({ pages })).rejects.toMatchObject({ code: 'E-CRM-ANSWER' })
  })

  test('that end before the job said', async () => {
    await expect(readAll({ info: { numberRecordsProcessed: 3 } })).rejects.toMatchObject({ code: 'E-CRM-ANSWER' })
  })

  test('of a job that failed', async () => {
    const info = { state: 'Failed', errorMessage: 'InvalidBatch : no' }
    await expect(readAll({ info })).rejects.toMatchObject({
      code: 'E-CRM-REFUSED',
      message: expect.stringContaining('InvalidBatch'),
    })
  })
})
