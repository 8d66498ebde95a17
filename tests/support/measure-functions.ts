/** Length and parameter count of functions, from blanked source text. Finds bodies by `) … {`, not by understanding types. */

export interface MeasuredFunction {
  name: string
  line: number
  /** From the line of its name to its closing brace. */
  lines: number
  parameters: number
}

const KEYWORDS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with', 'return', 'await', 'typeof'])

/** Declarations, methods and arrow functions with a block body or without. */
export function measureFunctions(code: string): MeasuredFunction[] {
  const found: MeasuredFunction[] = []
  for (let open = code.indexOf('('); open !== -1; open = code.indexOf('(', open + 1)) {
    const close = matching(code, open)
    if (close === -1) continue
    const name = nameBefore(code, open)
    if (KEYWORDS.has(name)) continue
    const end = bodyEnd(code, close)
    if (end === undefined) continue
    const start = lineOf(code, open)
    found.push({
      name: name === '' ? '(anonymous)' : name,
      line: start,
      lines: lineOf(code, end) - start + 1,
      parameters: countParameters(code.slice(open + 1, close)),
    })
  }
  return found
}

/** End of the body when what follows the parameters is one: `{`, `: Type {`, `=> …`. Undefined for a call. */
function bodyEnd(code: string, close: number): number | undefined {
  const after = code.slice(close + 1)
  const arrow = /^\s*(:[^=;{}\n]*(\{[^{}\n]*\}[^=;{}\n]*)*)?=>\s*/.exec(after)
  if (arrow !== null) {
    const at = close + 1 + arrow[0].length
    return code[at] === '{' ? matching(code, at) : at
  }
  const block = /^\s*(:[^;={}()]*)?\{/.exec(after)
  if (block === null) return undefined
  return lastBlock(code, close + block[0].length, block[1] !== undefined)
}

/** `: { a: string } {` has its body in the second braces; the first are the return type. */
function lastBlock(code: string, open: number, typed: boolean): number | undefined {
  const end = matching(code, open)
  if (end === -1) return undefined
  const next = typed ? /^(\[\])?[ \t]*(\|[^;={}()\n]*)?\{/.exec(code.slice(end + 1)) : null
  return next === null ? end : lastBlock(code, end + next[0].length, typed)
}

function matching(code: string, open: number): number {
  const pairs: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' }
  const stack: string[] = []
  for (let i = open; i < code.length; i += 1) {
    const character = code[i] ?? ''
    const closing = pairs[character]
    if (closing !== undefined) stack.push(closing)
    else if (character === stack.at(-1)) {
      stack.pop()
      if (stack.length === 0) return i
    }
  }
  return -1
}

function nameBefore(code: string, open: number): string {
  const before = code.slice(Math.max(0, open - 200), open)
  const plain = /([\w$#]+)\s*(?:<[^()]*>)?\s*$/.exec(before)?.[1]
  if (plain !== undefined && plain !== 'async' && plain !== 'function') return plain
  return /(?:const|let)\s+([\w$]+)[^=;]*=\s*(?:async\s*)?$/.exec(before)?.[1] ?? ''
}

/** Commas at depth zero; a trailing comma is none. `<` and `>` of types count as brackets, `=>` does not. */
function countParameters(text: string): number {
  const list = text.replace(/=>/g, '  ').trim().replace(/,$/, '')
  if (list === '') return 0
  let depth = 0
  let count = 1
  for (const character of list) {
    if ('([{<'.includes(character)) depth += 1
    else if (')]}>'.includes(character)) depth -= 1
    else if (character === ',' && depth === 0) count += 1
  }
  return count
}

function lineOf(code: string, index: number): number {
  let line = 1
  for (let i = 0; i < index; i += 1) if (code[i] === '\n') line += 1
  return line
}
