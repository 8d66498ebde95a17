/** The single way out: results to stdout, logs to stderr, both through the redactor, never through each other. */
import type { Redactor } from '../redact.ts'
import type { StatusLine } from './status-line.ts'
import type { Style } from './style.ts'

export interface Console {
  /** A result, as lines on stdout. */
  print(text: string): void
  /** One compact JSON object on one line of stdout. With `--output json` it is the last thing printed. */
  json(value: unknown): void
  /** Text for people on stderr: problems, hints. */
  note(text: string): void
  /** Colours for stdout; `noteStyle` for stderr. They differ when one of them is redirected. */
  readonly style: Style
  readonly noteStyle: Style
  /** Characters per line of stdout when it is a terminal. */
  readonly columns: number | undefined
  readonly redactor: Redactor
}

export interface ConsoleOptions {
  stdout: (text: string) => void
  stderr: (text: string) => void
  redactor: Redactor
  style: Style
  noteStyle: Style
  columns?: number
  status?: StatusLine
}

export function createConsole(o: ConsoleOptions): Console {
  const above = (write: () => void): void => (o.status === undefined ? write() : o.status.above(write))
  const line = (text: string): string => o.redactor.text(text.endsWith('\n') ? text : `${text}\n`)
  return {
    print: (text) => above(() => o.stdout(line(text))),
    json: (value) => above(() => o.stdout(line(JSON.stringify(value)))),
    note: (text) => above(() => o.stderr(line(text))),
    style: o.style,
    noteStyle: o.noteStyle,
    columns: o.columns,
    redactor: o.redactor,
  }
}
