import { isCounted, isRelativeDate } from './soql-dates.ts'
import { malformed, type SoqlToken, soqlTokens } from './soql-lexer.ts'

export interface SoqlPath {
  /** `Account.Name` → ['Account', 'Name'], as written. */
  parts: readonly string[]
  at: number
}

export type SoqlOperator = '=' | '!=' | '<' | '>' | '<=' | '>=' | 'LIKE' | 'IN' | 'NOT IN' | 'INCLUDES' | 'EXCLUDES'

export type SoqlLiteral =
  | { kind: 'null' }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string; like: string }
  | { kind: 'date' | 'datetime'; value: string }
  /** TODAY, LAST_N_DAYS:7, … */
  | { kind: 'relative'; name: string; count: number }

export type SoqlCondition =
  | { kind: 'and' | 'or'; conditions: readonly SoqlCondition[] }
  | { kind: 'not'; condition: SoqlCondition }
  | { kind: 'compare'; path: SoqlPath; operator: SoqlOperator; literals: readonly SoqlLiteral[]; at: number }

export interface SoqlOrder {
  path: SoqlPath
  descending: boolean
  nullsLast: boolean
}

export type SoqlSelect = { kind: 'path'; path: SoqlPath } | { kind: 'fields'; which: string; at: number }

export interface SoqlQuery {
  text: string
  /** SELECT COUNT() */
  count: boolean
  select: readonly SoqlSelect[]
  from: { name: string; alias: string | undefined; at: number }
  where: SoqlCondition | undefined
  orderBy: readonly SoqlOrder[]
  limit: number | undefined
  offset: number
  /** Sees fields and objects the API user may not: conditions of rules. */
  unrestricted?: boolean
}

const OPERATORS: Readonly<Record<string, SoqlOperator>> = {
  '=': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '>': '>',
  '<=': '<=',
  '>=': '>=',
}
const CLAUSES = /^(where|order|limit|offset|group|having|with|for|using|update|all)$/i

/** Throws ApiError 400 MALFORMED_QUERY with the place. Sub-queries, aggregates but COUNT(), GROUP BY and TYPEOF are refused. */
export function parseSoql(text: string): SoqlQuery {
  return new Parser(text).query()
}

