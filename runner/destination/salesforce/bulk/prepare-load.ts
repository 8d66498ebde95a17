import type { BulkChange, BulkRequest, PreparedLoad } from '../../bulk.ts'
import type { FileBody } from '../../raw-answer.ts'
import { LineChecker } from './line-checker.ts'
import { LineWriter } from './line-writer.ts'
import { LoadFile } from './load-file.ts'
import { type LoadShape, loadShape } from './load-shape.ts'

/** Lines are checked and written together, this many bytes at a time. */
const BLOCK_BYTES = 196_608

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
  checker: LineChecker
}

class LoadBuilder {
  readonly #request: BulkRequest
  readonly #file: LoadFile
  readonly #refused: string[] = []
  #started: Started | undefined
  #rows = 0
  #hashes: string[] = []
  #ids: string[] = []

  constructor(request: BulkRequest, file: LoadFile) {
    this.#request = request
    this.#file = file
  }

  /** True when enough lines are waiting. */
  add({ changeId, body, payloadHash }: BulkChange): boolean {
    this.#started ??= started(this.#request, body)
    const writer = this.#started?.writer
    if (writer?.add(body) !== true) {
      this.#refused.push(changeId)
      return false
    }
    this.#hashes.push(payloadHash)
    this.#ids.push(changeId)
    return (writer.ends.at(-1) ?? 0) >= BLOCK_BYTES
  }

  async flush(): Promise<void> {
    if (this.#started === undefined || this.#ids.length === 0) return
    const { shape, writer } = this.#started
    if (this.#file.bytes === 0) await this.#file.append(Buffer.from(`${shape.columns.join(',')}\n`))
    await this.#file.append(this.#faithful(this.#started))
    writer.clear()
    this.#hashes = []
    this.#ids = []
  }

  async finish(): Promise<CsvLoad> {
    const file = this.#file
    const sha256 = file.finish()
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

  /** The waiting lines; those that do not read back are left out. */
  #faithful({ writer, checker }: Started): Buffer {
    const { isText, ends } = writer
    const block = writer.block()
    if (checker.unfaithful(block, { isText, hashes: this.#hashes })?.length === 0) {
      this.#rows += ends.length
      return block
    }
    const alone = ends.map((end, index) => block.subarray(ends[index - 1] ?? 0, end))
    const kept = alone.filter((line, index) => {
      if (checker.unfaithful(line, { isText, hashes: [this.#hashes[index] ?? ''] })?.length === 0) return true
      this.#refused.push(this.#ids[index] ?? '')
      return false
    })
    this.#rows += kept.length
    return Buffer.concat(kept)
  }
}

/** From the first body that has a shape; those before it are refused. */
function started(request: BulkRequest, body: string): Started | undefined {
  const shape = loadShape(request, body)
  return shape === undefined ? undefined : { shape, writer: new LineWriter(shape), checker: new LineChecker(shape) }
}
