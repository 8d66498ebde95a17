/**
 * Faults of jsforce 3.10 that a true org brings out. Each step passes when the fault shows: an emulator that hid one
 * would let a runner pass that loses rows in production.
 */
import assert from 'node:assert/strict'
import type { Connection } from 'jsforce'
import { CONTACTS, changeBulk, storedAccount } from '../org.ts'
import type { Step } from '../step.ts'
import { type JsforceSession, refreshing } from './jsforce-session.ts'
import { pagedQueryFault } from './paged-query-fault.ts'

const HANGS_MS = 3_000
const UNAVAILABLE = { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>Service Unavailable</html>' }
const UPLOAD = { method: 'PUT', path: '/\\/jobs\\/ingest\\/\\w+\\/batches/', nth: 1 }
const CLOSE = { method: 'PATCH', path: '/\\/jobs\\/ingest\\/\\w+/', nth: 1 }
const RESULTS = { method: 'GET', path: '/\\/successfulResults/', nth: 1 }

export function faultSteps(session: JsforceSession): Step[] {
  return [...lossSteps(session), ...shapeSteps(session), ...singleUpsertSteps(session)]
}

/** Rows that are lost, or jobs that are deleted, while an answer looks like success or a mere delay. */
function lossSteps({ org, connection }: JsforceSession): Step[] {
  const upsert = (key: string, { by = connection, ...options }: { by?: Connection; pollTimeout?: number } = {}) =>
    by.bulk2.loadAndWaitForResults({
      object: 'Account',
      operation: 'upsert',
      externalIdFieldName: 'Customer_Id__c',
      input: [{ Customer_Id__c: key, Name: 'Lost' }],
      ...options,
    })
  return [
    {
      ask: 'fault: one 503 on the upload',
      run: async () => {
        await org.control.addFault({ match: UPLOAD, action: UNAVAILABLE })
        const results = await upsert('F-1').finally(() => org.control.clearFaults())
        const lengths = [results.successfulResults, results.failedResults, results.unprocessedRecords].map(
          (x) => x.length,
        )
        assert.deepEqual(lengths, [0, 0, 0])
        assert.equal(await storedAccount(org, 'F-1'), undefined)
        return 'resolves with three empty arrays, the row is lost'
      },
    },
    {
      ask: 'fault: one 503 on closing the job',
      run: async () => {
        await org.control.clearJournal()
        await org.control.addFault({ match: CLOSE, action: UNAVAILABLE })
        await assert.rejects(upsert('F-2'), { errorCode: 'ERROR_HTTP_503' }).finally(() => org.control.clearFaults())
        await deletedJob(org)
        return 'ERROR_HTTP_503, and jsforce deletes the job'
      },
    },
    {
      ask: 'fault: the session ends before the upload, and can be refreshed',
      run: async () => {
        const ended = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]
        await org.control.addFault({ match: UPLOAD, action: { status: 401, body: ended } })
        const by = refreshing({ org, connection })
        const outcome = upsert('F-0', { by }).then(String, String)
        const waited = new Promise<string>((resolve) => setTimeout(resolve, HANGS_MS, 'no answer'))
        assert.equal(await Promise.race([outcome, waited]), 'no answer')
        await org.control.clearFaults()
        return `no answer within ${HANGS_MS / 1000} s, neither rows nor an error`
      },
    },
    {
      ask: 'fault: polling ends before the job does',
      run: async () => {
        await org.control.clearJournal()
        await changeBulk(org, { queue_ms: 60_000 })
        try {
          await assert.rejects(upsert('F-3', { pollTimeout: 300 }), { name: 'JobPollingTimeout' })
          await deletedJob(org)
        } finally {
          await changeBulk(org, { queue_ms: 0 })
        }
        return 'JobPollingTimeout, and jsforce deletes the job'
      },
    },
    {
      ask: 'fault: html with status 200 where results are expected',
      run: async () => {
        const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Please wait</html>' }
        await org.control.addFault({ match: RESULTS, action: page })
        const { successfulResults } = await upsert('F-4').finally(() => org.control.clearFaults())
        assert.equal(successfulResults.length, 0)
        assert.equal((await storedAccount(org, 'F-4'))?.Name, 'Lost')
        return 'read as zero rows, though the row was written'
      },
    },
  ]
}

