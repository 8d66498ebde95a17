import { createHash } from 'node:crypto'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { invariant } from '../../../errors.ts'
import type { FileBody } from '../../raw-answer.ts'

/** Salesforce takes 150 MB in base64: 100 MB as they are. */
const MAX_BYTES = 100_000_000
const READ_BYTES = 262_144

/**
 * A file that has no name any more when the first byte is written: rows of customers must not stay on disk because a run ended early,
 * by whatever signal. Hashed while it is written.
 */
export class LoadFile {
  readonly #handle: FileHandle
  readonly #sha256 = createHash('sha256')
  bytes = 0

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  static async create(): Promise<LoadFile> {
    // mkdtemp makes it 0700.
    const folder = await mkdtemp(join(tmpdir(), 'backfeed-bulk-'))
    try {
      return new LoadFile(await open(join(folder, 'load.csv'), 'wx+', 0o600))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async append(bytes: Buffer): Promise<void> {
    const from = this.bytes
    this.bytes += bytes.length
    invariant(this.bytes <= MAX_BYTES, 'a load is cut below 100 MB')
    this.#sha256.update(bytes)
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, from + written)
      written += bytesWritten
    }
  }

  /** No more bytes. Returns the sha256 (hex) of all. */
  finish(): string {
    return this.#sha256.digest('hex')
  }

  /** The bytes from the start, every time it is opened; until the file is discarded. */
  body(): FileBody {
    return {
      bytes: this.bytes,
      open: () => this.#handle.createReadStream({ start: 0, autoClose: false, highWaterMark: READ_BYTES }),
    }
  }

  /** Its bytes are gone with it. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {})
  }
}
