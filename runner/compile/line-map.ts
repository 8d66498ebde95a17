import type { Position } from '../errors.ts'
import type { SourceFile } from '../project/project.ts'
import { nodePosition } from './check-names.ts'
import type { TemplateNode } from './nunjucks-internals.ts'

/**
 * The line of the template each rendered line begins in. `marks` are pairs of output length and place: from that length
 * on, the text was written there. Template text keeps its line breaks, so lines inside it are counted; what a macro
 * prints belongs to the line of the call.
 */
export function mapLines(output: string, marks: readonly number[], lineOf: (place: number) => number): number[] {
  const lines: number[] = []
  let mark = 0
  let lineStart = 0
  let markLine = 0
  output.split('\n').forEach((line, index) => {
    // The last mark that begins at or before the first character that is not a blank.
    const offset = lineStart + (line.length - line.trimStart().length)
    while (mark + 2 < marks.length && (marks[mark + 2] ?? 0) <= offset) {
      mark += 2
      // Marks are passed in order, so one that begins before this line began on an earlier one, empty ones included.
      markLine = index - countBreaks(output.slice(marks[mark], lineStart))
    }
    const here = lineOf(marks[mark + 1] ?? 0)
    const next = marks[mark + 3] === undefined ? Number.MAX_SAFE_INTEGER : lineOf(marks[mark + 3] ?? 0)
    lines.push(Math.min(here + index - markLine, Math.max(next, here)))
    lineStart += line.length + 1
  })
  return lines
}

function countBreaks(text: string): number {
  return text.split('\n').length - 1
}

/** Like nodePosition, but template text after `-%}` begins where its first kept character is. */
export function placeOf(node: TemplateNode, source: SourceFile): Position {
  const at = nodePosition(node, source.file)
  const data = node.children?.[0]
  if (node.typename !== 'Output' || data?.typename !== 'TemplateData') return at
  const kept = String(data.value)
  if (/^\s/.test(kept)) return at
  const cut = source.text
    .split('\n')
    .slice(at.line - 1)
    .join('\n')
    .slice(at.column - 1)
  const skipped = /^\s*/.exec(cut)?.[0] ?? ''
  return { ...at, line: at.line + skipped.split('\n').length - 1 }
}