async function deletedJob({ control }: JsforceSession['org']): Promise<void> {
  const untilMs = Date.now() + 5_000
  while (Date.now() < untilMs) {
    const journal = await control.journal()
    if (journal.some(({ method, path }) => method === 'DELETE' && path.includes('/jobs/ingest/'))) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('jsforce did not delete the job')
}

/** Columns and rows that were never there, or are left out. */
function shapeSteps({ org, connection }: JsforceSession): Step[] {
  const insert = (input: Record<string, unknown>[], object = 'Account') =>
    connection.bulk2.loadAndWaitForResults({ object, operation: 'insert', input })
  return [
    {
      ask: `fault: bulk2.query over several pages of ${CONTACTS} rows`,
      run: () => pagedQueryFault(connection, CONTACTS),
    },
    {
      ask: 'fault: rows with different keys',
      run: async () => {
        const { successfulResults } = await insert([
          { Name: 'First', Customer_Id__c: 'F-5' },
          { Name: 'Second', Customer_Id__c: 'F-6', LTV__c: 6 },
        ])
        assert.equal(successfulResults.length, 2)
        assert.equal((await storedAccount(org, 'F-6'))?.LTV__c, null)
        return 'columns come from the first row: LTV__c of the second is dropped'
      },
    },
    {
      ask: 'fault: a reference by external id',
      run: async () => {
        const row = { LastName: 'Child', Account: { Customer_Id__c: 'F-5' } }
        await assert.rejects(insert([row], 'Contact'), /InvalidBatch : Field name not found : Account/)
        return 'a bogus column Account beside Account.Customer_Id__c fails the job'
      },
    },
    {
      ask: 'fault: unprocessed rows with a pipe in a value',
      run: async () => {
        await changeBulk(org, { fail_after_rows: 0 })
        try {
          const job = connection.bulk2.createJob({ object: 'Account', operation: 'insert' })
          await job.open()
          await job.uploadData('Name,Customer_Id__c\nA|B,F-9\n')
          await job.close()
          await assert.rejects(job.poll(), /failed to complete/)
          assert.equal(typeof (await job.getUnprocessedRecords()), 'string')
        } finally {
          await changeBulk(org, { fail_after_rows: null })
        }
        return 'all six delimiters count at once: a text comes back instead of rows'
      },
    },
    {
      ask: `fault: autoFetch over more than 10,000 rows`,
      run: async () => {
        const rows = Array.from({ length: 10_500 - CONTACTS }, (_, index) => ({ LastName: `More ${index}` }))
        await org.control.putRecords('salesforce', 'Contact', rows)
        const result = await connection.query('SELECT Id FROM Contact', { autoFetch: true })
        assert.deepEqual([result.records.length, result.done], [10_000, false])
        return '10,000 records, done: false, no error'
      },
    },
  ]
}

/** The key of a single-row upsert travels in the path, and jsforce does not encode it. */
function singleUpsertSteps({ org, connection }: JsforceSession): Step[] {
  const accounts = connection.sobject('Account')
  return [
    {
      ask: "fault: upsert of one record with the key 'F-7#x'",
      run: async () => {
        await accounts.create({ Name: 'Untouched', Customer_Id__c: 'F-7' })
        await accounts.upsert({ Customer_Id__c: 'F-7#x', Name: 'Overwritten' }, 'Customer_Id__c')
        assert.equal((await storedAccount(org, 'F-7'))?.Name, 'Overwritten')
        assert.equal(await storedAccount(org, 'F-7#x'), undefined)
        return "record 'F-7' is overwritten"
      },
    },
    {
      ask: "fault: upsert of one record with the key 'a/b?c'",
      run: async () => {
        await assert.rejects(accounts.upsert({ Customer_Id__c: 'a/b?c', Name: 'Nowhere' }, 'Customer_Id__c'), {
          errorCode: 'NOT_FOUND',
        })
        return 'NOT_FOUND'
      },
    },
    {
      ask: 'fault: upsert of a collection with one blank key',
      run: async () => {
        const rows = [
          { Customer_Id__c: 'F-8', Name: 'Good' },
          { Customer_Id__c: '', Name: 'Blank' },
        ]
        await assert.rejects(accounts.upsert(rows, 'Customer_Id__c'))
        assert.equal(await storedAccount(org, 'F-8'), undefined)
        return 'throws for the whole array, the good row is not sent'
      },
    },
  ]
}
