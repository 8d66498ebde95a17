import assert from 'node:assert/strict'
import { CONTACTS, storedAccount } from '../org.ts'
import type { Step } from '../step.ts'
import { cell } from './cell.ts'
import type { JsforceSession } from './jsforce-session.ts'

const ROWS = 25

// Any 400 of the jobs API will do; a path that is not there will not.
const refusal = (error: unknown): boolean => !/NOT_FOUND/.test(String(error))

/** Bulk API 2.0 by jsforce's own hands, where they do it right. */
export function bulkSteps(session: JsforceSession): Step[] {
  return [...ingestSteps(session), ...jobSteps(session), ...queryJobSteps(session)]
}

function ingestSteps({ org, connection }: JsforceSession): Step[] {
  const ids: string[] = []
  const load = (operation: 'insert' | 'update' | 'delete', input: Record<string, unknown>[]) =>
    connection.bulk2.loadAndWaitForResults({ object: 'Account', operation, input })
  return [
    {
      ask: `bulk2 insert of ${ROWS} rows`,
      run: async () => {
        const rows = Array.from({ length: ROWS }, (_, index) => ({
          Name: `Bulk ${index}`,
          Customer_Id__c: `B-${index}`,
        }))
        const { successfulResults, failedResults, unprocessedRecords } = await load('insert', rows)
        assert.deepEqual([successfulResults.length, failedResults.length, unprocessedRecords.length], [ROWS, 0, 0])
        assert.ok(successfulResults.every((row) => row.sf__Created === 'true' && row.sf__Id.length === 18))
        ids.push(...successfulResults.map((row) => row.sf__Id))
        return `${ROWS} successful, all sf__Created`
      },
    },
    {
      ask: 'bulk2 update: a value, an empty cell, null as #N/A',
      run: async () => {
        const [id] = ids
        await connection.sobject('Account').update({ Id: String(id), LTV__c: 9, Usage_Segment__c: 'core' })
        const { successfulResults } = await load('update', [
          { Id: id, Name: 'Changed', LTV__c: undefined, Usage_Segment__c: null },
        ])
        assert.equal(successfulResults[0]?.sf__Created, 'false')
        const seen = await connection.sobject('Account').retrieve(String(id))
        assert.deepEqual([seen.Name, seen.LTV__c, seen.Usage_Segment__c], ['Changed', 9, null])
        return 'changed, left alone, cleared'
      },
    },
    {
      ask: 'bulk2 upsert with a new, a known and a bad row',
      run: async () => {
        const input = [
          { Customer_Id__c: 'B-new', Name: 'New', Usage_Segment__c: 'core' },
          { Customer_Id__c: 'B-1', Name: 'Known', Usage_Segment__c: 'light' },
          { Customer_Id__c: 'B-bad', Name: 'Bad', Usage_Segment__c: 'nonsense' },
        ]
        const options = {
          object: 'Account',
          operation: 'upsert',
          externalIdFieldName: 'Customer_Id__c',
          input,
        } as const
        const results = await connection.bulk2.loadAndWaitForResults(options)
        const created = results.successfulResults
          .map((row) => `${cell(row, 'Customer_Id__c')} ${row.sf__Created}`)
          .sort()
        assert.deepEqual(created, ['B-1 false', 'B-new true'])
        const [failed] = results.failedResults
        assert.match(String(failed?.sf__Error), /^INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:.+:Usage_Segment__c --$/)
        return `${created.join(', ')}; ${cell(failed, 'Customer_Id__c')} ${String(failed?.sf__Error).split(':')[0]}`
      },
    },
    {
      ask: `bulk2 delete of ${ROWS} rows`,
      run: async () => {
        const { successfulResults } = await load(
          'delete',
          ids.map((Id) => ({ Id })),
        )
        assert.equal(successfulResults.length, ROWS)
        assert.equal(await storedAccount(org, 'B-0'), undefined)
        return `${ROWS} successful, gone from the org`
      },
    },
  ]
}

function jobSteps({ connection }: JsforceSession): Step[] {
  return [
    {
      ask: 'bulk2 job by hand: open, uploadData, close, check, poll, getAllResults, delete',
      run: async () => {
        const job = connection.bulk2.createJob({ object: 'Account', operation: 'insert', lineEnding: 'LF' })
        const opened = await job.open()
        assert.deepEqual([opened.state, opened.contentUrl?.startsWith('services/')], ['Open', true])
        await job.uploadData('Name,Customer_Id__c\nBy hand,H-1\n')
        await job.close()
        await job.poll()
        const info = await job.check()
        assert.deepEqual([info.state, info.numberRecordsProcessed, info.numberRecordsFailed], ['JobComplete', 1, 0])
        assert.match(await job.getSuccessfulResults(true), /^"sf__Id","sf__Created",/)
        await job.delete()
        await assert.rejects(job.check(), { errorCode: 'NOT_FOUND' })
        return 'Open, contentUrl without a slash, JobComplete 1/0, NOT_FOUND after delete'
      },
    },
    {
      ask: 'bulk2 job by hand: abort',
      run: async () => {
        const job = connection.bulk2.createJob({ object: 'Account', operation: 'insert' })
        await job.open()
        await job.abort()
        assert.equal((await job.check()).state, 'Aborted')
        await assert.rejects(job.close(), { errorCode: /INVALIDJOBSTATE/i })
        return 'Aborted; closing it then is INVALIDJOBSTATE'
      },
    },
    {
      ask: 'bulk2 insert with a column that does not exist',
      run: async () => {
        const input = 'Name,Nope__c\nA,1\n'
        const load = connection.bulk2.loadAndWaitForResults({ object: 'Account', operation: 'insert', input })
        await assert.rejects(load, /InvalidBatch : Field name not found : Nope__c/)
        return 'the job fails: InvalidBatch : Field name not found : Nope__c'
      },
    },
  ]
}

function queryJobSteps({ connection }: JsforceSession): Step[] {
  return [
    {
      ask: 'bulk2.query in one page',
      run: async () => {
        const stream = await connection.bulk2.query('SELECT Id, LastName FROM Contact ORDER BY LastName LIMIT 100')
        const records = await stream.toArray()
        assert.equal(records.length, 100)
        assert.deepEqual(Object.keys(records[0] ?? {}), ['Id', 'LastName'])
        return `100 of ${CONTACTS} contacts`
      },
    },
    {
      ask: 'bulk2.query with an aggregate',
      run: async () => {
        await assert.rejects(connection.bulk2.query('SELECT COUNT(Id) FROM Contact GROUP BY LastName'), refusal)
        return 'refused'
      },
    },
  ]
}
