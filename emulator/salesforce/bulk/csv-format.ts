import { choice } from '../../core/control-input.ts'

export const DELIMITERS = {
  BACKQUOTE: '`',
  CARET: '^',
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  TAB: '\t',
} as const
export const LINE_ENDINGS = { LF: '\n', CRLF: '\r\n' } as const

export type DelimiterName = keyof typeof DELIMITERS
export type LineEndingName = keyof typeof LINE_ENDINGS

export interface CsvFormat {
  columnDelimiter: DelimiterName
  lineEnding: LineEndingName
}

export function delimiterOf(format: CsvFormat): string {
  return DELIMITERS[format.columnDelimiter]
}

/** Throws ControlError where a name is not one of the API's. */
export function csvFormatOf(input: { columnDelimiter?: unknown; lineEnding?: unknown }): CsvFormat {
  const delimiters = Object.keys(DELIMITERS) as DelimiterName[]
  return {
    columnDelimiter: choice(input.columnDelimiter ?? 'COMMA', delimiters, 'columnDelimiter'),
    lineEnding: choice(input.lineEnding ?? 'LF', ['LF', 'CRLF'], 'lineEnding'),
  }
}

/** A cell as both result files have it: always in quotes. */
export function quotedCell(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`
}

export function quotedLine(cells: readonly string[], delimiter: string): string {
  return `${cells.map(quotedCell).join(delimiter)}\n`
}
