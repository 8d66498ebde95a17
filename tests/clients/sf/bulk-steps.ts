import assert from 'node:assert/strict'
import { CONTACTS, storedAccount } from '../org.ts'
import type { Step } from '../step.ts'
import type { SfSession } from './sf-session.ts'

const ON = ['--target-org', 'emu', '--json']
const ACCOUNT = ['--sobject', 'Account', '--wait', '1']
const BY_KEY = ['--external-id', 'Customer_Id__c']

/** Bulk API 2.0 with jsforce's engine inside, as the vendor ships it. */
export function bulkSteps(session: SfSession): Step[] {
  return [...upsertSteps(session), ...exportSteps(session), ...otherIngestSteps(session)]
}

function upsertSteps({ org, sf, write, read }: SfSession): Step[] {
  let jobId = ''
  return [
    {
      ask: 'data upsert bulk, all rows good',
      run: async () => {
        write('good.csv', 'Customer_Id__c,Name,LTV__c\nK-1,"One, quoted",1.5\nK-2,Two,#N/A\n')
        const { json } = await sf(['data', 'upsert', 'bulk', '--file', 'good.csv', ...BY_KEY, ...ACCOUNT, ...ON])
        const { jobInfo, records } = json.result
        assert.deepEqual([jobInfo.numberRecordsProcessed, jobInfo.numberRecordsFailed], [2, 0])
        assert.deepEqual([records.successfulResults.length, records.failedResults.length], [2, 0])
        const stored = await storedAccount(org, 'K-1')
        assert.deepEqual([stored?.Name, stored?.LTV__c], ['One, quoted', 1.5])
        return 'exit code 0, 2 processed, 0 failed'
      },
    },
    {
      ask: 'data upsert bulk, one bad row',
      run: async () => {
        write('bad.csv', 'Customer_Id__c,Name,Usage_Segment__c\nK-1,One,core\nK-3,Three,nonsense\nK-4,Four,light\n')
        const command = ['data', 'upsert', 'bulk', '--file', 'bad.csv', ...BY_KEY, ...ACCOUNT, ...ON]
        const { json } = await sf(command, 1)
        jobId = String(/750\w{15}/.exec(JSON.stringify(json))?.[0])
        assert.match(String(json.message), /failed/i)
        return `exit code 1: ${json.message}`
      },
    },
    {
      ask: 'data bulk results',
      run: async () => {
        const { json } = await sf(['data', 'bulk', 'results', '--job-id', jobId, ...ON])
        assert.deepEqual([json.result.processedRecords, json.result.failedRecords], [3, 1])
        const good = read(json.result.successFilePath).trimEnd().split('\n')
        const bad = read(json.result.failedFilePath).trimEnd().split('\n')
        assert.equal(good[0], '"sf__Id","sf__Created",Customer_Id__c,Name,Usage_Segment__c')
        assert.deepEqual([good.length, bad.length], [3, 2])
        assert.match(String(bad[1]), /INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:.+:Usage_Segment__c --","K-3"/)
        return '2 rows in success-records.csv, 1 in failed-records.csv'
      },
    },
    {
      ask: 'data upsert bulk without waiting, then data upsert resume',
      run: async () => {
        const start = ['data', 'upsert', 'bulk', '--file', 'good.csv', ...BY_KEY, '--sobject', 'Account', ...ON]
        const { json } = await sf(start)
        const resumed = await sf(['data', 'upsert', 'resume', '--use-most-recent', '--wait', '1', '--json'])
        const { jobInfo } = resumed.json.result
        assert.equal(jobInfo.id, json.result.jobInfo.id)
        assert.deepEqual([jobInfo.state, jobInfo.numberRecordsProcessed], ['JobComplete', 2])
        return `job ${jobInfo.id} found again: ${jobInfo.state}, 2 processed`
      },
    },
    {
      ask: 'data upsert bulk with a column that does not exist',
      run: async () => {
        write('column.csv', 'Customer_Id__c,Nope__c\nK-1,x\n')
        const { json } = await sf(['data', 'upsert', 'bulk', '--file', 'column.csv', ...BY_KEY, ...ACCOUNT, ...ON], 1)
        assert.match(String(json.message), /Field name not found : Nope__c/)
        return `exit code 1: ${json.message}`
      },
    },
  ]
}

function exportSteps({ sf, read }: SfSession): Step[] {
  return [
    {
      ask: `data export bulk, csv, over several pages of ${CONTACTS} rows`,
      run: async () => {
        const where = ['--output-file', 'contacts.csv', '--result-format', 'csv', '--wait', '1']
        const { json } = await sf([
          'data',
          'export',
          'bulk',
          '--query',
          'SELECT Id, LastName FROM Contact',
          ...where,
          ...ON,
        ])
        const lines = read('contacts.csv').trimEnd().split('\n')
        assert.equal(lines.length, CONTACTS + 1)
        assert.equal(lines.filter((line) => /^"?Id"?,"?LastName"?$/.test(line)).length, 1)
        return `${json.result.totalSize} records, one header row`
      },
    },
    {
      ask: 'data export bulk, json',
      run: async () => {
        const where = ['--output-file', 'accounts.json', '--result-format', 'json', '--wait', '1']
        await sf(['data', 'export', 'bulk', '--query', 'SELECT Id, Customer_Id__c FROM Account', ...where, ...ON])
        const rows: unknown[] = JSON.parse(read('accounts.json'))
        assert.ok(rows.length >= 3)
        return `${rows.length} records`
      },
    },
  ]
}

function otherIngestSteps({ org, sf, write }: SfSession): Step[] {
  const ids = async (): Promise<string[]> => {
    const rows = await org.control.records('salesforce', 'Account')
    return rows.filter((row) => String(row.Customer_Id__c).startsWith('I-')).map((row) => String(row.Id))
  }
  return [
    {
      ask: 'data import bulk, CRLF and semicolons',
      run: async () => {
        write('insert.csv', 'Customer_Id__c;Name\r\nI-1;"One; two"\r\nI-2;Two\r\n')
        const format = ['--line-ending', 'CRLF', '--column-delimiter', 'SEMICOLON']
        const { json } = await sf(['data', 'import', 'bulk', '--file', 'insert.csv', ...format, ...ACCOUNT, ...ON])
        assert.deepEqual([json.result.processedRecords, json.result.failedRecords], [2, 0])
        assert.equal((await storedAccount(org, 'I-1'))?.Name, 'One; two')
        return '2 processed, 0 failed'
      },
    },
    {
      ask: 'data update bulk: a value, an empty cell, #N/A',
      run: async () => {
        const [first, second] = await ids()
        write('update.csv', `Id,Name,LTV__c\n${first},Changed,7\n${second},,#N/A\n`)
        const { json } = await sf(['data', 'update', 'bulk', '--file', 'update.csv', ...ACCOUNT, ...ON])
        assert.equal(json.result.successfulRecords, 2)
        const [one, two] = [await storedAccount(org, 'I-1'), await storedAccount(org, 'I-2')]
        assert.deepEqual([one?.Name, one?.LTV__c, two?.Name, two?.LTV__c], ['Changed', 7, 'Two', null])
        return 'changed, left alone, cleared'
      },
    },
    {
      ask: 'data delete bulk',
      run: async () => {
        write('delete.csv', `Id\n${(await ids()).join('\n')}\n`)
        await sf(['data', 'delete', 'bulk', '--file', 'delete.csv', ...ACCOUNT, ...ON])
        assert.deepEqual(await ids(), [])
        return 'both are gone from the org'
      },
    },
  ]
}
