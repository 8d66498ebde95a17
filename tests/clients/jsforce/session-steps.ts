import assert from 'node:assert/strict'
import { Connection } from 'jsforce'
import { CONTACTS } from '../org.ts'
import { assertionOf, newKeys, registerApp } from '../registered-app.ts'
import type { Step } from '../step.ts'
import { type JsforceSession, refreshing } from './jsforce-session.ts'

/** Who am I, what is there, what is left: nothing is written. */
export function sessionSteps({ org, connection }: JsforceSession): Step[] {
  return [
    {
      ask: 'login by token: identity()',
      run: async () => {
        const { username, organization_id } = await connection.identity()
        assert.match(organization_id, /^00D\w{15}$/)
        return `${username} of ${organization_id}`
      },
    },
    {
      ask: 'authorize({grant_type: client_credentials})',
      run: async () => {
        const oauth2 = { loginUrl: org.url, clientId: 'client', clientSecret: 'secret' }
        const fresh = new Connection({ loginUrl: org.url, oauth2, version: '66.0' })
        await fresh.authorize({ grant_type: 'client_credentials' })
        assert.equal(fresh.instanceUrl, org.url)
        await fresh.limits()
        return 'a token for this instance, which limits() accepts'
      },
    },
    {
      ask: 'authorize({grant_type: jwt-bearer}) with the registered key, and with another',
      run: async () => {
        const app = await registerApp(org)
        const fresh = new Connection({ loginUrl: org.url, oauth2: { loginUrl: org.url }, version: '66.0' })
        const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
        await fresh.authorize({ grant_type, assertion: assertionOf(app, org.url) })
        const { username } = await fresh.identity()
        const forged = assertionOf({ ...app, privateKey: newKeys().privateKey }, org.url)
        await assert.rejects(fresh.authorize({ grant_type, assertion: forged }), { name: 'invalid_grant' })
        await org.control.clearPolicies('salesforce')
        return `a token of ${username}; invalid_grant`
      },
    },
    {
      ask: 'describe Account, describeGlobal()',
      run: async () => {
        const account = await connection.describe('Account')
        const key = account.fields.find((field) => field.name === 'Customer_Id__c')
        assert.deepEqual([key?.externalId, key?.idLookup, key?.unique, key?.length], [true, true, true, 64])
        const { sobjects } = await connection.describeGlobal()
        assert.ok(sobjects.some((one) => one.name === 'Contact'))
        return `${account.fields.length} fields, the key is external, unique, 64 long; ${sobjects.length} objects`
      },
    },
    {
      ask: 'query in lower case',
      run: async () => {
        const { records } = await connection.query('select id, lastname from contact order by lastname limit 1')
        assert.deepEqual(Object.keys(records[0] ?? {}), ['attributes', 'Id', 'LastName'])
        return 'fields under their canonical names'
      },
    },
    {
      ask: `query and queryMore over ${CONTACTS} rows`,
      run: async () => {
        const sizes: number[] = []
        let page = await connection.query('SELECT Id, LastName FROM Contact')
        sizes.push(page.records.length)
        while (!page.done) {
          page = await connection.queryMore(String(page.nextRecordsUrl))
          sizes.push(page.records.length)
        }
        assert.deepEqual(sizes, [2000, 2000, 500])
        return `pages of ${sizes.join(', ')}`
      },
    },
    {
      ask: 'query for a column and an object that do not exist',
      run: async () => {
        await assert.rejects(async () => connection.query('SELECT Nope__c FROM Account'), {
          errorCode: 'INVALID_FIELD',
        })
        await assert.rejects(async () => connection.query('SELECT Id FROM Nope__c'), { errorCode: 'INVALID_TYPE' })
        return 'INVALID_FIELD, INVALID_TYPE'
      },
    },
    {
      ask: 'limits(), and limitInfo from the header',
      run: async () => {
        const { DailyApiRequests } = await connection.limits()
        const { apiUsage } = connection.limitInfo
        assert.ok(DailyApiRequests && apiUsage)
        assert.equal(DailyApiRequests.Max - DailyApiRequests.Remaining, apiUsage.used)
        return `${apiUsage.used} of ${apiUsage.limit} calls used, the same in both`
      },
    },
    {
      ask: '20 parallel calls with an expired session',
      run: () => refreshOnce({ org, connection }),
    },
  ]
}

async function refreshOnce({ org, connection }: JsforceSession): Promise<string> {
  const token = `${connection.accessToken}.soon.expired`
  let refreshed = 0
  const expiring = refreshing({ org, connection }, { token, onRefresh: () => refreshed++ })
  await expiring.limits()
  await org.control.act('salesforce', 'expire-tokens', { token })
  const calls = Array.from({ length: 20 }, () => expiring.query('SELECT Id FROM Account LIMIT 1'))
  const answers = await Promise.all(calls)
  assert.ok(answers.every(({ done }) => done))
  assert.equal(refreshed, 1)
  return `INVALID_SESSION_ID, one refresh, ${answers.length} answers`
}