class Parser {
  readonly #text: string
  readonly #tokens: readonly SoqlToken[]
  #next = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = soqlTokens(text)
  }

  query(): SoqlQuery {
    this.#keyword('SELECT')
    const count = this.#countAll()
    const select = count ? [] : this.#list(() => this.#selected())
    this.#keyword('FROM')
    const from = this.#from()
    const where = this.#take('WHERE') ? this.#or() : undefined
    const orderBy = this.#take('ORDER') ? this.#orderBy() : []
    const limit = this.#take('LIMIT') ? this.#whole() : undefined
    const offset = this.#take('OFFSET') ? this.#whole() : 0
    if (this.#peek().kind !== 'end') throw this.#unexpected()
    return { text: this.#text, count, select, from, where, orderBy, limit, offset }
  }

  #countAll(): boolean {
    const [word, open, close] = [this.#peek(), this.#peek(1), this.#peek(2)]
    if (!/^count$/i.test(word.text) || open.text !== '(' || close.text !== ')') return false
    this.#next += 3
    return true
  }

  #selected(): SoqlSelect {
    const { at } = this.#peek()
    const path = this.#path()
    if (this.#peek().text !== '(') return { kind: 'path', path }
    if (!/^fields$/i.test(path.parts.join('.'))) throw this.#unexpected()
    this.#symbol('(')
    const which = this.#word()
    this.#symbol(')')
    return { kind: 'fields', which: which.toUpperCase(), at }
  }

  #from(): SoqlQuery['from'] {
    const { at } = this.#peek()
    const name = this.#word()
    this.#take('AS')
    const next = this.#peek()
    const alias = next.kind === 'word' && !CLAUSES.test(next.text) ? this.#word() : undefined
    return { name, alias, at }
  }

  #or(): SoqlCondition {
    const first = this.#and()
    if (!this.#is('OR')) return first
    const conditions = [first]
    while (this.#take('OR')) conditions.push(this.#and())
    return { kind: 'or', conditions }
  }

  #and(): SoqlCondition {
    const first = this.#unary()
    if (!this.#is('AND')) return first
    const conditions = [first]
    while (this.#take('AND')) conditions.push(this.#unary())
    return { kind: 'and', conditions }
  }

  #unary(): SoqlCondition {
    if (this.#take('NOT')) return { kind: 'not', condition: this.#unary() }
    if (this.#peek().text !== '(') return this.#comparison()
    this.#symbol('(')
    const inner = this.#or()
    this.#symbol(')')
    return inner
  }

  #comparison(): SoqlCondition {
    const { at } = this.#peek()
    const path = this.#path()
    const operator = this.#operator()
    const many = operator === 'IN' || operator === 'NOT IN' || operator === 'INCLUDES' || operator === 'EXCLUDES'
    if (!many) return { kind: 'compare', path, operator, literals: [this.#literal()], at }
    this.#symbol('(')
    if (/^select$/i.test(this.#peek().text)) throw this.#unexpected()
    const literals = this.#list(() => this.#literal())
    this.#symbol(')')
    return { kind: 'compare', path, operator, literals, at }
  }

  #operator(): SoqlOperator {
    const token = this.#advance()
    const symbol = token.kind === 'symbol' ? OPERATORS[token.text] : undefined
    if (symbol !== undefined) return symbol
    const word = token.kind === 'word' ? token.text.toUpperCase() : ''
    if (word === 'LIKE' || word === 'IN' || word === 'INCLUDES' || word === 'EXCLUDES') return word
    if (word === 'NOT' && this.#take('IN')) return 'NOT IN'
    throw this.#unexpected(token)
  }

  #literal(): SoqlLiteral {
    const token = this.#advance()
    if (token.kind === 'string') return { kind: 'string', value: token.text, like: token.like }
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) }
    if (token.kind === 'date' || token.kind === 'datetime') return { kind: token.kind, value: token.text }
    if (token.kind !== 'word') throw this.#unexpected(token)
    if (/^null$/i.test(token.text)) return { kind: 'null' }
    if (/^(true|false)$/i.test(token.text)) return { kind: 'boolean', value: /^true$/i.test(token.text) }
    if (!isRelativeDate(token.text)) throw this.#unexpected(token)
    const counted = isCounted(token.text)
    if (counted) this.#symbol(':')
    return { kind: 'relative', name: token.text.toUpperCase(), count: counted ? this.#whole() : 0 }
  }

  #orderBy(): SoqlOrder[] {
    this.#keyword('BY')
    return this.#list(() => {
      const path = this.#path()
      const descending = this.#take('DESC')
      if (!descending) this.#take('ASC')
      const nulls = this.#take('NULLS')
      const nullsLast = nulls ? this.#take('LAST') : false
      if (nulls && !nullsLast) this.#keyword('FIRST')
      return { path, descending, nullsLast }
    })
  }

  #list<T>(item: () => T): T[] {
    const items = [item()]
    while (this.#peek().text === ',' && this.#peek().kind === 'symbol') {
      this.#next += 1
      items.push(item())
    }
    return items
  }

  #path(): SoqlPath {
    const { at } = this.#peek()
    return { parts: this.#word().split('.'), at }
  }

  #word(): string {
    const token = this.#advance()
    if (token.kind !== 'word') throw this.#unexpected(token)
    return token.text
  }

  #whole(): number {
    const token = this.#advance()
    if (token.kind !== 'number' || !/^\d+$/.test(token.text)) throw this.#unexpected(token)
    return Number(token.text)
  }

  #symbol(text: string): void {
    const token = this.#advance()
    if (token.kind !== 'symbol' || token.text !== text) throw this.#unexpected(token)
  }

  #keyword(word: string): void {
    if (!this.#take(word)) throw this.#unexpected()
  }

  #take(word: string): boolean {
    if (!this.#is(word)) return false
    this.#next += 1
    return true
  }

  #is(word: string): boolean {
    const token = this.#peek()
    return token.kind === 'word' && token.text.toUpperCase() === word
  }

  #peek(ahead = 0): SoqlToken {
    return this.#tokens[this.#next + ahead] ?? { kind: 'end', text: '<EOF>', at: this.#text.length }
  }

  #advance(): SoqlToken {
    const token = this.#peek()
    this.#next += 1
    return token
  }

  #unexpected(token: SoqlToken = this.#peek()): Error {
    return malformed(this.#text, token.at, `unexpected token: '${token.text}'`)
  }
}
