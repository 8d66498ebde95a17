import { type CsvFormat, delimiterOf } from './csv-format.ts'

export const CHUNK_ROWS = 200
const SLICE_BYTES = 1 << 20
const LF = 10
const CR = 13
const QUOTE = 34

/** Where things are in an upload: rows are read a chunk at a time, in any order. Offsets are bytes. */
export interface CsvIndex {
  /** Of the header row's text, without its line ending. */
  headerEnd: number
  rows: number
  /** Start of rows 0, 200, 400, …; the last chunk ends with the upload. */
  chunkStarts: readonly number[]
  /** Rows that end otherwise than the job says: the job fails and nothing is written. */
  wrongLineEnding: boolean
}

/**
 * One pass over the bytes, giving way after every megabyte. A quote opens a cell only as its first character; a line
 * break inside quotes belongs to the cell. Empty lines are no rows.
 */
export function* indexCsv(bytes: Buffer, format: CsvFormat): Generator<undefined, CsvIndex> {
  const scan = new Scan(bytes, format)
  for (let from = 0; from < bytes.length; from += SLICE_BYTES) {
    scan.until(Math.min(bytes.length, from + SLICE_BYTES))
    yield
  }
  return scan.finish()
}

class Scan {
  readonly #bytes: Buffer
  readonly #delimiter: number
  readonly #crlf: boolean
  readonly #chunkStarts: number[] = []
  #at = 0
  #lineStart = 0
  #quoted = false
  #closedAt = -1
  #headerEnd = -1
  #rows = 0
  #wrongLineEnding = false

  constructor(bytes: Buffer, format: CsvFormat) {
    this.#bytes = bytes
    this.#delimiter = delimiterOf(format).charCodeAt(0)
    this.#crlf = format.lineEnding === 'CRLF'
  }

  until(end: number): void {
    const bytes = this.#bytes
    let at = this.#at
    let quoted = this.#quoted
    let closedAt = this.#closedAt
    for (; at < end; at += 1) {
      const byte = bytes[at]
      if (byte === QUOTE) {
        // The second of two quotes inside a cell opens it again, as if it had never been closed.
        const opens = at === this.#lineStart || bytes[at - 1] === this.#delimiter || closedAt === at - 1
        if (quoted) closedAt = at
        quoted = !quoted && opens
      } else if (byte === LF) {
        if ((bytes[at - 1] === CR) !== this.#crlf) this.#wrongLineEnding = true
        if (!quoted) this.#line(at)
      }
    }
    this.#at = at
    this.#quoted = quoted
    this.#closedAt = closedAt
  }

  finish(): CsvIndex {
    const end = this.#bytes.length
    if (this.#lineStart < end) this.#line(end)
    return {
      headerEnd: Math.max(0, this.#headerEnd),
      rows: this.#rows,
      chunkStarts: this.#chunkStarts,
      wrongLineEnding: this.#wrongLineEnding,
    }
  }

  #line(end: number): void {
    const start = this.#lineStart
    this.#lineStart = end + 1
    const textEnd = this.#bytes[end - 1] === CR ? end - 1 : end
    if (textEnd <= start) return
    if (this.#headerEnd < 0) {
      this.#headerEnd = textEnd
      return
    }
    if (this.#rows % CHUNK_ROWS === 0) this.#chunkStarts.push(start)
    this.#rows += 1
  }
}
