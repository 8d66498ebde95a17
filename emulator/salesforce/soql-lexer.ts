import { badRequest } from './api-error.ts'

export type SoqlToken =
  | { kind: 'word'; text: string; at: number }
  | { kind: 'string'; text: string; like: string; at: number }
  | { kind: 'number'; text: string; at: number }
  | { kind: 'date' | 'datetime'; text: string; at: number }
  | { kind: 'symbol'; text: string; at: number }
  | { kind: 'end'; text: string; at: number }

const PATTERNS: readonly [kind: 'datetime' | 'date' | 'number' | 'word' | 'symbol', pattern: RegExp][] = [
  ['datetime', /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})/iy],
  ['date', /\d{4}-\d{2}-\d{2}(?![\dT])/y],
  ['number', /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![A-Za-z_])/iy],
  ['word', /[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*/y],
  ['symbol', /<>|!=|<=|>=|[=<>(),:]/y],
]

export function soqlTokens(text: string): SoqlToken[] {
  const tokens: SoqlToken[] = []
  let at = skipSpace(text, 0)
  while (at < text.length) {
    const token = text[at] === "'" ? stringAt(text, at) : tokenAt(text, at)
    tokens.push(token.token)
    at = skipSpace(text, token.end)
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: text.length })
  return tokens
}

/** The platform's way of pointing at a place in a query. */
export function atPlace(query: string, at: number, message: string): string {
  const before = query.slice(Math.max(0, at - 40), at)
  const line = query.slice(Math.max(0, at - 40), at + 40)
  return `\n${line}\n${' '.repeat(before.length)}^\nERROR at Row:1:Column:${at + 1}\n${message}`
}

export function malformed(query: string, at: number, message: string): Error {
  return badRequest('MALFORMED_QUERY', atPlace(query, at, message))
}

function tokenAt(text: string, at: number): { token: SoqlToken; end: number } {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) return { token: { kind, text: match[0], at }, end: at + match[0].length }
  }
  throw malformed(text, at, `unexpected token: '${text[at]}'`)
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '"': '"',
  "'": "'",
  '\\': '\\',
  _: '_',
  '%': '%',
  N: '\n',
  R: '\r',
  T: '\t',
  B: '\b',
  F: '\f',
}

/** Also keeps the source of a regular expression for LIKE, where an escaped % or _ means itself. */
function stringAt(text: string, start: number): { token: SoqlToken; end: number } {
  let value = ''
  let like = ''
  for (let at = start + 1; at < text.length; ) {
    const char = text[at] ?? ''
    if (char === "'") return { token: { kind: 'string', text: value, like, at: start }, end: at + 1 }
    const plain = char !== '\\'
    const { decoded, length } = plain ? { decoded: char, length: 1 } : escapeAt(text, at)
    value += decoded
    like += plain && char === '%' ? '[^]*' : plain && char === '_' ? '[^]' : literal(decoded)
    at += length
  }
  throw malformed(text, start, 'unterminated string literal')
}

function escapeAt(text: string, at: number): { decoded: string; length: number } {
  const unicode = /^\\[uU]([0-9a-fA-F]{4})/.exec(text.slice(at, at + 6))
  if (unicode) return { decoded: String.fromCharCode(Number.parseInt(unicode[1] ?? '0', 16)), length: 6 }
  const decoded = ESCAPES[text[at + 1] ?? '']
  if (decoded === undefined) throw malformed(text, at, `invalid escape sequence in string literal`)
  return { decoded, length: 2 }
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}

function skipSpace(text: string, at: number): number {
  let next = at
  while (next < text.length && /\s/.test(text[next] ?? '')) next += 1
  return next
}
