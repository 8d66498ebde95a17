/** Aligned columns for people. Cells are data: escaped, and cut before they break the line. */
import { escapeData } from '../redact.ts'
import { plainStyle, type Style } from './style.ts'

export interface TableColumn {
  title: string
  /** Numbers read better right-aligned. */
  align?: 'left' | 'right'
}

export interface TableOptions {
  style?: Style
  /** Longest cell in characters. */
  maxCell?: number
  indent?: string
}

export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly (string | number | null)[])[],
  options: TableOptions = {},
): string {
  const { style = plainStyle, maxCell = 60, indent = '' } = options
  const cells = rows.map((row) => columns.map((_, i) => cellText(row[i] ?? null, maxCell)))
  const widths = columns.map((column, i) => Math.max(width(column.title), ...cells.map((row) => width(row[i] ?? ''))))
  const line = (texts: readonly string[]): string =>
    indent +
    texts
      .map((text, i) => pad(text, widths[i] ?? 0, columns[i]?.align))
      .join('  ')
      .trimEnd()
  return [style.bold(line(columns.map((column) => column.title))), ...cells.map(line)].join('\n')
}

function cellText(value: string | number | null, maxCell: number): string {
  if (value === null) return ''
  const text = escapeData(String(value))
  return text.length > maxCell ? `${text.slice(0, maxCell - 1)}…` : text
}

export function pad(text: string, to: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, to - width(text)))
  return align === 'right' ? fill + text : text + fill
}

/** Columns a text takes on a terminal: wide East Asian characters and emoji take two, combining marks none. */
export function width(text: string): number {
  let columns = 0
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue
    columns += WIDE.test(character) ? 2 : 1
  }
  return columns
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u
