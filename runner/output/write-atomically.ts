/** A file appears complete or not at all: written beside its place, then renamed. */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { BackfeedError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'

/** @throws BackfeedError E-CFG-PATH when the place cannot be written. */
export function writeAtomically(path: string, text: string, mode = 0o666): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    makeFolder(dirname(path))
    writeFileSync(temporary, text, { mode })
    renameSync(temporary, path)
  } catch (cause) {
    removeIfThere(temporary)
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
    throw new BackfeedError(
      {
        code: 'E-CFG-PATH',
        message: `cannot write ${path} (${reason})`,
        help: 'make the folder writable, or choose another one with --target-path',
      },
      { cause },
    )
  }
}

/** The first failure is the one to report. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Its folder cannot even be entered, so it is not there.
  }
}
