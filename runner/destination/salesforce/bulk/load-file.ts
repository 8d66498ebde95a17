import { createHash } from 'node:crypto'
import { createReadStream, rmSync } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { invariant } from '../../../errors.ts'
import type { FileBody } from '../../raw-answer.ts'

/** Salesforce takes 150 MB in base64: 100 MB as they are. */
const MAX_BYTES = 100_000_000
const READ_BYTES = 262_144

/** Folders of this process that still exist; rows of customers must not stay on disk because a run ended early. */
const folders = new Set<string>()
const removeAll = (): void => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

/** A file in a folder of its own that nobody else may open, hashed while it is written. */
export class LoadFile {
  readonly #folder: string
  readonly #handle: FileHandle
  readonly #sha256 = createHash('sha256')
  bytes = 0

  private constructor(folder: string, handle: FileHandle) {
    this.#folder = folder
    this.#handle = handle
  }

  static async create(): Promise<LoadFile> {
    // mkdtemp makes it 0700.
    const folder = await mkdtemp(join(tmpdir(), 'backfeed-bulk-'))
    if (folders.size === 0) process.on('exit', removeAll)
    folders.add(folder)
    return new LoadFile(folder, await open(pathIn(folder), 'wx', 0o600))
  }

  async append(bytes: Buffer): Promise<void> {
    this.bytes += bytes.length
    invariant(this.bytes <= MAX_BYTES, 'a load is cut below 100 MB')
    this.#sha256.update(bytes)
    for (let written = 0; written < bytes.length; ) {
      written += (await this.#handle.write(bytes, written)).bytesWritten
    }
  }

  /** No more bytes. Returns the sha256 (hex) of all. */
  async finish(): Promise<string> {
    await this.#handle.close()
    return this.#sha256.digest('hex')
  }

  /** The bytes from the start, every time it is opened. */
  body(): FileBody {
    return {
      bytes: this.bytes,
      open: () => createReadStream(pathIn(this.#folder), { highWaterMark: READ_BYTES }),
    }
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {})
    await rm(this.#folder, { recursive: true, force: true })
    folders.delete(this.#folder)
    if (folders.size === 0) process.removeListener('exit', removeAll)
  }
}

const pathIn = (folder: string): string => join(folder, 'load.csv')
