/** Problems as people read them (DESIGN section 8), and as programs do. Pure: the source lines are handed in. */
import { styleText } from 'node:util'
import type { Position, Problem } from './errors.ts'
import { maskSecrets } from './project/looks-secret.ts'

export interface RenderProblemsOptions {
  /** Text of a file of the project, for the quoted line; undefined leaves the line out. */
  source?: (file: string) => string | undefined
  colour?: boolean
  /** Problems shown before the rest is only counted. */
  limit?: number
}

/** Ends with a newline. At most 50 problems, then how many more there are. */
export function renderProblems(problems: readonly Problem[], options: RenderProblemsOptions = {}): string {
  const limit = options.limit ?? 50
  const shown = problems.slice(0, limit).map((problem) => renderProblem(problem, options))
  const rest = problems.length - shown.length
  const blocks = rest > 0 ? [...shown, `… and ${rest} more ${rest === 1 ? 'problem' : 'problems'}\n`] : shown
  return blocks.join('\n')
}

/** One problem for `--output json`: flat, without colours, without source lines. */
export interface ProblemJson {
  code: string
  severity: 'error' | 'warning'
  message: string
  file?: string
  line?: number
  column?: number
  length?: number
  hint?: string
  help?: string
}

export function problemsToJson(problems: readonly Problem[]): ProblemJson[] {
  return problems.map(({ code, message, at, hint, help }) => ({
    code,
    severity: severity(code),
    message: plainText(message),
    ...(at && { file: at.file, line: at.line, column: at.column }),
    ...(at?.length !== undefined && { length: at.length }),
    ...(hint !== undefined && { hint: plainText(hint) }),
    ...(help !== undefined && { help: plainText(help) }),
  }))
}

function renderProblem(problem: Problem, options: RenderProblemsOptions): string {
  const paint = painter(options.colour === true)
  const kind = severity(problem.code)
  const where = problem.at === undefined ? '' : `  ${paint('bold', plainText(placeText(problem.at)))}`
  const tint = kind === 'error' ? 'red' : 'yellow'
  const head = `${paint(tint, `${kind} ${problem.code}`)}${where}  ${plainText(problem.message)}`
  return [head, ...quote(problem, options, paint), helpLine(problem, paint)].join('\n').concat('\n')
}

type Paint = (style: 'red' | 'yellow' | 'bold' | 'cyan' | 'dim', text: string) => string

/** The caller has decided about colour, so the streams are not asked again. */
function painter(colour: boolean): Paint {
  return (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text)
}

function helpLine(problem: Problem, paint: Paint): string {
  const help = problem.help === undefined ? '' : `${paint('cyan', 'help:')} ${plainText(problem.help)}   `
  return `  ${help}${paint('dim', `more: backfeed explain ${problem.code}`)}`
}

function quote(problem: Problem, options: RenderProblemsOptions, paint: Paint): string[] {
  const hint = problem.hint === undefined ? '' : plainText(problem.hint)
  const line = problem.at === undefined ? undefined : sourceLine(problem.at, options)
  if (problem.at === undefined || line === undefined) return hint === '' ? [] : [`  ${hint}`]
  const { text, column } = window(line, problem.at.column)
  const width = Math.max(1, Math.min(problem.at.length ?? 1, text.length - column + 1))
  const gutter = `${String(problem.at.line).padStart(5)} | `
  const underline = `${' '.repeat(gutter.length + column - 1)}${paint('red', '^'.repeat(width))}`
  return [`${paint('dim', gutter)}${text}`, `${underline}${hint === '' ? '' : ` ${hint}`}`]
}

function sourceLine(at: Position, options: RenderProblemsOptions): string | undefined {
  const source = options.source?.(at.file)?.replace(/^\uFEFF/, '')
  const line = source?.split('\n')[at.line - 1]?.replace(/\r$/, '')
  if (line === undefined || line.trim() === '') return undefined
  return printable(maskSecrets(line).replaceAll('\t', ' '))
}

const MAX_WIDTH = 160

/** Long lines are cut around the place, so that the underline stays below what it means. */
function window(line: string, column: number): { text: string; column: number } {
  if (line.length <= MAX_WIDTH) return { text: line, column }
  const start = Math.max(0, Math.min(column - 1 - MAX_WIDTH / 2, line.length - MAX_WIDTH))
  return { text: line.slice(start, start + MAX_WIDTH), column: column - start }
}

function placeText(at: Position): string {
  return `${at.file}:${at.line}:${at.column}`
}

function severity(code: string): 'error' | 'warning' {
  return code.startsWith('W-') ? 'warning' : 'error'
}

/** Messages quote file contents: control characters and direction marks must not reach a terminal or a log. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD')
}

function plainText(text: string): string {
  return printable(maskSecrets(text).replaceAll(/[\n\t]/g, ' '))
}
