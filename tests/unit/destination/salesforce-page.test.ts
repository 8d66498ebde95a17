/** The tables of docs/destinations/salesforce.md are the tables of the code. UPDATE_DOCS=1 rewrites them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ERROR_RULES, type ErrorRule } from '../../../runner/destination/salesforce/salesforce-error-table.ts'
import { TOKEN_ERRORS } from '../../../runner/destination/salesforce/token-errors.ts'

const PAGE = join(import.meta.dirname, '../../../docs/destinations/salesforce.md')

function errorTable(): string {
  const rows = ERROR_RULES.map(
    (rule) => `| ${rule.kind} | ${rule.codes.map((code) => `\`${code}\``).join(', ')} | ${notes(rule)} |`,
  )
  return ['| kind | codes | |', '|---|---|---|', ...rows].join('\n')
}

function notes(rule: ErrorRule): string {
  const parts = [
    rule.means,
    rule.says && `when the text says "${rule.says.source.replaceAll('\\s*', ' ')}"`,
    rule.onMatchField && 'about the match field',
    rule.waitMs && `after ${rule.waitMs / 1000} s`,
    rule.mappingIfAll && 'mapping when every row has it',
  ]
  return parts.filter(Boolean).join('; ')
}

function loginRows(): string {
  const rows = TOKEN_ERRORS.map(({ error, means, help }) => `| \`${error}\` | ${means} | ${help} |`)
  return ['| error | what it means | what to do |', '|---|---|---|', ...rows].join('\n')
}

function withTable(page: string, name: string, table: string): string {
  const start = `<!-- ${name}: generated, UPDATE_DOCS=1 -->\n`
  const from = page.indexOf(start)
  expect(from, name).toBeGreaterThan(0)
  const to = page.indexOf('<!-- end -->', from)
  return `${page.slice(0, from)}${start}${table}\n${page.slice(to)}`
}

test('error codes and login errors stand in the page as the code knows them', () => {
  const page = readFileSync(PAGE, 'utf8')
  const wanted = withTable(withTable(page, 'error codes', errorTable()), 'token errors', loginRows())
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, wanted)
  expect(readFileSync(PAGE, 'utf8')).toBe(wanted)
})
