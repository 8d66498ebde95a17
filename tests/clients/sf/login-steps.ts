import assert from 'node:assert/strict'
import { registerApp } from '../registered-app.ts'
import type { Step } from '../step.ts'
import type { SfSession } from './sf-session.ts'

const THREE_HOURS_MS = 3 * 60 * 60 * 1000

export function tokenSteps({ org, sf }: SfSession): Step[] {
  return [
    {
      ask: 'org login access-token',
      run: async () => {
        const to = ['--instance-url', org.url, '--no-prompt', '--alias', 'emu', '--json']
        const { json } = await sf(['org', 'login', 'access-token', ...to])
        assert.match(json.result.orgId, /^00D\w{15}$/)
        return `${json.result.username}, ${json.result.name}, sandbox ${json.result.isSandbox}`
      },
    },
  ]
}

/**
 * The org knows the app and its public key, so that the signature is verified. A login that this org refuses is tried
 * at login.salesforce.com too: sf does that by itself, so there is no step with a wrong key.
 */
export function jwtSteps({ org, sf, write }: SfSession): Step[] {
  return [
    {
      ask: 'org login jwt',
      run: async () => {
        const { username, clientId, privateKey } = await registerApp(org)
        write('key.pem', privateKey)
        const who = ['--username', username, '--jwt-key-file', 'key.pem', '--client-id', clientId]
        const { json } = await sf([
          'org',
          'login',
          'jwt',
          ...who,
          '--instance-url',
          org.url,
          '--alias',
          'emujwt',
          '--json',
        ])
        assert.equal(json.result.username, username)
        return `${json.result.username} of ${json.result.orgId}`
      },
    },
    {
      ask: 'a query when the session of the jwt login has expired',
      run: async () => {
        await org.control.advanceClock(THREE_HOURS_MS)
        await org.control.clearJournal()
        const { json } = await sf([
          'data',
          'query',
          '--query',
          'SELECT Id FROM Contact LIMIT 1',
          '-o',
          'emujwt',
          '--json',
        ])
        assert.equal(json.result.totalSize, 1)
        const journal = await org.control.journal()
        const seen = journal.map(({ path, status }) => `${status} ${path}`)
        assert.ok(seen.some((line) => line.startsWith('401')) && seen.includes('200 /services/oauth2/token'))
        return '401, a new assertion, the query again: 1 record'
      },
    },
  ]
}
