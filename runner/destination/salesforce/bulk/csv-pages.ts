import { StringDecoder } from 'node:string_decoder'
import { CsvCursor, CsvFault } from './csv-cursor.ts'

/** Small enough to hold, large enough that handing it over costs nothing per row. */
const PAGE_ROWS = 2_000
const BYTE_ORDER_MARK = '\ufeff'

export interface CsvSource<T> {
  chunks: AsyncIterable<Uint8Array>
  /** Looks at the header once and returns how a record is read. Throws CsvFault when it is not the one asked for. */
  open: (header: readonly string[]) => (record: CsvCursor) => T
}

/** Records in pages, one page at a time in memory; returns how many there were. Throws CsvFault when the text is cut or broken. */
export async function* csvPages<T>({ chunks, open }: CsvSource<T>): AsyncGenerator<readonly T[], number> {
  const records = new RecordReader(open)
  const decoder = new StringDecoder('utf8')
  let rows = 0
  let page: T[] = []
  for await (const chunk of chunks) {
    records.feed(decoder.write(asBuffer(chunk)))
    while (records.readInto(page)) {
      rows += page.length
      yield page
      page = []
    }
  }
  records.end(decoder.end())
  for (let more = true; more; page = []) {
    more = records.readInto(page)
    rows += page.length
    if (page.length > 0) yield page
  }
  return rows
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

class RecordReader<T> {
  readonly #cursor = new CsvCursor()
  readonly #open: CsvSource<T>['open']
  #read: ((record: CsvCursor) => T) | undefined
  #columns = 0

  constructor(open: CsvSource<T>['open']) {
    this.#open = open
  }

  feed(text: string): void {
    this.#cursor.feed(text)
  }

  end(text: string): void {
    this.#cursor.feed(text)
    this.#cursor.end()
  }

  /** Fills the page; false when the text ended before the page was full. */
  readInto(page: T[]): boolean {
    const cursor = this.#cursor
    while (page.length < PAGE_ROWS) {
      if (!cursor.next()) return false
      if (this.#read === undefined) this.#header()
      else if (cursor.count !== this.#columns) throw new CsvFault('a record with another number of cells')
      else page.push(this.#read(cursor))
    }
    return true
  }

  #header(): void {
    const [first = '', ...others] = this.#cursor.cells()
    const header = [first.startsWith(BYTE_ORDER_MARK) ? first.slice(1) : first, ...others]
    if (header[0]?.startsWith('<')) throw new CsvFault('markup')
    this.#columns = header.length
    this.#read = this.#open(header)
  }
}
