import { type FileHandle, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from './make-folder.ts'
import type { Journal } from './ports.ts'

/** A run writes a few hundred bytes per row of one window; a file beyond this is not one of ours. */
const MAX_BYTES = 256_000_000

/** Files that only their owner can read, in a folder that only their owner can enter. */
export function systemJournal(): Journal {
  return {
    async open(path) {
      makeFolder(dirname(dirname(path)))
      await mkdir(dirname(path), { mode: 0o700 }).catch((error: unknown) => {
        if (!isExisting(error)) throw error
      })
      return fileOf(await open(path, 'a', 0o600))
    },
    async read(path) {
      return (await stat(path)).size > MAX_BYTES ? undefined : readFile(path, 'utf8')
    },
    remove: (path) => rm(path, { force: true }),
  }
}

function fileOf(handle: FileHandle) {
  let last: Promise<unknown> = Promise.resolve()
  const write = async (text: string): Promise<void> => {
    await handle.writeFile(text)
    await handle.datasync()
  }
  return {
    /** One after another, whoever asks: lines of two batches never mix. */
    append(text: string): Promise<void> {
      const written = last.then(() => write(text))
      last = written.catch(() => undefined)
      return written
    },
    async close() {
      await last
      await handle.close()
    },
  }
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
