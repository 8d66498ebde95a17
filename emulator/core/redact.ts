/** Keeps credentials out of the journal: it is read by tests, shown in demos and pasted into tickets. */

const SECRET_HEADER = /authorization|cookie|token|secret|api-?key|session|signature/i
const SECRET_NAME = /token|secret|assertion|password|api_?key|hapikey|signature|^code$|^sid$/i
// Names that match the pattern but carry no credential, and that tests want to see.
const PUBLIC_NAME = new Set(['token_type', 'token_endpoint', 'requested_token_type'])
const HIDDEN = '[redacted]'

export function publicHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !SECRET_HEADER.test(name)))
}

/** Path with query string, as received, with the values of credential-like parameters replaced. */
export function publicPath(path: string): string {
  const cut = path.indexOf('?')
  if (cut < 0) return isTokenPath(path) ? hideLastSegment(path) : path
  const pairs = path.slice(cut + 1).split('&')
  const shown = pairs.map((pair) => {
    const name = pair.split('=', 1)[0] ?? ''
    return isSecretName(name) ? `${name}=${HIDDEN}` : pair
  })
  return `${path.slice(0, cut)}?${shown.join('&')}`
}

export function isOauthPath(path: string): boolean {
  return /\/oauth2?(\/|$)/.test(path)
}

/** Bodies of the OAuth endpoints: form fields and JSON members that are credentials are replaced. */
export function publicOauthBody(text: string): unknown {
  const parsed = parseJson(text)
  if (parsed !== undefined) return hideMembers(parsed)
  if (!text.includes('=')) return text === '' ? '' : HIDDEN
  const form = new URLSearchParams(text)
  return Object.fromEntries([...form].map(([name, value]) => [name, isSecretName(name) ? HIDDEN : value]))
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function hideMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideMembers)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, isSecretName(name) ? HIDDEN : hideMembers(member)]),
  )
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !PUBLIC_NAME.has(name.toLowerCase())
}

// HubSpot looks tokens up by path: /oauth/v1/access-tokens/<token>.
function isTokenPath(path: string): boolean {
  return /\/oauth\/v\d+\/(access|refresh)-tokens\/[^/]+$/.test(path)
}

function hideLastSegment(path: string): string {
  return `${path.slice(0, path.lastIndexOf('/') + 1)}${HIDDEN}`
}
