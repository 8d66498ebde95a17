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
    over: async (id: string) => {
      for (let poll = 0; poll < 2_000; poll += 1) {
        const info = await client.info(id)
        if (['JobComplete', 'Failed', 'Aborted'].includes(info.state)) return info
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      throw new Error(`job ${id} is not over`)
    },
    /** Create, upload, close, wait, download all three files. */
    load: async (csv: string, job: JobRequest = {}) => {
      const id = job.operation === undefined ? await client.upsert(job) : (await client.create(job)).body.id
      expect((await client.put(id, csv)).status).toBe(201)
      expect((await client.patch(id, 'UploadComplete')).body.state).toBe('UploadComplete')
      const info = await client.over(id)
      const [success, failed, unprocessed] = await Promise.all(
        ['successfulResults', 'failedResults', 'unprocessedrecords'].map(
          async (one) => (await client.file(id, one)).text,
        ),
      )
      return { id, info, success: success ?? '', failed: failed ?? '', unprocessed: unprocessed ?? '' }
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
