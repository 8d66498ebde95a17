/** Sources as text: comments and the insides of strings, templates and regular expressions blanked, lines kept. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '../..')

export interface Source {
  /** From the repository, with forward slashes. */
  file: string
  text: string
  /** `text` with the same line breaks, where only code is left. */
  code: string
}

export function readSources(folder: string): Source[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(REPOSITORY, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(REPOSITORY, file), 'utf8')
      return { file, text, code: blankOut(text) }
    })
}

export interface ImportOf {
  specifier: string
  /** Of a relative import: the file from the repository. */
  path?: string
  dynamic: boolean
  typeOnly: boolean
}

/**
 * Static, side-effect, re-exporting and dynamic imports with a literal specifier. `import { type A }` counts as a
 * load: under verbatimModuleSyntax it leaves `import {}` behind.
 */
export function importsOf({ file, text }: Pick<Source, 'file' | 'text'>): ImportOf[] {
  const code = blankOut(text, { keepStrings: true })
  const found: ImportOf[] = []
  const add = (specifier: string, rest: Pick<ImportOf, 'dynamic' | 'typeOnly'>): void => {
    const path = specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(file), specifier)) : undefined
    found.push({ specifier, ...rest, ...(path === undefined ? {} : { path }) })
  }
  for (const m of code.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]/gm))
    add(m[2] ?? '', { dynamic: false, typeOnly: m[1] !== undefined })
  // `import('x')` in a type position is followed by `.Name`, in code by `)` and then anything else.
  for (const m of code.matchAll(/\b(typeof\s+)?import\(\s*['"]([^'"]+)['"]\s*\)(\.[A-Z]\w*)?/g))
    add(m[2] ?? '', { dynamic: true, typeOnly: m[1] !== undefined || m[3] !== undefined })
  return found
}

/** One pass over the characters. Regular expressions are recognised by what stands before the slash. */
export function blankOut(text: string, options: { keepStrings?: boolean } = {}): string {
  const scanner = new Scanner(text, options.keepStrings === true)
  return scanner.run()
}

class Scanner {
  readonly #text: string
  readonly #keep: boolean
  #at = 0
  #out = ''
  /** Depth of `{` inside each open `${`. */
  readonly #templates: number[] = []

  constructor(text: string, keepStrings: boolean) {
    this.#text = text
    this.#keep = keepStrings
  }

  run(): string {
    while (this.#at < this.#text.length) this.#step()
    return this.#out
  }

  #step(): void {
    const two = this.#text.slice(this.#at, this.#at + 2)
    const one = two[0] ?? ''
    if (two === '//') this.#blank(this.#end(/\n/))
    else if (two === '/*') this.#blank(this.#end(/\*\//, 2, 2))
    else if (one === "'" || one === '"') this.#string(this.#quoted(one))
    else if (one === '`') this.#template()
    else if (one === '/' && this.#regexMayStart()) this.#string(this.#regex())
    else this.#codeCharacter(one)
  }

  /** Braces are counted inside `${…}`, to know where the template goes on. */
  #codeCharacter(one: string): void {
    const depth = this.#templates.at(-1)
    this.#emit(1)
    if (depth === undefined) return
    if (one === '{') this.#templates[this.#templates.length - 1] = depth + 1
    else if (one === '}' && depth > 0) this.#templates[this.#templates.length - 1] = depth - 1
    else if (one === '}') {
      this.#templates.pop()
      this.#templateText()
    }
  }

  #end(pattern: RegExp, skip = 0, include = 0): number {
    const rest = this.#text.slice(this.#at + skip)
    const index = rest.search(pattern)
    return index === -1 ? this.#text.length : this.#at + skip + index + include
  }

  #emit(count: number): void {
    this.#out += this.#text.slice(this.#at, this.#at + count)
    this.#at += count
  }

  #blank(end: number): void {
    this.#out += this.#text.slice(this.#at, end).replace(/[^\n]/g, ' ')
    this.#at = end
  }

  /** Quotes stay, so that a string is still a value; what is inside goes. */
  #string(end: number): void {
    if (!this.#keep) {
      this.#emit(1)
      this.#blank(end - 1)
    }
    this.#emit(end - this.#at)
  }

  #quoted(quote: string): number {
    let i = this.#at + 1
    while (i < this.#text.length && this.#text[i] !== quote && this.#text[i] !== '\n')
      i += this.#text[i] === '\\' ? 2 : 1
    return i + 1
  }

  #template(): void {
    this.#emit(1)
    this.#templateText()
  }

  #templateText(): void {
    let i = this.#at
    while (i < this.#text.length && this.#text[i] !== '`' && !this.#text.startsWith('${', i))
      i += this.#text[i] === '\\' ? 2 : 1
    this.#blank(i)
    const opens = this.#text.startsWith('${', i)
    this.#emit(opens ? 2 : 1)
    if (opens) this.#templates.push(0)
  }

  #regexMayStart(): boolean {
    const before = this.#out.trimEnd()
    return before === '' || /[=(,:[!&|?{};+\-*%<>~^]$|\b(return|typeof|case|in|of|do|else)$/.test(before)
  }

  #regex(): number {
    let i = this.#at + 1
    let inClass = false
    while (i < this.#text.length && this.#text[i] !== '\n' && (inClass || this.#text[i] !== '/')) {
      if (this.#text[i] === '\\') i += 1
      else if (this.#text[i] === '[') inClass = true
      else if (this.#text[i] === ']') inClass = false
      i += 1
    }
    return i + 1
  }
}
