/** One row of an upload. */
export interface CsvRow {
  /** As sent: not trimmed, quotes undone. */
  cells: string[]
  /** Why the row cannot be read; its cells are then as good as they get. */
  problem: string | undefined
  /** No cell has a quote in it. */
  plain: boolean
}

/** The rows of a whole number of lines, empty lines left out. */
export function parseCsvRows(text: string, delimiter: string): CsvRow[] {
  return text.includes('"') ? new QuotedRows(text, delimiter).rows() : plainRows(text, delimiter)
}

// Most uploads have no quote at all, and searching for the next delimiter is then all there is to do.
function plainRows(text: string, delimiter: string): CsvRow[] {
  const rows: CsvRow[] = []
  let from = 0
  while (from < text.length) {
    const newline = text.indexOf('\n', from)
    const lineEnd = newline < 0 ? text.length : newline
    const end = text.charCodeAt(lineEnd - 1) === 13 ? lineEnd - 1 : lineEnd
    if (end > from) rows.push({ cells: plainCells(text, { from, end, delimiter }), problem: undefined, plain: true })
    from = lineEnd + 1
  }
  return rows
}

function plainCells(text: string, line: { from: number; end: number; delimiter: string }): string[] {
  const cells: string[] = []
  let { from } = line
  for (;;) {
    const next = text.indexOf(line.delimiter, from)
    if (next < 0 || next >= line.end) break
    cells.push(text.slice(from, next))
    from = next + 1
  }
  cells.push(text.slice(from, line.end))
  return cells
}

class QuotedRows {
  readonly #text: string
  readonly #delimiter: string
  #at = 0
  #problem: string | undefined

  constructor(text: string, delimiter: string) {
    this.#text = text
    this.#delimiter = delimiter
  }

  rows(): CsvRow[] {
    const rows: CsvRow[] = []
    while (this.#at < this.#text.length) {
      if (this.#lineBreak()) continue
      rows.push(this.#row())
    }
    return rows
  }

  #row(): CsvRow {
    this.#problem = undefined
    const cells: string[] = []
    for (;;) {
      cells.push(this.#text.charCodeAt(this.#at) === 34 ? this.#quoted() : this.#plain())
      if (this.#text[this.#at] !== this.#delimiter) break
      this.#at += 1
    }
    this.#lineBreak()
    return { cells, problem: this.#problem, plain: false }
  }

  #plain(): string {
    const start = this.#at
    const cell = this.#text.slice(start, this.#cellEnd())
    if (cell.includes('"')) this.#problem = 'a quote inside a value that does not start with one'
    return cell
  }

  #quoted(): string {
    const start = this.#at + 1
    let close = this.#text.indexOf('"', start)
    let doubled = false
    while (close >= 0 && this.#text.charCodeAt(close + 1) === 34) {
      doubled = true
      close = this.#text.indexOf('"', close + 2)
    }
    if (close < 0) {
      this.#problem = 'a quoted value that never ends'
      this.#at = this.#text.length
      return this.#text.slice(start)
    }
    const cell = this.#text.slice(start, close)
    this.#at = close + 1
    const end = this.#cellEnd()
    if (end > close + 1) this.#problem = 'characters between a closing quote and the next delimiter'
    return doubled ? cell.replaceAll('""', '"') : cell
  }

  /** Moves to the end of the cell: the next delimiter or line break. */
  #cellEnd(): number {
    const delimiter = this.#delimiter.charCodeAt(0)
    let at = this.#at
    for (; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at)
      if (code === delimiter || code === 10 || (code === 13 && this.#text.charCodeAt(at + 1) === 10)) break
    }
    this.#at = at
    return at
  }

  #lineBreak(): boolean {
    const at = this.#at
    if (this.#text.charCodeAt(at) === 13 && this.#text.charCodeAt(at + 1) === 10) this.#at += 2
    else if (this.#text.charCodeAt(at) === 10) this.#at += 1
    return this.#at > at
  }
}
