import { request } from 'node:http'
import { expect } from 'vitest'
import { ACCOUNT_FIELDS, type Answer, type Call, type TestEmulator } from '../../contract/emulator-support.ts'

export { ACCOUNT_FIELDS }

export const CSV = { 'content-type': 'text/csv' }

export interface JobRequest {
  object?: string
  operation?: string
  externalIdFieldName?: string
  lineEnding?: string
  columnDelimiter?: string
  contentType?: string
  assignmentRuleId?: string
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by tests
export type Info = any

export interface Files {
  success: string
  failed: string
  unprocessed: string
}

/** One path of the client side of Bulk API 2.0, over raw HTTP. */
export function bulkClient(emulator: TestEmulator) {
  const api = (path: string, call?: Call): Promise<Answer> => emulator.api(path, call)
  const client = {
    create: (job: JobRequest) => api('/jobs/ingest', { method: 'POST', body: { object: 'Account', ...job } }),
    upsert: async (job: JobRequest = {}): Promise<string> => {
      const created = await client.create({ operation: 'upsert', externalIdFieldName: 'Customer_Id__c', ...job })
      expect(created.status).toBe(200)
      return created.body.id
    },
    put: (id: string, csv: string) => api(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: csv, headers: CSV }),
    patch: (id: string, state: string) => api(`/jobs/ingest/${id}`, { method: 'PATCH', body: { state } }),
    info: async (id: string) => (await api(`/jobs/ingest/${id}`)).body,
    file: (id: string, file: string) => api(`/jobs/ingest/${id}/${file}`),
    /** Polls until the job is over. */
    over: (id: string) => client.poll(id, (info) => ['JobComplete', 'Failed', 'Aborted'].includes(info.state)),
    until: (id: string, state: string, also: (info: Info) => boolean = () => true) =>
      client.poll(id, (info) => info.state === state && also(info)),
    poll: async (id: string, enough: (info: Info) => boolean): Promise<Info> => {
      for (let poll = 0; poll < 4_000; poll += 1) {
        const info = await client.info(id)
        if (enough(info)) return info
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      throw new Error(`job ${id} never got there`)
    },
    files: async (id: string): Promise<Files> => {
      const [success = '', failed = '', unprocessed = ''] = await Promise.all(
        ['successfulResults', 'failedResults', 'unprocessedrecords'].map(
          async (one) => (await client.file(id, one)).text,
        ),
      )
      return { success, failed, unprocessed }
    },
    /** Create, upload, close, wait, download all three files. */
    load: async (csv: string, job: JobRequest = {}) => {
      const id = job.operation === undefined ? await client.upsert(job) : (await client.create(job)).body.id
      expect((await client.put(id, csv)).status).toBe(201)
      expect((await client.patch(id, 'UploadComplete')).body.state).toBe('UploadComplete')
      const info = await client.over(id)
      return { id, info, ...(await client.files(id)) }
    },
    multipart: (job: JobRequest, content: string | undefined) => {
      const part = (name: string, type: string, text: string): string =>
        `--XX\r\nContent-Type: ${type}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`
      const csv = content === undefined ? '' : part('content', 'text/csv', content)
      return api('/jobs/ingest', {
        method: 'POST',
        body: `${part('job', 'application/json', JSON.stringify(job))}${csv}--XX--\r\n`,
        headers: { 'content-type': 'multipart/form-data; boundary=XX' },
      })
    },
  }
  return client
}

/** The lines below the header, in sorted order: files promise none. */
export function rowsOf(csv: string): string[] {
  return csv
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .sort()
}

export function headerOf(csv: string): string {
  return csv.split('\n', 1)[0] ?? ''
}

/** A PUT without a length, in as many pieces. */
export function chunkedPut(url: string, pieces: readonly string[]): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { ...CSV, authorization: 'Bearer any', 'transfer-encoding': 'chunked' }
    const sent = request(url, { method: 'PUT', headers }, (answer) => {
      const received: Buffer[] = []
      answer.on('data', (chunk: Buffer) => received.push(chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(received).toString() }))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    for (const piece of pieces) sent.write(piece)
    sent.end()
  })
}
