import assert from 'node:assert/strict'
import { storedAccount } from '../org.ts'
import type { Step } from '../step.ts'
import type { SfSession } from './sf-session.ts'

const ACCOUNT = ['--sobject', 'Account', '--json']
const ON = ['--target-org', 'emu']
const BY_KEY = ['--where', "Customer_Id__c='C 9'"]

/** One record at a time, found by a condition; and a tree of them. */
export function recordSteps({ org, sf, write }: SfSession): Step[] {
  return [
    {
      ask: 'data create record',
      run: async () => {
        const values = ['--values', "Name='A name' Customer_Id__c='C 9'"]
        const { json } = await sf(['data', 'create', 'record', ...values, ...ACCOUNT, ...ON])
        assert.match(json.result.id, /^001\w{15}$/)
        return json.result.id
      },
    },
    {
      ask: 'data get record --where',
      run: async () => {
        const { json } = await sf(['data', 'get', 'record', ...BY_KEY, ...ACCOUNT, ...ON])
        assert.equal(json.result.Name, 'A name')
        return `the record, ${Object.keys(json.result).length - 1} fields`
      },
    },
    {
      ask: 'data update record --where, with a number and a boolean as text',
      run: async () => {
        const values = ['--values', 'LTV__c=12.5 Active__c=true']
        await sf(['data', 'update', 'record', ...BY_KEY, ...values, ...ACCOUNT, ...ON])
        const stored = await storedAccount(org, 'C 9')
        assert.deepEqual([stored?.LTV__c, stored?.Active__c], [12.5, true])
        return '12.5 and true are stored'
      },
    },
    {
      ask: 'data update record with a value that is not in the picklist',
      run: async () => {
        const values = ['--values', 'Usage_Segment__c=nonsense']
        const { json } = await sf(['data', 'update', 'record', ...BY_KEY, ...values, ...ACCOUNT, ...ON], 1)
        assert.equal(json.name, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST')
        return `exit code 1, ${json.name}`
      },
    },
    {
      ask: 'data delete record --where',
      run: async () => {
        await sf(['data', 'delete', 'record', ...BY_KEY, ...ACCOUNT, ...ON])
        assert.equal(await storedAccount(org, 'C 9'), undefined)
        return 'gone from the org'
      },
    },
    {
      ask: 'data import tree',
      run: async () => {
        const records = ['T-1', 'T-2'].map((key) => ({
          attributes: { type: 'Account', referenceId: key },
          Name: `Tree ${key}`,
          Customer_Id__c: key,
        }))
        write('tree.json', JSON.stringify({ records }))
        const { json } = await sf(['data', 'import', 'tree', '--files', 'tree.json', '--json', ...ON])
        const refs: { refId: string; type: string }[] = json.result
        assert.deepEqual(
          refs.map(({ refId, type }) => [refId, type]),
          [
            ['T-1', 'Account'],
            ['T-2', 'Account'],
          ],
        )
        assert.equal((await storedAccount(org, 'T-2'))?.Name, 'Tree T-2')
        return 'two references with their ids'
      },
    },
  ]
}
