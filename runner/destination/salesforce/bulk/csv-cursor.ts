/** RFC 4180 with commas. Cells stay positions in the text until somebody asks for one: most are never looked at. */

const QUOTE = 34
const COMMA = 44
const LF = 10
const CR = 13

/** The text is no CSV, or ends inside a cell. */
export class CsvFault extends TypeError {
  constructor(what: string) {
    super(what)
    this.name = 'CsvFault'
  }
}

export class CsvCursor {
  #text = ''
  #from = 0
  #ended = false
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #doubled: boolean[] = []

  /** Cells of the current record. */
  count = 0

  /** More text; what was not read yet stays in front of it. */
  feed(text: string): void {
    this.#text = this.#from === this.#text.length ? text : this.#text.slice(this.#from) + text
    this.#from = 0
  }

  /** There is no more text: a last record needs no line feed. */
  end(): void {
    this.#ended = true
  }

  /** Moves to the next whole record; false when there is none in the text so far. Throws CsvFault. */
  next(): boolean {
    const text = this.#text
    if (this.#from >= text.length) return false
    let at = this.#from
    for (let index = 0; ; index += 1) {
      at = text.charCodeAt(at) === QUOTE ? this.#quoted(at, index) : this.#plain(at, index)
      if (at < 0) return this.#incomplete()
      const code = text.charCodeAt(at)
      at += 1
      if (code === COMMA) continue
      if (code !== LF && at <= text.length) throw new CsvFault('text beside a quoted cell')
      if (code !== LF && !this.#ended) return false
      this.count = index + 1
      this.#from = at
      return true
    }
  }

  cell(index: number): string {
    const text = this.#text.slice(this.#starts[index], this.#ends[index])
    return this.#doubled[index] === true ? text.replaceAll('""', '"') : text
  }

  cells(): string[] {
    return Array.from({ length: this.count }, (_, index) => this.cell(index))
  }

  #incomplete(): false {
    if (this.#ended) throw new CsvFault('ends inside a quoted cell')
    return false
  }

  #plain(start: number, index: number): number {
    const text = this.#text
    const length = text.length
    let at = start
    for (; at < length; at += 1) {
      const code = text.charCodeAt(at)
      if (code > COMMA) continue
      if (code === COMMA || code === LF) break
      if (code === QUOTE) throw new CsvFault('a quote inside a plain cell')
    }
    this.#starts[index] = start
    this.#ends[index] = at > start && text.charCodeAt(at) === LF && text.charCodeAt(at - 1) === CR ? at - 1 : at
    this.#doubled[index] = false
    return at
  }

  /** Position after the closing quote, or before the LF of a CRLF; -1 when the end of the cell is not in the text. */
  #quoted(start: number, index: number): number {
    const text = this.#text
    let doubled = false
    let close = text.indexOf('"', start + 1)
    while (close >= 0 && text.charCodeAt(close + 1) === QUOTE) {
      doubled = true
      close = text.indexOf('"', close + 2)
    }
    // A quote at the very end may be the first of two.
    if (close < 0 || (close + 1 === text.length && !this.#ended)) return -1
    this.#starts[index] = start + 1
    this.#ends[index] = close
    this.#doubled[index] = doubled
    const after = close + 1
    if (text.charCodeAt(after) !== CR) return after
    return after + 1 === text.length && !this.#ended ? -1 : after + 1
  }
}
