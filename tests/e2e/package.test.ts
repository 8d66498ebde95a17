/** What `npm pack` puts into the tarball: what a user needs, and nothing else. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { REPOSITORY } from '../support/source-text.ts'

interface Packed {
  files: { path: string; size: number }[]
}

function packedFiles(): string[] {
  const result = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  })
  const packed: Packed[] = JSON.parse(result.stdout)
  return (packed[0]?.files ?? []).map((file) => file.path)
}

const ALLOWED = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|project\.yml)$/,
  /^dist\/(runner|emulator)\/[\w/-]+\.js$/,
  /^models\/[\w/-]+\.(sql|yml)$/,
  /^macros\/[\w/-]+\.(sql|yml)$/,
  /^syncs\/[\w-]+\.yml$/,
  /^seeds\/[\w-]+\.(csv|yml)$/,
  /^seeds\/generate[\w-]*\.mjs$/,
  /^seeds\/crm\/[\w.-]+\.json$/,
  /^docs\/[\w/-]+\.md$/,
]

test('the package holds only what users need', () => {
  const files = packedFiles()
  expect(files.filter((path) => !ALLOWED.some((pattern) => pattern.test(path)))).toEqual([])
})

test('the package holds what init, demo and the pipeline read', () => {
  const files = packedFiles()
  for (const path of [
    'LICENSE',
    'project.yml',
    'macros/dialect/default.sql',
    'macros/dialect/duckdb.sql',
    'models/sync/changes.sql',
    'models/ledger/tables.yml',
    'models/reference/crm_accounts.sql',
    'seeds/seeds.yml',
    'seeds/customer_dim.csv',
    'seeds/crm/salesforce.Account.records.json',
    'syncs/salesforce.yml',
  ])
    expect(files).toContain(path)
})
