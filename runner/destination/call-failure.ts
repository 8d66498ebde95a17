/**
 * A call that brought no whole answer. The only question is whether the CRM may have acted on it:
 * `not_applied` needs proof that no byte of the request reached it, everything else is `unknown`.
 */
export class CallFailure extends Error {
  readonly certainty: 'not_applied' | 'unknown'
  readonly code: string

  constructor(code: string, certainty: 'not_applied' | 'unknown', cause?: unknown) {
    super(`no answer: ${code}`, cause === undefined ? {} : { cause })
    this.name = 'CallFailure'
    this.code = code
    this.certainty = certainty
  }
}

/**
 * Failures of name lookup, connect and TLS handshake. A reset is not here: once connected, the request bytes left with
 * the first packet, so a reset before and after the CRM applied them look the same from this side.
 */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
])

const CAUSE_DEPTH = 5

export function toCallFailure(error: unknown): CallFailure {
  if (error instanceof CallFailure) return error
  const code = errorCode(error) ?? 'NO_ANSWER'
  return new CallFailure(code, NEVER_CONNECTED.has(code) ? 'not_applied' : 'unknown', error)
}

/** The first system code along the chain of causes; fetch hides it one level down. */
function errorCode(error: unknown): string | undefined {
  let current: unknown = error
  for (let depth = 0; depth < CAUSE_DEPTH && current instanceof Error; depth += 1) {
    if ('code' in current && typeof current.code === 'string') return current.code
    current = current.cause
  }
  return undefined
}
