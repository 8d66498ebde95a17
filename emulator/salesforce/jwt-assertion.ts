import { createPublicKey, type KeyObject, verify } from 'node:crypto'

/** Claims of an assertion that can be read at all. */
export interface Assertion {
  algorithm: string
  issuer: string
  subject: string
  audience: string
  /** Epoch milliseconds. */
  expiresAtMs: number
  signed: Buffer
  signature: Buffer
}

// Official clients send milliseconds here, the standard says seconds; no date of this age counts 10^11 seconds.
const SECONDS_BELOW = 100_000_000_000

/** undefined where the text is no JWT with a JSON header and payload. */
export function readAssertion(text: string): Assertion | undefined {
  const [header = '', payload = '', signature = '', ...more] = text.split('.')
  const head = jsonOf(header)
  const claims = jsonOf(payload)
  if (head === undefined || claims === undefined || more.length > 0) return undefined
  const exp = Number(claims.exp)
  const audience = Array.isArray(claims.aud) ? claims.aud[0] : claims.aud
  return {
    algorithm: String(head.alg),
    issuer: String(claims.iss ?? ''),
    subject: String(claims.sub ?? claims.prn ?? ''),
    audience: String(audience ?? ''),
    expiresAtMs: exp < SECONDS_BELOW ? exp * 1000 : exp,
    signed: Buffer.from(`${header}.${payload}`),
    signature: Buffer.from(signature, 'base64url'),
  }
}

/** `pem`: a certificate or a public key. */
export function isSignedBy(assertion: Assertion, pem: string): boolean {
  const key = publicKeyOf(pem)
  if (key === undefined || assertion.algorithm !== 'RS256') return false
  return verify('RSA-SHA256', assertion.signed, key, assertion.signature)
}

/** The org's own address or one of the log-in hosts, with or without a slash at the end. */
export function isOwnAudience(audience: string, base: string): boolean {
  const hosts = [base, 'https://login.salesforce.com', 'https://test.salesforce.com']
  return hosts.includes(audience.replace(/\/$/, ''))
}

function publicKeyOf(pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem)
  } catch {
    return undefined
  }
}

function jsonOf(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
