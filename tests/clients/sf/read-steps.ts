import assert from 'node:assert/strict'
import { CONTACTS } from '../org.ts'
import type { Step } from '../step.ts'
import type { SfSession } from './sf-session.ts'

const ON = ['--target-org', 'emu']

/** Queries, describes and limits: nothing is written. */
export function readSteps(session: SfSession): Step[] {
  return [...querySteps(session), ...metadataSteps(session)]
}

function querySteps({ sf }: SfSession): Step[] {
  const soql = 'select id, lastname from contact order by lastname limit 2'
  return [
    {
      ask: 'data query, csv',
      run: async () => {
        const { stdout } = await sf(['data', 'query', '--query', soql, '--result-format', 'csv', ...ON])
        assert.match(stdout, /^Id,LastName\n003\w{15},Contact 1\n003\w{15},Contact 10\n$/m)
        return 'Id,LastName and two rows'
      },
    },
    {
      ask: 'data query, human',
      run: async () => {
        const { stdout } = await sf(['data', 'query', '--query', soql, ...ON])
        assert.match(stdout, /ID.+LASTNAME/)
        assert.match(stdout, /Total number of records retrieved: 2\./)
        return 'a table of two rows'
      },
    },
    {
      ask: `data query, json, over ${CONTACTS} rows`,
      run: async () => {
        const { json } = await sf(['data', 'query', '--query', 'SELECT Id FROM Contact', '--json', ...ON])
        assert.deepEqual([json.result.totalSize, json.result.records.length], [CONTACTS, CONTACTS])
        return `${CONTACTS} records from three pages`
      },
    },
    {
      ask: 'data query for a column that does not exist',
      run: async () => {
        const { json } = await sf(['data', 'query', '--query', 'SELECT Nope__c FROM Contact', '--json', ...ON], 1)
        assert.equal(json.name, 'INVALID_FIELD')
        return 'exit code 1, INVALID_FIELD'
      },
    },
  ]
}

function metadataSteps({ sf }: SfSession): Step[] {
  return [
    {
      ask: 'sobject describe',
      run: async () => {
        const { json } = await sf(['sobject', 'describe', '--sobject', 'Account', '--json', ...ON])
        const fields: { name: string; externalId: boolean }[] = json.result.fields
        assert.equal(fields.find((field) => field.name === 'Customer_Id__c')?.externalId, true)
        return `${fields.length} fields`
      },
    },
    {
      ask: 'sobject list',
      run: async () => {
        const { json } = await sf(['sobject', 'list', '--sobject', 'all', '--json', ...ON])
        assert.ok(json.result.includes('Account') && json.result.includes('Contact'))
        return `${json.result.length} objects`
      },
    },
    {
      ask: 'org list limits',
      run: async () => {
        const { json } = await sf(['org', 'list', 'limits', '--json', ...ON])
        const limits: { name: string; max: number; remaining: number }[] = json.result
        const daily = limits.find((one) => one.name === 'DailyApiRequests')
        assert.ok(daily !== undefined && daily.remaining < daily.max)
        return `${limits.length} limits, ${daily.remaining} of ${daily.max} calls left`
      },
    },
    {
      ask: 'api request rest',
      run: async () => {
        const { stdout } = await sf(['api', 'request', 'rest', '/services/data/v66.0/limits', ...ON])
        assert.ok(JSON.parse(stdout).DailyApiRequests.Max > 0)
        return 'the body as sent'
      },
    },
  ]
}
