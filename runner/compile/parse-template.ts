import { BackfeedError, type Position, type Problem } from '../errors.ts'
import type { SourceFile } from '../project/project.ts'
import { DoNode, lexer, Parser, type TemplateNode, type Token } from './nunjucks-internals.ts'

/** Templates are written by hand; beyond this something generated them, and the parser is not built for it. */
const MAX_TEMPLATE_CHARACTERS = 1_000_000

/** Parse to nunjucks' tree. Throws E-TPL-SYNTAX with line and column; an unclosed tag is reported where it opens. */
export function parseTemplate(source: SourceFile): TemplateNode {
  if (source.text.length > MAX_TEMPLATE_CHARACTERS) {
    throw new BackfeedError({ code: 'E-TPL-TIMEOUT', message: 'template is larger than 1 MB', at: start(source.file) })
  }
  const parser = new OpenTagParser(lexer.lex(source.text, { trimBlocks: true, lstripBlocks: true }))
  try {
    return parser.parseAsRoot()
  } catch (error) {
    throw new BackfeedError(syntaxProblem(error, source, parser.open), { cause: error })
  }
}

/** nunjucks knows no position for "unexpected end of file", so the tags that are still open are remembered. */
class OpenTagParser extends Parser {
  readonly open: Token[] = []

  override parseStatement(): TemplateNode | null {
    const tag = this.peekToken()
    if (tag === null) return super.parseStatement()
    this.open.push(tag)
    const node = tag.value === 'do' ? this.parseDo(tag) : super.parseStatement()
    this.open.pop()
    return node
  }

  private parseDo(tag: Token): TemplateNode {
    this.nextToken()
    const expression = this.parseExpression()
    this.advanceAfterBlockEnd(tag.value)
    return new DoNode(tag.lineno, tag.colno, expression)
  }
}

function syntaxProblem(error: unknown, source: SourceFile, open: readonly Token[]): Problem {
  if (error instanceof RangeError) {
    return { code: 'E-TPL-TIMEOUT', message: 'template is nested too deeply', at: start(source.file) }
  }
  const { lineno, colno, message } = error as { lineno?: number; colno?: number; message: string }
  const at: Position = { file: source.file, line: lineno ?? 0, column: colno ?? 0 }
  if (at.line > 0) return { code: 'E-TPL-SYNTAX', message: plainMessage(message), at }
  const tag = open.at(-1)
  if (tag !== undefined && /end of file|block end/.test(message)) {
    const place = { file: source.file, line: tag.lineno + 1, column: tag.colno + 1, length: tag.value.length }
    return { code: 'E-TPL-SYNTAX', message: `"{% ${tag.value} %}" is never closed`, at: place }
  }
  return { code: 'E-TPL-SYNTAX', message: plainMessage(message), at: lastOpening(source) }
}

/** Errors without a place come from running into the end of the file inside `{{`, `{%` or `{#`: the last one that opened. */
function lastOpening(source: SourceFile): Position {
  const index = Math.max(...['{{', '{%', '{#'].map((tag) => source.text.lastIndexOf(tag)), 0)
  const before = source.text.slice(0, index)
  const line = before.split('\n').length
  return { file: source.file, line, column: index - before.lastIndexOf('\n'), length: 2 }
}

function start(file: string): Position {
  return { file, line: 1, column: 1 }
}

function plainMessage(message: string): string {
  if (/^Cannot read properties|is not iterable/.test(message)) return 'unexpected end of the expression'
  return message
    .replace(/^parse\w+: /, '')
    .replace(/expected variable end/, 'expected "}}"')
    .replace(/expected block end in (\w+) statement/, 'expected "%}" at the end of "{% $1"')
}
