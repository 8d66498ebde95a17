/** The digest that names a plan file in the warehouse, and with BACKFEED_AUDIT_KEY a signature over the same text. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export type PlanDocument = Readonly<Record<string, unknown>>

export interface Sealed {
  document: PlanDocument & { digest: string; hmac?: string }
  digest: string
}

export function sealPlan(document: PlanDocument, auditKey: string): Sealed {
  // What JSON cannot hold (undefined, infinity) must not count either.
  const plain = JSON.parse(JSON.stringify(document)) as PlanDocument
  const digest = digestOf(plain)
  const hmac = auditKey === '' ? {} : { hmac: signatureOf(plain, auditKey) }
  return { digest, document: { ...plain, digest, ...hmac } }
}

/** Of everything but the seal itself. Spacing and the order of keys do not count: they change nothing that is applied. */
export function digestOf({ digest: _, hmac: __, ...content }: PlanDocument): string {
  return createHash('sha256').update(canonical(content)).digest('hex')
}

export function isSignedWith({ digest: _, hmac, ...content }: PlanDocument, auditKey: string): boolean {
  const wanted = Buffer.from(signatureOf(content, auditKey))
  const given = Buffer.from(typeof hmac === 'string' ? hmac : '')
  return wanted.length === given.length && timingSafeEqual(wanted, given)
}

function signatureOf(content: PlanDocument, auditKey: string): string {
  return createHmac('sha256', auditKey).update(canonical(content)).digest('hex')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`
}
