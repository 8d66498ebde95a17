/** Token shapes. Secrets come from the environment; one found in a file is refused, and never shown. */

/** Each entry: what people call it, and its shape. Shapes are long or prefixed enough not to match names and ids. */
const SHAPES: readonly (readonly [string, RegExp])[] = [
  ['Salesforce session id', /\b00D[A-Za-z0-9]{9,15}![A-Za-z0-9._]{10,}/],
  ['Salesforce consumer key', /\b3MVG9[A-Za-z0-9._]{40,}/],
  ['Salesforce refresh token', /\b5Aep[A-Za-z0-9._]{40,}/],
  ['HubSpot private app token', /\bpat-(?:na|eu|ap)\d-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/i],
  ['JSON web token', /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/],
  ['API secret key', /\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{10,}/],
  ['API secret key', /\bsk-[A-Za-z0-9_-]{20,}/],
  ['AWS access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})/],
  ['Slack token', /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/],
  ['Slack webhook', /\bhooks\.slack\.com\/services\/[A-Z0-9]+\/[A-Z0-9]+\/[A-Za-z0-9]+/],
  ['Google API key', /\bAIza[A-Za-z0-9_-]{35}/],
  ['Databricks token', /\bdapi[0-9a-f]{32}\b/],
  ['private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/],
  ['password in a URL', /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@{}]+:[^\s/@{}]+@/i],
]

/** What a text looks like, or undefined. */
export function secretKind(text: string): string | undefined {
  return SHAPES.find(([, shape]) => shape.test(text))?.[0]
}

/** Replaces everything that looks like a token by dots of the same width, for quoting a source line. */
export function maskSecrets(line: string): string {
  return SHAPES.reduce(
    (masked, [, shape]) => masked.replace(new RegExp(shape.source, `${shape.flags}g`), (hit) => '•'.repeat(hit.length)),
    line,
  )
}

const SECRET_KEYS = /(?:^|_)(?:password|token|secret|private_key|passphrase|client_secret|access_token|refresh_token)$/

/** Keys whose value is wrapped wherever it comes from. */
export function isSecretKey(key: string): boolean {
  return SECRET_KEYS.test(key)
}
