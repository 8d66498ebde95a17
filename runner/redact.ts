/**
 * The last thing between a text and a sink: registered secrets are replaced, whatever encoding they travel in.
 * Values shorter than four characters cannot be told apart from ordinary text and are not registered.
 */
import { Buffer } from 'node:buffer'

const MARK = '[redacted]'
const SHORTEST = 4
/** Lines of a multi-line secret (a private key) are registered one by one from this length on. */
const SHORTEST_LINE = 16

export interface Redactor {
  /** Registers a value and its URL, base64 and JSON-escaped forms. */
  register(value: string): void
  text(text: string): string
}

export function createRedactor(): Redactor {
  const known = new Set<string>()
  let pattern: RegExp | undefined
  return {
    register(value) {
      if (value.trim().length < SHORTEST) return
      for (const form of encodings(value)) known.add(form)
      pattern = undefined
    },
    text(text) {
      if (known.size === 0) return text
      // Longest first: a secret that contains another must not leave its tail behind.
      pattern ??= new RegExp(
        [...known]
          .sort((a, b) => b.length - a.length)
          .map(escapeForRegExp)
          .join('|'),
        'g',
      )
      return text.replace(pattern, MARK)
    },
  }
}

/** Names of environment variables whose values are registered before anything is loaded. */
export function registerEnvironment(redactor: Redactor, env: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && /SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE_KEY|API_KEY|CREDENTIAL/.test(name))
      if (value.length >= 6 && !/_FILE$|_PATH$/.test(name)) redactor.register(value)
}

function encodings(value: string): string[] {
  const trimmed = value.trim()
  const lines = trimmed.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE)
  const forms = [value, trimmed, ...(lines.length > 1 ? lines : [])].flatMap((text) => [
    text,
    encodeURIComponent(text),
    encodeURIComponent(text).replaceAll('%20', '+'),
    JSON.stringify(text).slice(1, -1),
    JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
    Buffer.from(text).toString('hex'),
    ...base64Forms(text),
  ])
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST)
}

/** Base64 of a text inside a longer one (`user:password`) depends on where it starts: all three alignments count. */
function base64Forms(text: string): string[] {
  const forms = [Buffer.from(text).toString('base64').replace(/=+$/, '')]
  for (const offset of [0, 1, 2]) {
    const length = offset + Buffer.byteLength(text)
    const encoded = Buffer.from('\0'.repeat(offset) + text).toString('base64')
    // Characters that also hold bits of the neighbours are cut off on both sides.
    const inner = encoded.slice(Math.ceil((offset * 4) / 3), Math.floor((length * 4) / 3))
    if (inner.length >= 8) forms.push(inner)
  }
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')])
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/**
 * Control characters, ANSI sequences and bidirectional marks as visible escapes, so that data can neither forge a log
 * line nor reorder what a person reads. Newlines are data too: callers join lines themselves.
 */
export function escapeData(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const named = NAMED[character]
    if (named !== undefined) return named
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}

/** The same for text that is several lines of our own making: line ends stay, everything else is escaped. */
export function escapeLines(text: string): string {
  return text.split('\n').map(escapeData).join('\n')
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
// C0, DEL and C1; soft hyphen, zero-width and bidirectional controls, byte order mark; line and paragraph separators.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
