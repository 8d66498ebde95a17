/** What a row sent, so that a message about it can be cleaned: names may stay, values may not. */
export interface SentCells {
  names: ReadonlySet<string>
  values: readonly string[]
}

export const NOTHING_SENT: SentCells = { names: new Set(), values: [] }

const MAX_LENGTH = 300
const SHORTEST_ENCODED = 4
const MARK = '…'

/** Places where the vendors put a value into a sentence without quotes. */
const UNQUOTED_VALUES: readonly RegExp[] = [
  /(external id specified: ).+()$/gi,
  /(picklist field: ).+()$/gi,
  /(invalid email address: ).+()$/gi,
  /(data value too large: ).+?( \(max|$)/gi,
  /(foreign key external id: ).+?( not found|$)/gi,
  /(email address ).+?( is invalid|$)/gi,
  /()\S+( was not (?:a valid|one of))/gi,
  /(value: ).+()$/gi,
  /(duplicate ids found in batch input: )\[.*?(?:\]|$)()/gi,
]

/**
 * A vendor's message without row values: what was sent, quoted text that is not a field name, e-mail addresses, long
 * numbers. Vendors quote the offending value back at us, and reasons are stored and printed.
 */
export function redactMessage(message: string, sent: SentCells = NOTHING_SENT): string {
  let text = message.replace(/\s+/g, ' ').trim()
  for (const value of longestFirst(sent.values.flatMap(spellings))) text = withoutValue(text, value)
  // Quotes first: an unquoted pattern could take one of a pair.
  text = text.replace(/(["'`])((?:(?!\1).)*)\1/g, (whole, quote: string, inner: string) =>
    sent.names.has(inner) ? whole : `${quote}${MARK}${quote}`,
  )
  for (const pattern of UNQUOTED_VALUES) text = text.replace(pattern, `$1${MARK}$2`)
  text = text.replace(/[\w.+'-]+@[\w-]+(\.[\w-]+)+/g, MARK).replace(/\d[\d.,-]{3,}\d/g, MARK)
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}${MARK}` : text
}

/** As a CRM repeats a value: plain, or as it stood in the JSON, the address or the header that carried it. */
function spellings(value: string): string[] {
  // Escaped forms of a short word would eat parts of other words.
  if (value.length < SHORTEST_ENCODED) return [value]
  const escaped = JSON.stringify(value).slice(1, -1)
  const url = encodeURIComponent(Buffer.from(value).toString('utf8'))
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '')
  const webSafe = base64.replaceAll('+', '-').replaceAll('/', '_')
  return [value, escaped, JSON.stringify(escaped).slice(1, -1), url, url.replaceAll('%20', '+'), base64, webSafe]
}

function longestFirst(values: readonly string[]): readonly string[] {
  return [...new Set(values)].filter((value) => value !== '').sort((a, b) => b.length - a.length)
}

/** Case is ignored because CRMs fold e-mails and keys before they quote them; word edges keep `1` from eating `10`. */
function withoutValue(text: string, value: string): string {
  const escaped = value.replace(/\s+/g, ' ').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const before = /^\w/.test(value) ? '(?<!\\w)' : ''
  const after = /\w$/.test(value) ? '(?!\\w)' : ''
  return text.replace(new RegExp(`${before}${escaped}${after}`, 'gi'), MARK)
}

/** Names and values of a body fragment; only called once something failed. A fragment that does not parse gives nothing. */
export function sentCells(fragments: readonly string[]): SentCells {
  const names = new Set<string>()
  const values: string[] = []
  for (const fragment of fragments) {
    try {
      collect(JSON.parse(fragment), { names, values })
    } catch {
      // The CRM will have said so too; the patterns above still apply to its message.
    }
  }
  return { names, values }
}

function collect(value: unknown, into: { names: Set<string>; values: string[] }): void {
  if (typeof value === 'string' || typeof value === 'number') into.values.push(String(value))
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (!Array.isArray(value)) into.names.add(name)
      collect(inner, into)
    }
  }
}
