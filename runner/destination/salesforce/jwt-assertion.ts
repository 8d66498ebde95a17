import { createPrivateKey, createSign, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BackfeedError } from '../../errors.ts'
import { optionalSetting } from '../connection-setting.ts'
import type { DestinationOptions } from '../destination-options.ts'

/** Salesforce refuses assertions that live longer than three minutes; the rest is left for clocks that differ. */
const LIFETIME_SECONDS = 150

export interface AssertionClaims {
  clientId: string
  username: string
  audience: string
  nowMs: number
}

/** An RS256 assertion of the JWT bearer flow. Source: Salesforce Help, "OAuth 2.0 JWT Bearer Flow". */
export function jwtAssertion(key: KeyObject, claims: AssertionClaims): string {
  const exp = Math.floor(claims.nowMs / 1000) + LIFETIME_SECONDS
  const payload = { iss: claims.clientId, sub: claims.username, aud: claims.audience, exp }
  const signed = `${encoded({ alg: 'RS256', typ: 'JWT' })}.${encoded(payload)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

/** The private key of a connection, from the setting or its file. Throws E-CFG-KEY, which never quotes the text. */
export function privateKeyOf(options: DestinationOptions): KeyObject {
  const { text, setting } = keyText(options)
  const wrong = (what: string, help: string): BackfeedError =>
    new BackfeedError({ code: 'E-CFG-KEY', message: `connection ${options.connection}: ${setting} ${what}`, help })
  if (/-----BEGIN (?:CERTIFICATE|(?:RSA )?PUBLIC KEY)-----/.test(text)) {
    throw wrong(
      'is the certificate or public key',
      'Salesforce has that one already; give the private key it belongs to',
    )
  }
  if (/ENCRYPTED/.test(text)) {
    throw wrong('is protected by a passphrase', 'write it out without: openssl pkey -in server.key -out plain.key')
  }
  const key = parsedKey(text)
  if (key === undefined)
    throw wrong(
      'is not a private key in PEM form',
      'it starts with -----BEGIN PRIVATE KEY----- and keeps its line ends',
    )
  if (key.asymmetricKeyType === 'rsa') return key
  throw wrong(
    `is a key of type ${key.asymmetricKeyType}`,
    'Salesforce takes RSA keys: openssl req -x509 -newkey rsa:2048 …',
  )
}

function keyText(options: DestinationOptions): { text: string; setting: string } {
  const given = optionalSetting(options, 'private_key')
  // Environment variables of CI systems hold one line; its line ends are written as two characters.
  if (given !== undefined) return { text: given.replaceAll('\\n', '\n'), setting: 'private_key' }
  const file = optionalSetting(options, 'private_key_file')
  try {
    if (file !== undefined) return { text: readFileSync(file, 'utf8'), setting: 'private_key_file' }
  } catch (error) {
    throw new BackfeedError(
      {
        code: 'E-CFG-KEY',
        message: `connection ${options.connection}: private_key_file cannot be read (${systemCode(error)})`,
        help: 'the path counts from the project folder; the user that runs Backfeed must be able to read the file',
      },
      { cause: error },
    )
  }
  throw new BackfeedError({
    code: 'E-CFG-MISSING',
    message: `connection ${options.connection} needs private_key or private_key_file for auth jwt_bearer`,
    help: 'add one of them under connections in project.yml, the key itself by env_var()',
  })
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
}

function parsedKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text)
  } catch {
    // OpenSSL's messages may quote the text.
    return undefined
  }
}
