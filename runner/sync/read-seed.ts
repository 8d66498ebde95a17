import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CsvError, parse } from 'csv-parse/sync'
import { BackfeedError } from '../errors.ts'
import type { TextRow } from '../warehouse/warehouse.ts'

export interface SeedFile {
  /** Lower case: only so do names mean the same on every warehouse without quotes. */
  header: readonly string[]
  /** Empty cells are null, quoted or not. */
  rows: readonly TextRow[]
}

/** Seeds are small tables kept in git; data belongs into the warehouse by other ways. */
const MAX_BYTES = 64 * 1024 * 1024

/** Throws E-CFG-TOOBIG, E-CFG-ENCODING, E-SEED-CSV, E-CFG-NAME, with the line. */
export async function readSeed(projectDir: string, file: string): Promise<SeedFile> {
  return parseSeed(await readText(projectDir, file), file)
}

export function parseSeed(text: string, file: string): SeedFile {
  const [header, ...rows] = parseCsv(text, file)
  if (header === undefined) throw problem('E-SEED-CSV', 'the file is empty: the first line names the columns', { file })
  const names = header.map((name) => name.trim().toLowerCase())
  checkNames(names, file)
  return { header: names, rows: rows.map((row) => row.map((cell) => (cell === '' ? null : cell))) }
}

async function readText(projectDir: string, file: string): Promise<string> {
  const bytes = await readFile(join(projectDir, file))
  if (bytes.length > MAX_BYTES) throw problem('E-CFG-TOOBIG', 'a seed is at most 64 MB', { file })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw problem('E-CFG-ENCODING', 'the file is not UTF-8', { file, cause: error })
  }
}

function parseCsv(text: string, file: string): string[][] {
  try {
    return parse(text, { bom: true, skip_empty_lines: true }) as string[][]
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const line = Number((error as CsvError & { lines?: number }).lines ?? 1)
    throw problem('E-SEED-CSV', reason(error.code), { file, line, cause: error })
  }
}

/** The parser's own messages quote cells. */
function reason(code: string): string {
  if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') return 'this line has more or fewer cells than the header'
  if (code === 'CSV_QUOTE_NOT_CLOSED') return 'a quote is opened and never closed'
  if (code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE') return 'a quote stands inside a cell'
  return `this line is not CSV (${code})`
}

function checkNames(names: readonly string[], file: string): void {
  for (const [index, name] of names.entries()) {
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(name)) {
      throw problem('E-CFG-NAME', `the name of column ${index + 1} cannot be used`, {
        file,
        hint: 'only a–z, 0–9 and _',
      })
    }
    if (names.indexOf(name) !== index) throw problem('E-CFG-NAME', `two columns are called "${name}"`, { file })
  }
}

interface Where {
  file: string
  line?: number
  hint?: string
  cause?: unknown
}

function problem(code: `E-${string}`, message: string, { file, line, hint, cause }: Where): BackfeedError {
  const at = { file, line: line ?? 1, column: 1 }
  return new BackfeedError({ code, message, at, ...(hint === undefined ? {} : { hint }) }, { cause })
}
