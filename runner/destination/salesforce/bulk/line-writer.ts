/**
 * From a body to its CSV line without building an object: all bodies of a load differ in their values alone, so the text
 * between them is compared and skipped. Numbers keep their text.
 */
import type { LoadShape } from './load-shape.ts'

/** Clears the field in the CRM; a value of that text cannot be said in CSV. Facts: Bulk API 2.0 guide, "Prepare CSV files". */
export const CLEAR = '#N/A'

const MAX_CELL = 131_072
const MAX_RECORD = 400_000
const QUOTE = 34
const COMMA = 44
const BRACE = 125
/** A string with escapes, from its opening quote. */
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y

export class LineWriter {
  readonly #frame: readonly string[]
  readonly #last: number
  /** Whether the values of a column are JSON strings; undefined until one is there. CSV itself does not say. */
  readonly isText: (boolean | undefined)[]
  #cellEnd = 0

  constructor(shape: LoadShape) {
    this.#frame = shape.frame
    this.#last = shape.columns.length
    this.isText = shape.columns.map(() => undefined)
  }

  /** The line with its line feed; undefined when the body has other fields or a value that CSV cannot carry as it is. */
  line(body: string): string | undefined {
    const escapes = body.includes('\\')
    let line = ''
    let at = 0
    for (let index = 0; index < this.#last; index += 1) {
      const before = this.#frame[index] ?? ''
      if (!body.startsWith(before, at)) return undefined
      const cell = this.#cell(body, { index, at: at + before.length, escapes })
      if (cell === undefined) return undefined
      line += index === 0 ? cell : `,${cell}`
      at = this.#cellEnd
    }
    const after = this.#frame[this.#last] ?? ''
    if (!body.startsWith(after, at) || at + after.length !== body.length) return undefined
    return line.length > MAX_RECORD ? undefined : `${line}\n`
  }

  #cell(body: string, place: { index: number; at: number; escapes: boolean }): string | undefined {
    const { index, at, escapes } = place
    const text = body.charCodeAt(at) === QUOTE
    if (!text) {
      const bare = this.#bare(body, at)
      // Nothing to clear in the cell that names the record.
      if (bare === 'null') return index === 0 ? undefined : CLEAR
      return this.#fits(index, false) ? bare : undefined
    }
    if (!this.#fits(index, true)) return undefined
    return escapes ? this.#escaped(body, at) : this.#plain(body, at)
  }

  #fits(index: number, text: boolean): boolean {
    const known = this.isText[index]
    if (known === undefined) this.isText[index] = text
    return known === undefined || known === text
  }

  #bare(body: string, start: number): string | undefined {
    let at = start
    for (; at < body.length; at += 1) {
      const code = body.charCodeAt(at)
      if (code === COMMA || code === BRACE) break
    }
    this.#cellEnd = at
    return at === start ? undefined : body.slice(start, at)
  }

  /** No backslash in the whole body: no quote, no line feed and no control character in the value either. */
  #plain(body: string, at: number): string | undefined {
    const close = body.indexOf('"', at + 1)
    this.#cellEnd = close + 1
    const value = body.slice(at + 1, close)
    if (close < 0 || !isCarried(value)) return undefined
    return value.includes(',') ? `"${value}"` : value
  }

  #escaped(body: string, at: number): string | undefined {
    STRING.lastIndex = at
    const token = STRING.exec(body)?.[0]
    if (token === undefined) return undefined
    this.#cellEnd = at + token.length
    if (!token.includes('\\')) return this.#plain(body, at)
    const value = parsed(token)
    if (value === undefined || !isCarried(value) || /[\r\0]/.test(value)) return undefined
    return /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
  }
}

/** Empty means "leave as it is"; that and the mark for clearing are no values in CSV. */
function isCarried(value: string): boolean {
  return value !== '' && value !== CLEAR && value.length <= MAX_CELL
}

function parsed(token: string): string | undefined {
  try {
    const value: unknown = JSON.parse(token)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
