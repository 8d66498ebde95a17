import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Step } from '../step.ts'
import type { SfSession } from './sf-session.ts'

const CLIENT_ID = 'client'
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

/** The org knows the app and its public key, so that signatures are verified. */
export function jwtSteps({ org, sf, write }: SfSession): Step[] {
  const username = 'jwt@backfeed-emulator.example'
  const login = (keyFile: string, exit: number) => {
    const who = ['--username', username, '--jwt-key-file', keyFile, '--client-id', CLIENT_ID]
    return sf(['org', 'login', 'jwt', ...who, '--instance-url', org.url, '--alias', 'emujwt', '--json'], exit)
  }
  return [
    {
      ask: 'org login jwt with a key that is not the registered one',
      run: async () => {
        const registered = generateKeyPairSync('rsa', { modulusLength: 2048 })
        const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
        write('key.pem', privatePem(registered.privateKey))
        write('other.pem', privatePem(other.privateKey))
        const public_key = String(registered.publicKey.export({ type: 'spki', format: 'pem' }))
        await org.control.putRecords('salesforce', 'User', [{ Username: username, LastName: 'JWT', IsActive: true }])
        await org.control.putPolicies('salesforce', { auth: { apps: [{ client_id: CLIENT_ID, public_key }] } })
        const { json } = await login('other.pem', 1)
        assert.match(String(json.message), /invalid assertion/)
        return `exit code 1: ${json.message}`
      },
    },
    {
      ask: 'org login jwt',
      run: async () => {
        const { json } = await login('key.pem', 0)
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

function privatePem(key: KeyObject): string {
  return String(key.export({ type: 'pkcs8', format: 'pem' }))
}
