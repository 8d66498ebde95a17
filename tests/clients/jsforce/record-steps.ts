import assert from 'node:assert/strict'
import { storedAccount } from '../org.ts'
import type { Step } from '../step.ts'
import { cell } from './cell.ts'
import type { JsforceSession } from './jsforce-session.ts'

// Assignment rules are on by default in an org; a client that does not think of them triggers them.
const OPTIONS = { headers: { 'Sforce-Auto-Assign': 'FALSE' } }

/** Single rows and collections of up to 200. */
export function recordSteps(session: JsforceSession): Step[] {
  return [...singleSteps(session), ...collectionSteps(session)]
}

function singleSteps({ org, connection }: JsforceSession): Step[] {
  const accounts = connection.sobject('Account')
  let id = ''
  return [
    {
      ask: 'create, retrieve, update one record',
      run: async () => {
        const created = await accounts.create({ Name: 'One', Customer_Id__c: 'J-1' }, OPTIONS)
        id = String(created.id)
        assert.match(id, /^001\w{15}$/)
        await accounts.update({ Id: id, LTV__c: 12.345 }, OPTIONS)
        const { LTV__c } = await accounts.retrieve(id)
        assert.equal(LTV__c, 12.35)
        return '201 with an 18 character id, 204, LTV__c rounded to its scale'
      },
    },
    {
      ask: 'upsert one record by external id, twice',
      run: async () => {
        const first = await accounts.upsert({ Customer_Id__c: 'J-2', Name: 'Two' }, 'Customer_Id__c', OPTIONS)
        const second = await accounts.upsert({ Customer_Id__c: 'J-2', Name: 'Two again' }, 'Customer_Id__c', OPTIONS)
        assert.deepEqual([first.success && first.created, second.success && second.created], [true, false])
        assert.equal(first.id, second.id)
        return 'created, then not created, the same id'
      },
    },
    {
      ask: 'a record without its required field',
      run: async () => {
        await assert.rejects(accounts.create({ Customer_Id__c: 'J-3' }), { errorCode: 'REQUIRED_FIELD_MISSING' })
        assert.equal(await storedAccount(org, 'J-3'), undefined)
        return 'REQUIRED_FIELD_MISSING, nothing stored'
      },
    },
    {
      ask: 'destroy it, query and queryAll',
      run: async () => {
        await accounts.destroy(id)
        await assert.rejects(accounts.retrieve(id))
        const soql = `SELECT Id, IsDeleted FROM Account WHERE Id = '${id}'`
        const live = await connection.query(soql)
        const all = await connection.query(soql, { scanAll: true })
        assert.deepEqual([live.totalSize, all.totalSize, all.records[0]?.IsDeleted], [0, 1, true])
        return 'gone for query, IsDeleted for queryAll'
      },
    },
  ]
}

function collectionSteps({ org, connection }: JsforceSession): Step[] {
  const accounts = connection.sobject('Account')
  const ids: string[] = []
  return [
    {
      ask: 'collections: create 200, 201',
      run: async () => {
        const rows = Array.from({ length: 200 }, (_, index) => ({ Name: `Row ${index}`, Customer_Id__c: `R-${index}` }))
        const results = await accounts.create(rows, OPTIONS)
        ids.push(...results.flatMap((result) => (result.success ? [String(result.id)] : [])))
        assert.equal(ids.length, 200)
        await assert.rejects(accounts.create([...rows, { Name: 'One more' }]), { errorCode: 'EXCEEDED_ID_LIMIT' })
        return '200 ids in order; EXCEEDED_ID_LIMIT'
      },
    },
    {
      ask: 'collections: update with one unknown id',
      run: async () => {
        const known = { Id: String(ids[0]), LTV__c: 5 }
        const results = await accounts.update([known, { Id: '001000000000000AAA', LTV__c: 5 }], OPTIONS)
        assert.deepEqual(
          results.map((result) => result.success),
          [true, false],
        )
        const [problem] = results[1]?.errors ?? []
        return `ok, ${cell(problem, 'statusCode')}`
      },
    },
    {
      ask: 'collections: upsert new, known and bad rows',
      run: async () => {
        const rows = [
          { Customer_Id__c: 'U-1', Name: 'New' },
          { Customer_Id__c: 'R-1', Name: 'Known' },
          { Customer_Id__c: 'U-2', Name: 'Bad', Usage_Segment__c: 'nonsense' },
        ]
        const results = await accounts.upsert(rows, 'Customer_Id__c', OPTIONS)
        assert.deepEqual(
          results.map((one) => (one.success ? one.created : cell(one.errors[0], 'statusCode'))),
          [true, false, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
        )
        assert.equal((await storedAccount(org, 'R-1'))?.Name, 'Known')
        assert.equal(await storedAccount(org, 'U-2'), undefined)
        return 'created, updated, INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, in order'
      },
    },
    {
      ask: 'collections: null clears, an absent key does not',
      run: async () => {
        await accounts.upsert(
          [{ Customer_Id__c: 'U-1', LTV__c: 7, Usage_Segment__c: 'core' }],
          'Customer_Id__c',
          OPTIONS,
        )
        await accounts.upsert([{ Customer_Id__c: 'U-1', LTV__c: null }], 'Customer_Id__c', OPTIONS)
        const stored = await storedAccount(org, 'U-1')
        assert.deepEqual([stored?.LTV__c, stored?.Usage_Segment__c], [null, 'core'])
        return 'LTV__c null, Usage_Segment__c kept'
      },
    },
    {
      ask: 'collections: a reference by external id',
      run: async () => {
        const contact = { LastName: 'Child', Account: { Customer_Id__c: 'U-1' } }
        const orphan = { LastName: 'Orphan', Account: { Customer_Id__c: 'nobody' } }
        const results = await connection.sobject('Contact').create([contact, orphan], OPTIONS)
        assert.deepEqual(
          results.map((one) => one.success || cell(one.errors[0], 'statusCode')),
          [true, 'INVALID_FIELD'],
        )
        const soql = "SELECT Account.Customer_Id__c FROM Contact WHERE LastName = 'Child'"
        const { records } = await connection.query(soql)
        assert.equal(records[0]?.Account?.Customer_Id__c, 'U-1')
        return 'linked; INVALID_FIELD for a parent that is not there'
      },
    },
    {
      ask: 'collections: retrieve and destroy',
      run: async () => {
        const wanted = ids.slice(0, 3)
        const rows = await accounts.retrieve(wanted)
        assert.deepEqual(
          rows.map((row) => row?.Id),
          wanted,
        )
        const gone = await accounts.destroy(ids)
        assert.ok(gone.every((one) => one.success))
        return `3 rows in order; ${gone.length} deleted in one call`
      },
    },
  ]
}
