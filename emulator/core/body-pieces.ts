const PIECE_CHARS = 1 << 16

/** A body too long for one string: text appended a line at a time, held as bytes. */
export class BodyPieces {
  readonly contentType: string
  readonly #pieces: Buffer[] = []
  #text = ''
  #bytes = 0

  constructor(contentType: string) {
    this.contentType = contentType
  }

  append(text: string): void {
    this.#text += text
    if (this.#text.length >= PIECE_CHARS) this.#flush()
  }

  appendBytes(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#flush()
    this.#pieces.push(bytes)
    this.#bytes += bytes.length
  }

  get byteLength(): number {
    this.#flush()
    return this.#bytes
  }

  get pieces(): readonly Buffer[] {
    this.#flush()
    return this.#pieces
  }

  #flush(): void {
    if (this.#text === '') return
    const bytes = Buffer.from(this.#text)
    this.#text = ''
    this.#pieces.push(bytes)
    this.#bytes += bytes.length
  }
}
