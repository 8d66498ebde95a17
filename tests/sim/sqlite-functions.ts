/** What the dialect overlay sqlite.sql calls: hashes, patterns and moments, the last by the world's own clock. */
import { createHash } from 'node:crypto'
import type { Database, SqlValue } from 'sql.js'

/** Any number of arguments; sql.js takes the arity from the length, where -1 is SQLite's word for "any". */
function variadic(work: (...cells: SqlValue[]) => SqlValue): (...cells: SqlValue[]) => SqlValue {
  return Object.defineProperty((...cells: SqlValue[]) => work(...cells), 'length', { value: -1 })
}

function digest(name: 'md5' | 'sha256'): (text: SqlValue) => SqlValue {
  const known = new Map<string, string>()
  return (text) => {
    if (text === null) return null
    const key = String(text)
    const found = known.get(key)
    if (found !== undefined) return found
    const made = createHash(name).update(key).digest('hex')
    if (known.size > 20_000) known.clear()
    known.set(key, made)
    return made
  }
}

const md5 = digest('md5')

/** 52 bits as decimal text: what JavaScript holds exactly. Length and null mark keep NULL, '' and 'a|b' apart. */
function hash(...cells: SqlValue[]): SqlValue {
  const text = cells.map((cell) => (cell === null ? '-' : `${String(cell).length}:${cell}`)).join('|')
  return String(Number.parseInt(String(md5(text)).slice(0, 13), 16))
}

/** `2026-01-31T09:08:07.123000Z`, so that moments compare as text. */
export function moment(cell: SqlValue): string | null {
  if (cell === null) return null
  const text = String(cell)
  const ms = Date.parse(/Z$/.test(text) ? text : `${text}Z`)
  return Number.isNaN(ms) ? null : momentOf(ms)
}

export function momentOf(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z')
}

const patterns = new Map<string, RegExp>()

function pattern(text: string): RegExp {
  const made = patterns.get(text) ?? new RegExp(`^(?:${text})$`, 'u')
  patterns.set(text, made)
  return made
}

/** As Postgres and DuckDB have it: characters of `from` without a partner in `to` are left out. */
function translate(text: SqlValue, from: string, to: string): SqlValue {
  if (text === null) return null
  const [left, right] = [[...from], [...to]]
  const of = (character: string) => {
    const at = left.indexOf(character)
    return at < 0 ? character : (right[at] ?? '')
  }
  return [...String(text)].map(of).join('')
}

export function registerFunctions(db: Database, nowMs: () => number): void {
  const functions: Record<string, (...cells: SqlValue[]) => SqlValue> = {
    translate: (text, from, to) => translate(text ?? null, String(from), String(to)),
    bf_md5: (text) => md5(text ?? null),
    bf_sha256: digest('sha256') as (...cells: SqlValue[]) => SqlValue,
    bf_moment: (cell) => moment(cell ?? null),
    bf_now: (seconds) => momentOf(nowMs() + Number(seconds) * 1000),
    bf_later: (from, seconds) => {
      const start = moment(from ?? null)
      return start === null || seconds === null ? null : momentOf(Date.parse(start) + Number(seconds) * 1000)
    },
    bf_json: (text) => (text === null ? null : JSON.stringify(String(text))),
    bf_matches: (text, regex) => (text === null ? null : Number(pattern(String(regex)).test(String(text)))),
    bf_replace: (text, regex, by) =>
      text === null ? null : String(text).replaceAll(new RegExp(String(regex), 'gu'), String(by)),
    chr: (code) => String.fromCodePoint(Number(code)),
  }
  const arity: Record<string, number> = { translate: 3, bf_later: 2, bf_matches: 2, bf_replace: 3 }
  for (const [name, work] of Object.entries(functions)) {
    const length = arity[name] ?? 1
    db.create_function(
      name,
      Object.defineProperty((...cells: SqlValue[]) => work(...cells), 'length', { value: length }),
    )
  }
  db.create_function('bf_hash', variadic(hash))
  db.create_function(
    'least',
    variadic((...cells) => (cells.includes(null) ? null : Math.min(...cells.map(Number)))),
  )
}
