/** Just enough of SQL's surface to know what is code: comments, texts and quoted names are passed over. */

export interface SqlWord {
  /** A keyword or name in lower case, or one of `( ) ; * , .`; other signs are left out. */
  text: string
  /** Offset in the statement. */
  at: number
  /** Parentheses open around it; an opening one counts from the inside. */
  depth: number
}

const PARTS = /--[^\n]*|\/\*|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$([A-Za-z_]\w*)?\$|[A-Za-z_][\w$]*|[();*,.]|[^\s]/g

export function sqlWords(sql: string): SqlWord[] {
  const words: SqlWord[] = []
  const parts = new RegExp(PARTS)
  let depth = 0
  for (let match = parts.exec(sql); match !== null; match = parts.exec(sql)) {
    const [text] = match
    const skipped = skipTo(sql, match.index, text)
    if (skipped !== undefined) parts.lastIndex = skipped
    else if (/^[A-Za-z_();*,.]/.test(text)) {
      if (text === '(') depth++
      words.push({ text: text.toLowerCase(), at: match.index, depth })
      if (text === ')') depth--
    }
  }
  return words
}

/** Where a block comment, a dollar-quoted text or an escape text ends; undefined for everything else. */
function skipTo(sql: string, at: number, text: string): number | undefined {
  if (text === '/*') return commentEnd(sql, at)
  if (text.startsWith('$') && text.endsWith('$') && text.length > 1) return after(sql, text, at + text.length)
  const escaped = /^[eE]$/.test(text) && sql[at + 1] === "'"
  if (!escaped) return undefined
  const rest = /^'(?:\\[\s\S]|''|[^'\\])*'/.exec(sql.slice(at + 1))
  return rest === null ? sql.length : at + 1 + rest[0].length
}

function after(sql: string, mark: string, from: number): number {
  const end = sql.indexOf(mark, from)
  return end === -1 ? sql.length : end + mark.length
}

/** Postgres and DuckDB nest block comments. */
function commentEnd(sql: string, at: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = at
  let open = 0
  for (let match = marks.exec(sql); match !== null; match = marks.exec(sql)) {
    open += match[0] === '/*' ? 1 : -1
    if (open === 0) return marks.lastIndex
  }
  return sql.length
}
