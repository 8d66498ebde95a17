/** The tables of docs/destinations/hubspot.md are the tables of the code. UPDATE_DOCS=1 rewrites them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CALL_RULES, type HubspotRule, ROW_RULES } from '../../../runner/destination/hubspot/hubspot-error-table.ts'
import { DEFAULT_API_VERSION, HUBSPOT_VERSIONS } from '../../../runner/destination/hubspot/hubspot-paths.ts'
import { HUBSPOT_TOKEN_ERRORS } from '../../../runner/destination/hubspot/hubspot-token-errors.ts'

const PAGE = join(import.meta.dirname, '../../../docs/destinations/hubspot.md')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const codes = (list: readonly string[] = []): string => list.map((code) => `\`${code}\``).join(', ')

function notes(rule: HubspotRule): string {
  const parts = [
    rule.means,
    rule.says && `when HubSpot says "${rule.says.source.replaceAll('|', '" or "')}"`,
    rule.waitMs && `after ${rule.atLeast ? 'at least ' : ''}${rule.waitMs / 1_000} s`,
    rule.as && `as \`${rule.as}\``,
  ]
  return parts.filter(Boolean).join('; ')
}

const TABLES: Readonly<Record<string, string>> = {
  'token errors': table(
    ['error', 'what it means', 'what to do'],
    HUBSPOT_TOKEN_ERRORS.map(({ error, means, help }) => [`\`${error}\``, means, help]),
  ),
  'call errors': table(
    ['kind', 'status', 'category', ''],
    CALL_RULES.map((rule) => [rule.kind, rule.statuses?.join(', ') ?? 'any', codes(rule.codes), notes(rule)]),
  ),
  'row errors': table(
    ['kind', 'codes', ''],
    ROW_RULES.map((rule) => [rule.kind, codes(rule.codes), notes(rule)]),
  ),
}

function withTable(page: string, [name, text]: readonly [string, string]): string {
  const start = `<!-- ${name}: generated, UPDATE_DOCS=1 -->\n`
  const from = page.indexOf(start)
  expect(from, name).toBeGreaterThan(0)
  const to = page.indexOf('<!-- end -->', from)
  return `${page.slice(0, from)}${start}${text}\n${page.slice(to)}`
}

test('errors of calls, rows and logins stand in the page as the code knows them', () => {
  const wanted = Object.entries(TABLES).reduce(withTable, readFileSync(PAGE, 'utf8'))
  if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, wanted)
  expect(readFileSync(PAGE, 'utf8')).toBe(wanted)
})

test('the page names every family of addresses, and which is the default', () => {
  const page = readFileSync(PAGE, 'utf8')
  for (const version of HUBSPOT_VERSIONS) expect(page).toContain(`\`${version}\``)
  expect(page).toContain(`\`${DEFAULT_API_VERSION}\` (default)`)
})
