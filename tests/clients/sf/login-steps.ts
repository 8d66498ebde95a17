import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import type { Step } from '../step.ts'
import type { SfSession } from './sf-session.ts'

export function loginSteps({ org, sf, write }: SfSession): Step[] {
  const at = ['--instance-url', org.url, '--json']
  return [
    {
      ask: 'org login access-token',
      run: async () => {
        const { json } = await sf(['org', 'login', 'access-token', '--no-prompt', '--alias', 'emu', ...at])
        assert.match(json.result.orgId, /^00D\w{15}$/)
        return `${json.result.username}, ${json.result.name}, sandbox ${json.result.isSandbox}`
      },
    },
    {
      ask: 'org login jwt',
      run: async () => {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
        write('key.pem', String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
        const who = ['--username', 'emu@example.com', '--jwt-key-file', 'key.pem', '--client-id', 'client']
        const { json } = await sf(['org', 'login', 'jwt', ...who, '--alias', 'emujwt', ...at])
        return `${json.result.username} of ${json.result.orgId}`
      },
    },
  ]
}
