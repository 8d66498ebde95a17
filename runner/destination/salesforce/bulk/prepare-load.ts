import type { BulkChange, BulkRequest, PreparedLoad } from '../../bulk.ts'
import type { FileBody } from '../../raw-answer.ts'
import { type CheckedLines, unfaithfulLines } from './check-lines.ts'
import { LineWriter } from './line-writer.ts'
import { LoadFile } from './load-file.ts'
import { type LoadShape, loadShape } from './load-shape.ts'

/** Lines are checked and written together, this much text at a time. */
const BLOCK_CHARACTERS = 131_072

/** What `prepare` hands out; `body` is for the upload alone. */
export interface CsvLoad extends PreparedLoad {
  readonly body: FileBody
}

export interface LoadSource {
  request: BulkRequest
  changes: AsyncIterable<readonly BulkChange[]>
  signal: AbortSignal
}

export async function prepareLoad({ request, changes, signal }: LoadSource): Promise<CsvLoad> {
  const file = await LoadFile.create()
  try {
    const building = new LoadBuilder(request, file)
    for await (const page of changes) {
      signal.throwIfAborted()
      for (const change of page) if (building.add(change)) await building.flush()
    }
    await building.flush()
    return building.finish()
  } catch (error) {
    await file.discard()
    throw error
  }
}

interface Started {
  shape: LoadShape
  writer: LineWriter
}

class LoadBuilder {
  readonly #request: BulkRequest
  readonly #file: LoadFile
  readonly #refused: string[] = []
  #started: Started | undefined
  #rows = 0
  #lines: string[] = []
  #hashes: string[] = []
  #ids: string[] = []
  #characters = 0

  constructor(request: BulkRequest, file: LoadFile) {
    this.#request = request
    this.#file = file
  }

  /** True when enough lines are waiting. */
  add({ changeId, body, payloadHash }: BulkChange): boolean {
    this.#started ??= started(this.#request, body)
    const line = this.#started?.writer.line(body)
    if (line === undefined) {
      this.#refused.push(changeId)
      return false
    }
    this.#lines.push(line)
    this.#hashes.push(payloadHash)
    this.#ids.push(changeId)
    this.#characters += line.length
    return this.#characters >= BLOCK_CHARACTERS
  }

  async flush(): Promise<void> {
    const shape = this.#started?.shape
    if (shape === undefined || this.#lines.length === 0) return
    if (this.#file.bytes === 0) await this.#file.append(Buffer.from(`${shape.columns.join(',')}\n`))
    const bytes = this.#faithful()
    this.#lines = []
    this.#hashes = []
    this.#ids = []
    this.#characters = 0
    await this.#file.append(bytes)
  }

  async finish(): Promise<CsvLoad> {
    const file = this.#file
    const sha256 = await file.finish()
    return {
      rows: this.#rows,
      bytes: file.bytes,
      sha256,
      columns: this.#started?.shape.columns ?? [],
      refused: this.#refused,
      body: file.body(),
      discard: () => file.discard(),
    }
  }

  /** The waiting lines as bytes; those that do not read back are left out. */
  #faithful(): Buffer {
    const bytes = Buffer.from(this.#lines.join(''), 'utf8')
    if (this.#unfaithful(bytes, this.#hashes)?.length === 0) {
      this.#rows += this.#lines.length
      return bytes
    }
    const alone = this.#lines.map((line) => Buffer.from(line, 'utf8'))
    return Buffer.concat(alone.filter((line, index) => this.#isFaithful(line, index)))
  }

  #isFaithful(line: Buffer, index: number): boolean {
    const kept = this.#unfaithful(line, [this.#hashes[index] ?? ''])?.length === 0
    if (kept) this.#rows += 1
    else this.#refused.push(this.#ids[index] ?? '')
    return kept
  }

  #unfaithful(bytes: Buffer, hashes: CheckedLines['hashes']): readonly number[] | undefined {
    if (this.#started === undefined) return undefined
    const { shape, writer } = this.#started
    return unfaithfulLines(bytes, { shape, isText: writer.isText, hashes })
  }
}

/** From the first body that has a shape; those before it are refused. */
function started(request: BulkRequest, body: string): Started | undefined {
  const shape = loadShape(request, body)
  return shape === undefined ? undefined : { shape, writer: new LineWriter(shape) }
}
