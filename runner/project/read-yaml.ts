/**
 * YAML text to plain data with places. YAML 1.2, one document, no tags; mappings become objects without a prototype,
 * so that a key from a file can never reach Object.prototype.
 */
import { type Document, LineCounter, parseDocument, type YAMLError } from 'yaml'
import type { Places } from './places.ts'
import type { ProblemList } from './problem-list.ts'
import type { SourceFile } from './project.ts'
import { YamlTree } from './yaml-tree.ts'

export interface ReadYamlContext {
  places: Places
  problems: ProblemList
}

/** Undefined after reporting why; `null` for a file with comments only. */
export function readYaml(source: SourceFile, context: ReadYamlContext): unknown {
  const lines = new LineCounter()
  const doc = parse(source, lines, context.problems)
  if (doc === undefined) return undefined
  const broken = [...doc.errors, ...doc.warnings]
  for (const error of worthTelling(broken)) context.problems.add(syntaxProblem(error, source.file, lines))
  if (broken.length > 0) return undefined
  return new YamlTree({ ...context, source, lines, doc }).root()
}

function parse(source: SourceFile, lines: LineCounter, problems: ProblemList): Document.Parsed | undefined {
  try {
    return parseDocument(source.text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      version: '1.2',
      merge: false,
    })
  } catch (error) {
    // The parser recurses: nesting beyond the stack is the only thing it throws for.
    if (!(error instanceof RangeError)) throw error
    problems.add({
      code: 'E-CFG-TOOBIG',
      message: 'the YAML is nested too deeply',
      at: { file: source.file, line: 1, column: 1 },
    })
    return undefined
  }
}

const WORDS: Readonly<Record<string, { message: string; help?: string }>> = {
  TAB_AS_INDENT: { message: 'a tab is used for indentation', help: 'indent with spaces' },
  MULTIPLE_DOCS: { message: 'the file holds more than one YAML document', help: 'remove the `---` line' },
  TAG_RESOLVE_FAILED: { message: 'YAML tags are not used here', help: 'remove the tag (the word with `!`)' },
}

function syntaxProblem(error: YAMLError, file: string, lines: LineCounter): import('../errors.ts').Problem {
  const { line, col } = lines.linePos(error.pos[0])
  const words = WORDS[error.code] ?? { message: firstLine(error.message) }
  return {
    code: 'E-CFG-YAML',
    message: words.message,
    at: { file, line: Math.max(line, 1), column: Math.max(col, 1) },
    help: words.help ?? 'check indentation, quotes and colons around this place',
  }
}

/** After the first break the parser guesses, so only tabs are told one by one. */
function worthTelling(errors: readonly YAMLError[]): readonly YAMLError[] {
  const tabs = errors.filter((error) => error.code === 'TAB_AS_INDENT')
  return tabs.length > 0 ? tabs : errors.slice(0, 1)
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/[.:]$/, '')
}
