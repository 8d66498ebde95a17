/**
 * The check between writing the file and sending it: its bytes, read back, must give the payloads that were planned.
 * It shares nothing with the writer but the shape of the bodies.
 */
import { hash } from 'node:crypto'
import type { LoadShape } from './load-shape.ts'

const LF = 10
const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const SPACE = 32
const NULL = Buffer.from('null')
const CLEARED = Buffer.from('#N/A')
/** The longest escape, \u001f, per byte. */
const ESCAPED_BYTES = 6
/** What JSON writes behind the backslash; other control characters get their number. */
const ESCAPES = new Map<number, number>(
  Object.entries({ '"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't' }).map(([is, as]) => [
    is.charCodeAt(0),
    as.charCodeAt(0),
  ]),
)

export interface CheckedLines {
  /** Per column: whether its values are JSON strings. */
  isText: readonly (boolean | undefined)[]
  /** md5 (hex) of the payload of each line. */
  hashes: readonly string[]
}

export class LineChecker {
  readonly #frame: readonly Buffer[]
  readonly #last: number
  readonly #frameBytes: number
  #lines: Buffer = NULL
  #at = 0
  #payload = Buffer.allocUnsafe(0)
  #size = 0
  #numbered = false

  constructor(shape: LoadShape) {
    this.#frame = shape.frame.map((text) => Buffer.from(text))
    this.#last = shape.columns.length
    this.#frameBytes = this.#frame.reduce((sum, { length }) => sum + length + 2, 0)
  }

  /** Positions of the lines that do not read back; undefined when the bytes do not read as that many lines. */
  unfaithful(lines: Buffer, { isText, hashes }: CheckedLines): readonly number[] | undefined {
    const most = this.#frameBytes + lines.length * ESCAPED_BYTES
    if (this.#payload.length < most) this.#payload = Buffer.allocUnsafe(most)
    this.#lines = lines
    this.#at = 0
    const unfaithful: number[] = []
    let line = 0
    for (; this.#at < lines.length; line += 1) {
      if (!this.#rebuild(isText)) return undefined
      if (!this.#isPayload(hashes[line])) unfaithful.push(line)
    }
    return line === hashes.length ? unfaithful : undefined
  }

  #isPayload(payloadHash: string | undefined): boolean {
    const payload = this.#payload.subarray(0, this.#size)
    if (hash('md5', payload) === payloadHash) return true
    // Control characters are written by some warehouses as \u001f, by others as \u001F.
    return this.#numbered && hash('md5', upperCaseEscapes(payload.toString('utf8'))) === payloadHash
  }

  /** One line as the JSON it was made of; false when it has another number of cells or is no CSV. */
  #rebuild(isText: CheckedLines['isText']): boolean {
    this.#size = 0
    this.#numbered = false
    for (let index = 0; index < this.#last; index += 1) {
      this.#put(this.#frame[index] ?? NULL)
      if (!this.#cell(isText[index] === true)) return false
      if (this.#lines[this.#at] !== (index === this.#last - 1 ? LF : COMMA)) return false
      this.#at += 1
    }
    this.#put(this.#frame[this.#last] ?? NULL)
    return true
  }

  #cell(text: boolean): boolean {
    if (this.#isCleared()) {
      this.#put(NULL)
      this.#at += CLEARED.length
      return true
    }
    if (text) this.#byte(QUOTE)
    const whole = this.#lines[this.#at] === QUOTE ? this.#quoted(text) : this.#plain(text)
    if (text) this.#byte(QUOTE)
    return whole
  }

  #isCleared(): boolean {
    for (let at = 0; at < CLEARED.length; at += 1) if (this.#lines[this.#at + at] !== CLEARED[at]) return false
    const next = this.#lines[this.#at + CLEARED.length]
    return next === COMMA || next === LF
  }

  #plain(text: boolean): boolean {
    const lines = this.#lines
    const start = this.#at
    let end = start
    let safe = true
    for (; end < lines.length; end += 1) {
      const byte = lines[end] ?? 0
      if (byte === COMMA || byte === LF) break
      if (byte === QUOTE) return false
      if (byte < SPACE || byte === BACKSLASH) safe = false
    }
    this.#at = end
    this.#copy(start, end)
    if (text && !safe) this.#escapeTail(end - start)
    return true
  }

  #quoted(text: boolean): boolean {
    const lines = this.#lines
    const before = this.#size
    let start = this.#at + 1
    let safe = true
    let at = start
    for (; at < lines.length; at += 1) {
      const byte = lines[at] ?? 0
      if (byte === QUOTE) {
        if (lines[at + 1] !== QUOTE) break
        safe = false
        // Of two quotes the first goes with what is before it, the second is skipped.
        this.#copy(start, at + 1)
        at += 1
        start = at + 1
      } else if (byte < SPACE || byte === BACKSLASH) safe = false
    }
    this.#copy(start, at)
    this.#at = at + 1
    if (text && !safe) this.#escapeTail(this.#size - before)
    return at < lines.length
  }

  /** Writes the last bytes of the payload once more, as JSON spells them. */
  #escapeTail(length: number): void {
    const cell = Buffer.from(this.#payload.subarray(this.#size - length, this.#size))
    this.#size -= length
    for (const byte of cell) {
      if (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) this.#byte(byte)
      else this.#escape(byte)
    }
  }

  #escape(byte: number): void {
    const short = ESCAPES.get(byte)
    this.#byte(BACKSLASH)
    this.#numbered ||= short === undefined
    if (short === undefined) this.#put(Buffer.from(`u${byte.toString(16).padStart(4, '0')}`))
    else this.#byte(short)
  }

  /** For short cells a loop is faster than a call. */
  #copy(start: number, end: number): void {
    const lines = this.#lines
    const payload = this.#payload
    let to = this.#size
    for (let at = start; at < end; at += 1) {
      payload[to] = lines[at] ?? 0
      to += 1
    }
    this.#size = to
  }

  #byte(byte: number): void {
    this.#payload[this.#size] = byte
    this.#size += 1
  }

  #put(bytes: Buffer): void {
    const payload = this.#payload
    let to = this.#size
    for (let at = 0; at < bytes.length; at += 1) {
      payload[to] = bytes[at] ?? 0
      to += 1
    }
    this.#size = to
  }
}

function upperCaseEscapes(payload: string): string {
  return payload.replace(/\\(?:u00[0-9a-f]{2}|.)/g, (token) =>
    token.startsWith('\\u') ? `\\u${token.slice(2).toUpperCase()}` : token,
  )
}
