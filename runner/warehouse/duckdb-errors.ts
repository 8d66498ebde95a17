import type { WarehouseErrorKind } from './warehouse.ts'
import { oneLine, WarehouseError } from './warehouse-error.ts'

/** DuckDB errors are plain text without a code; the first rule whose pattern fits the message decides. Read from DuckDB 1.5. */
const kinds: readonly [RegExp, WarehouseErrorKind][] = [
  [/^INTERRUPT Error/, 'transient'],
  [/Could not set lock/, 'locked'],
  [/^Catalog Error: .*already exists/, 'conflict'],
  [/^(Catalog|Binder) Error: .*(does not exist|not found)/, 'missing'],
  [/^(Parser|Syntax|Binder|Catalog|Not implemented|Dependency) Error/, 'syntax'],
  [/^Permission Error/, 'permission'],
  [/^(TransactionContext|Transaction) Error: .*(conflict|Conflict)/, 'conflict'],
  [/^(Constraint|Conversion|Invalid Input|Out of Range|Mismatch Type|Invalid Type) Error/, 'data'],
  [/^IO Error: No files found/, 'missing'],
  [/^(Out of Memory|HTTP|Connection) Error/, 'transient'],
]

/** Codes that say more than "the warehouse refused the statement". */
const codes: Partial<Record<WarehouseErrorKind, `E-${string}`>> = { locked: 'E-WH-LOCKED', permission: 'E-WH-ROLE' }

export function duckdbError(error: unknown): WarehouseError {
  if (error instanceof WarehouseError) return error
  const text = messageOf(error).replace(/^Failed to extract statements: /, '')
  if (/^INTERRUPT Error/.test(text)) {
    return new WarehouseError(
      'transient',
      { code: 'E-WH-CANCELLED', message: 'the statement was cancelled' },
      { cause: error },
    )
  }
  const kind = kinds.find(([pattern]) => pattern.test(text))?.[1] ?? 'unknown'
  const { message, hint } = withoutCandidates(oneLine(withoutValues(text, kind)))
  return new WarehouseError(
    kind,
    { code: codes[kind] ?? 'E-SQL-WAREHOUSE', message, ...(hint === undefined ? {} : { hint }) },
    { ...placeIn(text), cause: error },
  )
}

/** DuckDB shows the line and a caret below; a long line is cut at the front, and then only its number is known. */
function placeIn(text: string): { line?: number; column?: number } {
  const shown = /^(LINE (\d+): )(.*)\n( *)\^/m.exec(text)
  if (!shown) return {}
  const [, prefix = '', line, excerpt = '', blanks = ''] = shown
  const column = excerpt.startsWith('...') ? undefined : blanks.length - prefix.length + 1
  return { line: Number(line), ...(column === undefined ? {} : { column }) }
}

/** The nearest names are what to write, not what is wrong. */
function withoutCandidates(message: string): { message: string; hint?: string } {
  const found = /^(.*?)[!.]? (?:Candidate bindings: |Did you mean )(.+?)[?]?$/.exec(message)
  if (!found) return { message }
  const [, wrong = '', names = ''] = found
  return { message: wrong, hint: names.includes(',') ? `columns like it: ${names}` : `did you mean ${names}?` }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Process that holds the file, from DuckDB's own message. */
export function lockHolder(error: unknown): { pid: string; program: string } | undefined {
  const message = messageOf(error)
  if (!message.includes('Could not set lock')) return undefined
  const found = /held in (?:\S*\/)?(\S+) \(PID (\d+)\)/.exec(message)
  return { pid: found?.[2] ?? 'unknown', program: found?.[1] ?? 'unknown program' }
}

/** What "Invalid Input Error" may say of itself; the rest of it can be the value, without quotes. */
const saysNoValue =
  /^Invalid Input Error: (?:Could not parse string|Malformed JSON|Failed to parse format specifier|Invalid UTF8 Codepoint|Invalid input for hex digit|missing [)\]]|More than one row returned by a subquery used as an expression|Attempting to )/

/** Drops the excerpt of the statement, and in errors about values everything between the first and the last quote, numbers and free text. */
function withoutValues(text: string, kind: WarehouseErrorKind): string {
  const message = text.split(/\n\s*\nLINE \d+:/)[0] ?? text
  if (kind !== 'data' && kind !== 'unknown' && !/^Not implemented/.test(message)) return message
  const unquoted = message
    .replace(/"[\s\S]*"/, '"…"')
    .replace(/'[\s\S]*'/, "'…'")
    .replace(/(cast value ).*?( to | in )/, '$1…$2')
    .replace(/\\x\S+/g, '…')
    .split('\n', 1)
    .join('')
  if (unquoted.startsWith('Invalid Input Error: '))
    return `${saysNoValue.exec(unquoted)?.[0] ?? 'Invalid Input Error:'} …`
  // DECIMAL(18,2) and INT32 are types.
  return unquoted.replace(/(?<![A-Za-z_\d,.]|[A-Z]\()[-+]?\d[\d.,:/eE+-]*/g, '…')
}
