import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Level by level: Node's own recursive mkdir never returns on some file systems (/proc, for one). Throws what mkdir throws. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    // Two processes may make the same folder at the same time.
    if (!existsSync(path)) throw error
  }
}
