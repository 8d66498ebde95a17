import { type SqlWord, sqlWords } from './sql-words.ts'

export interface SelectMistake {
  message: string
  /** Offset in the statement. */
  at: number
}

const CHANGES = ['insert', 'update', 'delete', 'merge', 'truncate', 'replace', 'copy']
const NOT_SELECT = [...CHANGES, 'create', 'drop', 'alter', 'grant', 'revoke', 'call', 'do', 'set', 'begin', 'commit']

/**
 * A model is one SELECT: it may start with WITH or a parenthesis, and a single `;` may end it. Undefined when it is.
 * This is advice with a place, not a wall: what a model may do is decided by the role it runs with.
 */
export function selectMistake(sql: string): SelectMistake | undefined {
  const words = sqlWords(sql)
  const first = words.find((word) => word.text !== '(')
  if (first === undefined) return { message: 'the model is empty', at: 0 }
  if (!['select', 'with', 'from', 'values'].includes(first.text)) {
    return { message: `a model must be one SELECT, this one begins with ${first.text.toUpperCase()}`, at: first.at }
  }
  const second = words.findIndex((word) => word.text === ';')
  if (second !== -1 && second < words.length - 1) {
    return { message: 'a model must be one SELECT, there is more after the ";"', at: words[second]?.at ?? 0 }
  }
  return changeInside(words) ?? intoTable(words) ?? separator(sql)
}

function separator(sql: string): SelectMistake | undefined {
  const found = /^--;;[ \t]*$/m.exec(sql)
  return found === null
    ? undefined
    : { message: 'the comment "--;;" is reserved: it separates statements', at: found.index }
}

/** `with x as (…) delete from t` and `with x as (delete from t returning *) select …`. */
function changeInside(words: readonly SqlWord[]): SelectMistake | undefined {
  const found = words.find((word, i) => {
    if (!NOT_SELECT.includes(word.text)) return false
    const before = words[i - 1]
    const opens = before?.text === '(' || (word.depth === 0 && before?.text === ')')
    const next = words[i + 1]?.text ?? ''
    // `replace(a, b, c)` is a function and `(update)` may be a column; a statement goes on with a word.
    return opens && /^[a-z_]/.test(next)
  })
  return found && { message: `a model must be one SELECT, this one contains ${found.text.toUpperCase()}`, at: found.at }
}

function intoTable(words: readonly SqlWord[]): SelectMistake | undefined {
  const into = words.find((word) => word.text === 'into' && word.depth === 0)
  return into && { message: 'a model must be one SELECT, SELECT INTO creates a table', at: into.at }
}

/** Offset of a `*` in the outermost select list, for W-SQL-STAR. */
export function outermostStar(sql: string): number | undefined {
  const words = sqlWords(sql)
  const star = words.find((word, i) => {
    if (word.text !== '*' || word.depth !== 0) return false
    const before = words[i - 1]?.text ?? ''
    return before === 'select' || before === 'distinct' || before === 'all' || before === '.' || before === ','
  })
  return star?.at
}

/** The statement without blanks around it and without the one `;` that may end it. */
export function bareSelect(sql: string): string {
  const last = sqlWords(sql).at(-1)
  return last?.text === ';' ? `${sql.slice(0, last.at)}${sql.slice(last.at + 1)}`.trim() : sql.trim()
}
