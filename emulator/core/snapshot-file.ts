import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import type { EmulatorSnapshot } from './emulator-state.ts'

const PIECE_CHARS = 1 << 20

/** undefined when there is no such file. Throws a readable error when the file is something else. */
export function readSnapshotFile(file: string): EmulatorSnapshot | undefined {
  if (!existsSync(file)) return undefined
  const parsed: unknown = parse(file)
  if (!isSnapshot(parsed)) throw new SnapshotFileError(`${file} is not a snapshot of the emulator`)
  return parsed
}

/** Atomic: readers see the old snapshot or the new one, whatever happens in between. */
export function writeSnapshotFile(file: string, snapshot: EmulatorSnapshot): void {
  const partial = `${file}.${process.pid}.tmp`
  const handle = openSync(partial, 'w', 0o600)
  try {
    for (const piece of gathered(jsonPieces(snapshot, 6))) writeSync(handle, piece)
    fsyncSync(handle)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  } finally {
    closeSync(handle)
  }
  renameSync(partial, file)
}

export class SnapshotFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SnapshotFileError'
  }
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw new SnapshotFileError(`${file} cannot be read as JSON`, { cause })
  }
}

function isSnapshot(value: unknown): value is EmulatorSnapshot {
  return value !== null && typeof value === 'object' && 'version' in value && value.version === 1 && 'crms' in value
}

// One JSON.stringify over half a million records would exceed the longest string V8 can hold.
function* jsonPieces(value: unknown, depth: number): IterableIterator<string> {
  if (depth === 0 || value === null || typeof value !== 'object') {
    yield JSON.stringify(value) ?? 'null'
    return
  }
  const isArray = Array.isArray(value)
  let separator = isArray ? '[' : '{'
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    yield isArray ? separator : `${separator}${JSON.stringify(name)}:`
    yield* jsonPieces(member, depth - 1)
    separator = ','
  }
  yield separator === ',' ? (isArray ? ']' : '}') : isArray ? '[]' : '{}'
}

function* gathered(pieces: Iterable<string>): IterableIterator<string> {
  let text = ''
  for (const piece of pieces) {
    text += piece
    if (text.length < PIECE_CHARS) continue
    yield text
    text = ''
  }
  yield text
}
