/** The table of docs/safety.md, read from the document itself: what it says is what is tested. */
import { readFileSync } from 'node:fs'

export type CrmName = 'salesforce' | 'hubspot'
export type Mode = 'upsert' | 'update' | 'create'

export interface NullCase {
  onNull: 'ignore' | 'clear' | 'reject'
  clearWhen: 'not given' | 'false' | 'true'
  hasRecord: boolean
  crm: CrmName
  mode: Mode
  stored: 'old' | 'empty' | 'no record'
}

const ON_NULL = ['ignore', 'clear', 'reject'] as const
const CLEAR_WHEN = ['not given', 'false', 'true'] as const
const STORED = ['old', 'empty', 'no record'] as const
const CRMS = ['salesforce', 'hubspot'] as const
const MODES = ['upsert', 'update', 'create'] as const

export function readNullTable(): NullCase[] {
  const text = readFileSync(new URL('../../docs/safety.md', import.meta.url), 'utf8')
  const table = text.split('<!-- null-table:begin -->')[1]?.split('<!-- null-table:end -->')[0] ?? ''
  const [header = [], , ...rows] = table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  return rows.flatMap(([onNull, clearWhen, record, ...stored]) =>
    stored.map((value, index) => {
      const [crm, mode] = (header[index + 3] ?? '').split(' ')
      return {
        onNull: oneOf(ON_NULL, onNull),
        clearWhen: oneOf(CLEAR_WHEN, clearWhen),
        hasRecord: oneOf(['yes', 'no'] as const, record) === 'yes',
        crm: oneOf(CRMS, crm),
        mode: oneOf(MODES, mode),
        stored: oneOf(STORED, value),
      }
    }),
  )
}

function oneOf<T extends string>(words: readonly T[], word: string | undefined): T {
  const found = words.find((one) => one === word)
  if (found === undefined) throw new Error(`docs/safety.md: '${word}' is not one of ${words.join(', ')}`)
  return found
}
