/** A connected app that the org knows by its public key, with a user of its own. */
import { createSign, generateKeyPairSync } from 'node:crypto'
import type { Org } from './org.ts'

export interface RegisteredApp {
  clientId: string
  username: string
  /** PEM. */
  privateKey: string
}

export async function registerApp({ control }: Org): Promise<RegisteredApp> {
  const clientId = 'client'
  const username = 'jwt@backfeed-emulator.example'
  const { privateKey, publicKey } = newKeys()
  const user = { Username: username, LastName: 'JWT', Alias: 'jwt', Email: username, IsActive: true }
  await control.putRecords('salesforce', 'User', [user])
  await control.putPolicies('salesforce', { auth: { apps: [{ client_id: clientId, public_key: publicKey }] } })
  return { clientId, username, privateKey }
}

/** PEM. */
export function newKeys(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
}

/** A JWT for `url`, good for three minutes. */
export function assertionOf({ clientId, username, privateKey }: RegisteredApp, url: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const exp = Math.floor(Date.now() / 1000) + 180
  const text = `${part({ alg: 'RS256' })}.${part({ iss: clientId, sub: username, aud: url, exp })}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
}
