import { badRequest } from '../api-error.ts'
import { type SoqlToken, soqlTokens } from '../soql-lexer.ts'
import type { BoundQuery } from '../soql-run.ts'

const AGGREGATES = /^(count|count_distinct|sum|avg|min|max)$/i

/** Throws ApiError 400 for what SOQL can say and a bulk query cannot: read off the words, whatever the parser makes of them. */
export function refuseWords(text: string): void {
  const tokens = soqlTokens(text)
  const inSelect = Math.max(
    0,
    tokens.findIndex((token) => isWord(token, /^from$/i)),
  )
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    if (isWord(token, /^group$/i) && isWord(next, /^by$/i)) throw refused('GROUP BY')
    if (isWord(token, /^offset$/i) && next?.kind === 'number') throw refused('OFFSET')
    if (isWord(token, /^typeof$/i)) throw refused('TYPEOF')
    if (isWord(token, AGGREGATES) && next?.text === '(') throw refused('aggregate functions')
    const parentToChild = index < inSelect && token.text === '(' && isWord(next, /^select$/i)
    if (parentToChild) throw refused('parent-to-child relationships')
  }
}

/** Throws ApiError 400 for an address or a location as a whole. */
export function refuseCompounds({ columns }: BoundQuery): void {
  const compound = columns.find(({ field }) => field.type === 'address' || field.type === 'location')
  if (compound !== undefined) throw refused(`compound fields (${compound.name})`)
}

function isWord(token: SoqlToken | undefined, pattern: RegExp): boolean {
  return token?.kind === 'word' && pattern.test(token.text)
}

function refused(what: string): Error {
  return badRequest('FEATURENOTENABLED', `FeatureNotEnabled : Bulk queries do not support ${what}`)
}
