/** Reading the project's files: every path stays inside the project folder, every file is UTF-8 text of a sane size. */
import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { TextDecoder } from 'node:util'
import type { Position } from '../errors.ts'
import type { ProblemList } from './problem-list.ts'
import type { SourceFile } from './project.ts'

const MAX_FILE_BYTES = 1024 * 1024
const MAX_DEPTH = 20

/** A folder named in project.yml. `at` is set when a user wrote it, and then it has to exist. */
export interface FolderRequest {
  folder: string
  at?: Position
  /** Endings with the dot. */
  endings: readonly string[]
}

export class ProjectFiles {
  readonly dir: string
  readonly #root: string
  readonly #problems: ProblemList

  constructor(dir: string, problems: ProblemList) {
    this.dir = resolve(dir)
    this.#root = realpathSync(this.dir)
    this.#problems = problems
  }

  /** Relative names of the files below a folder, sorted, so that every run sees the same order. */
  list(request: FolderRequest): string[] {
    const absolute = resolve(this.dir, request.folder)
    const at = request.at ?? { file: 'project.yml', line: 1, column: 1 }
    if (!this.#inside(absolute, request.folder, at)) return []
    if (!existsSync(absolute) || !statSync(absolute).isDirectory()) {
      if (request.at !== undefined)
        this.#pathProblem(`folder "${request.folder}" does not exist`, request.at, 'create it, or correct the path')
      return []
    }
    return this.#walk(absolute, request.endings, 0).sort()
  }

  /** Text without byte order mark; undefined after reporting what is wrong with the file, `at` where it is named. */
  read(file: string, at: Position = { file, line: 1, column: 1 }): SourceFile | undefined {
    const absolute = resolve(this.dir, file)
    if (!this.#inside(absolute, file, at)) return undefined
    let bytes: Buffer
    try {
      if (statSync(absolute).size > MAX_FILE_BYTES) return this.#tooBig(at)
      bytes = readFileSync(absolute)
    } catch {
      this.#pathProblem('the file cannot be read', at, 'let the user that runs Backfeed read it')
      return undefined
    }
    const text = decode(bytes)
    if (text !== undefined) return { file, text }
    this.#problems.add({
      code: 'E-CFG-ENCODING',
      message: 'the file is not valid UTF-8',
      at: positionOfBadByte(file, bytes),
      help: 'save the file as UTF-8',
    })
    return undefined
  }

  /** For folders that are written to or deleted: inside the project, and not the project itself. */
  checkOutput(folder: string, at: Position): void {
    const absolute = resolve(this.dir, folder)
    if (!this.#inside(absolute, folder, at) || absolute !== this.dir) return
    this.#pathProblem(`"${folder}" is the project folder itself`, at, 'name a folder inside the project')
  }

  #walk(folder: string, endings: readonly string[], depth: number): string[] {
    if (depth > MAX_DEPTH) return []
    const entries = this.#entries(folder).filter((e) => !e.name.startsWith('.'))
    return entries.flatMap((entry) => {
      const absolute = join(folder, entry.name)
      if (isDirectory(entry, absolute)) {
        return this.#followable(entry, absolute) ? this.#walk(absolute, endings, depth + 1) : []
      }
      const wanted = endings.some((ending) => entry.name.endsWith(ending)) && this.#followable(entry, absolute)
      return wanted ? [this.#name(absolute)] : []
    })
  }

  #entries(folder: string): Dirent[] {
    try {
      return readdirSync(folder, { withFileTypes: true })
    } catch {
      const at = { file: this.#name(folder), line: 1, column: 1 }
      this.#pathProblem('the folder cannot be read', at, 'let the user that runs Backfeed read it')
      return []
    }
  }

  #followable(entry: Dirent, absolute: string): boolean {
    const name = this.#name(absolute)
    return !entry.isSymbolicLink() || this.#inside(absolute, name, { file: name, line: 1, column: 1 })
  }

  /** A path that does not exist yet is judged by its text; an existing one by where it really leads. */
  #inside(absolute: string, shown: string, at: Position): boolean {
    const real = existsSync(absolute) ? realpathSync(absolute) : absolute
    const root = existsSync(absolute) ? this.#root : this.dir
    if (real === root || real.startsWith(root + sep)) return true
    this.#pathProblem(`"${shown}" leads outside the project folder`, at)
    return false
  }

  #name(absolute: string): string {
    return relative(this.dir, absolute).split(sep).join('/')
  }

  #tooBig(at: Position): undefined {
    this.#problems.add({
      code: 'E-CFG-TOOBIG',
      message: 'the file is larger than 1 MB',
      at,
      help: 'split it into several files; data belongs into the warehouse or into seeds/',
    })
  }

  #pathProblem(message: string, at: Position, help = 'use a path inside the project folder'): void {
    this.#problems.add({ code: 'E-CFG-PATH', message, at, help })
  }
}

function isDirectory(entry: Dirent, absolute: string): boolean {
  if (entry.isDirectory()) return true
  if (!entry.isSymbolicLink()) return false
  return existsSync(absolute) && statSync(absolute).isDirectory()
}

/** TextDecoder drops a byte order mark by itself. */
function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function positionOfBadByte(file: string, bytes: Buffer): Position {
  const replaced = new TextDecoder('utf-8').decode(bytes)
  const before = replaced.slice(0, Math.max(0, replaced.indexOf('\uFFFD'))).split('\n')
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
