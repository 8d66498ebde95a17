/**
 * From a body to its CSV line without building an object, nor a string per cell: all bodies of a load differ in their
 * values alone, so the bytes between them are compared and skipped, and the values are copied. Numbers keep their text.
 */
import type { LoadShape } from './load-shape.ts'

/** Clears the field in the CRM; a value of that text cannot be said in CSV. Facts: Bulk API 2.0 guide, "Prepare CSV files". */
export const CLEAR = '#N/A'

const MAX_CELL = 131_072
const MAX_RECORD = 400_000
const LF = 10
const SPACE = 32
const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const BRACE = 125
const NULL = Buffer.from('null')
const CLEAR_BYTES = Buffer.from(CLEAR)
/** UTF-8 takes no more per UTF-16 unit. */
const BYTES_PER_UNIT = 3

export class LineWriter {
  readonly #frame: readonly Buffer[]
  readonly #last: number
  /** Whether the values of a column are JSON strings; undefined until one is there. CSV itself does not say. */
  readonly isText: (boolean | undefined)[]
  /** Where each line of the block ends. */
  readonly ends: number[] = []
  #body = Buffer.allocUnsafe(65_536)
  #length = 0
  #at = 0
  #out = Buffer.allocUnsafe(262_144)
  #end = 0

  constructor(shape: LoadShape) {
    this.#frame = shape.frame.map((text) => Buffer.from(text))
    this.#last = shape.columns.length
    this.isText = shape.columns.map(() => undefined)
  }

  /** Adds a line to the block; false, and nothing added, when CSV cannot carry the body exactly or it has other fields. */
  add(body: string): boolean {
    if (body.length * BYTES_PER_UNIT > this.#body.length)
      this.#body = Buffer.allocUnsafe(body.length * 2 * BYTES_PER_UNIT)
    this.#length = this.#body.write(body)
    this.#at = 0
    this.#makeRoom()
    const start = this.#end
    if (!this.#line() || this.#isLonger(this.#out, { start, end: this.#end, most: MAX_RECORD })) {
      this.#end = start
      return false
    }
    this.#out[this.#end] = LF
    this.#end += 1
    this.ends.push(this.#end)
    return true
  }

  /** The lines of the block; valid until the next `add`. */
  block(): Buffer {
    return this.#out.subarray(0, this.#end)
  }

  clear(): void {
    this.#end = 0
    this.ends.length = 0
  }

  /** A line is never longer than its body: names and braces go, quotes and escapes stay as long or get shorter. */
  #makeRoom(): void {
    const needed = this.#end + this.#length + 1
    if (needed <= this.#out.length) return
    const larger = Buffer.allocUnsafe(needed * 2)
    this.#out.copy(larger, 0, 0, this.#end)
    this.#out = larger
  }

  #line(): boolean {
    for (let index = 0; index < this.#last; index += 1) {
      if (!this.#skipFrame(index)) return false
      if (index > 0) {
        this.#out[this.#end] = COMMA
        this.#end += 1
      }
      const text = this.#body[this.#at] === QUOTE
      if (!(text ? this.#text(index) : this.#bare(index))) return false
    }
    return this.#skipFrame(this.#last) && this.#at === this.#length
  }

  #skipFrame(index: number): boolean {
    const frame = this.#frame[index]
    const body = this.#body
    const from = this.#at
    if (frame === undefined || from + frame.length > this.#length) return false
    for (let at = 0; at < frame.length; at += 1) if (body[from + at] !== frame[at]) return false
    this.#at = from + frame.length
    return true
  }

  #fits(index: number, text: boolean): boolean {
    const known = this.isText[index]
    if (known === undefined) this.isText[index] = text
    return known === undefined || known === text
  }

  #bare(index: number): boolean {
    const start = this.#at
    let at = start
    for (; at < this.#length; at += 1) {
      const byte = this.#body[at]
      if (byte === COMMA || byte === BRACE) break
    }
    this.#at = at
    if (this.#isHere(NULL, start, at)) {
      // Nothing to clear in the cell that names the record.
      if (index === 0) return false
      this.#end += CLEAR_BYTES.copy(this.#out, this.#end)
      return true
    }
    if (at === start || !this.#fits(index, false)) return false
    this.#copy(start, at)
    return true
  }

  /** Without a backslash there is no quote, no line feed and no control character in the value either. */
  #text(index: number): boolean {
    if (!this.#fits(index, true)) return false
    const body = this.#body
    const start = this.#at + 1
    let at = start
    let comma = false
    for (; at < this.#length; at += 1) {
      const byte = body[at] ?? 0
      if (byte === QUOTE) break
      if (byte === BACKSLASH) return this.#escaped(start)
      if (byte < SPACE) return false
      if (byte === COMMA) comma = true
    }
    this.#at = at + 1
    // Empty means "leave as it is"; that and the mark for clearing are no values in CSV.
    if (at === this.#length || at === start || this.#isHere(CLEAR_BYTES, start, at)) return false
    if (this.#isLonger(body, { start, end: at, most: MAX_CELL })) return false
    // The body has the very quotes the cell needs.
    if (comma) this.#copy(start - 1, at + 1)
    else this.#copy(start, at)
    return true
  }

  #escaped(start: number): boolean {
    let at = start
    while (at < this.#length && this.#body[at] !== QUOTE) at += this.#body[at] === BACKSLASH ? 2 : 1
    if (at >= this.#length) return false
    this.#at = at + 1
    const value = parsed(this.#body.toString('utf8', start - 1, at + 1))
    if (value === undefined || value === '' || value === CLEAR || value.length > MAX_CELL) return false
    if (/[\r\0]/.test(value)) return false
    const cell = /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
    this.#end += this.#out.write(cell, this.#end)
    return true
  }

  #isHere(text: Buffer, start: number, end: number): boolean {
    if (end - start !== text.length) return false
    for (let at = 0; at < text.length; at += 1) if (this.#body[start + at] !== text[at]) return false
    return true
  }

  /** For short cells a loop is faster than a call. */
  #copy(start: number, end: number): void {
    const out = this.#out
    const body = this.#body
    let to = this.#end
    for (let at = start; at < end; at += 1) {
      out[to] = body[at] ?? 0
      to += 1
    }
    this.#end = to
  }

  /** In characters: there are never more of them than bytes. */
  #isLonger(bytes: Buffer, { start, end, most }: { start: number; end: number; most: number }): boolean {
    return end - start > most && bytes.toString('utf8', start, end).length > most
  }
}

function parsed(token: string): string | undefined {
  try {
    const value: unknown = JSON.parse(token)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
