/**
 * The check between writing the file and sending it: its bytes, read back, must give the payloads that were planned.
 * It shares nothing with the writer but the shape of the bodies.
 */
import { hash } from 'node:crypto'
import { CsvCursor } from './csv-cursor.ts'
import { CLEAR } from './line-writer.ts'
import type { LoadShape } from './load-shape.ts'

export interface CheckedLines {
  shape: LoadShape
  /** Per column: whether its values are JSON strings. */
  isText: readonly (boolean | undefined)[]
  /** md5 (hex) of the payload of each line. */
  hashes: readonly string[]
}

/** Positions of the lines that do not read back; undefined when the text does not read as that many lines. */
export function unfaithfulLines(bytes: Buffer, expected: CheckedLines): readonly number[] | undefined {
  const { shape, hashes } = expected
  const cursor = new CsvCursor()
  cursor.feed(bytes.toString('utf8'))
  const unfaithful: number[] = []
  let line = 0
  try {
    for (; cursor.next(); line += 1) {
      if (cursor.count !== shape.columns.length) return undefined
      if (!isPayload(cursor, expected, hashes[line])) unfaithful.push(line)
    }
  } catch {
    return undefined
  }
  return line === hashes.length ? unfaithful : undefined
}

/** Control characters are written by some warehouses as \u001F, by others as \u001f. */
function isPayload(cursor: CsvCursor, expected: CheckedLines, payloadHash: string | undefined): boolean {
  const payload = rebuilt(cursor, expected)
  if (hash('md5', payload) === payloadHash) return true
  return payload.includes('\\u00') && hash('md5', upperCaseEscapes(payload)) === payloadHash
}

function rebuilt(cursor: CsvCursor, { shape, isText }: CheckedLines): string {
  const { frame } = shape
  let payload = frame[0] ?? ''
  for (let index = 0; index < cursor.count; index += 1) {
    const cell = cursor.cell(index)
    if (cell === CLEAR) payload += 'null'
    else if (isText[index] === true) payload += jsonText(cell)
    else payload += cell
    payload += frame[index + 1] ?? ''
  }
  return payload
}

/** JSON.stringify costs several times the check for nothing to escape. */
function jsonText(cell: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON escapes
  return /["\\\u0000-\u001f]/.test(cell) ? JSON.stringify(cell) : `"${cell}"`
}

function upperCaseEscapes(payload: string): string {
  return payload.replace(/\\(?:u00[0-9a-f]{2}|.)/g, (token) =>
    token.startsWith('\\u') ? `\\u${token.slice(2).toUpperCase()}` : token,
  )
}
