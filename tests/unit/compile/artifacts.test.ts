import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildManifest, type ManifestRequest, syncConfigHash } from '../../../runner/compile/manifest.ts'
import { writeCompiled } from '../../../runner/compile/write-compiled.ts'
import { writeManifest } from '../../../runner/compile/write-manifest.ts'
import { BackfeedError } from '../../../runner/errors.ts'
import { Secret } from '../../../runner/project/secret.ts'
import { compiledProject, projectOf, target } from './try-project.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'backfeed-artifacts-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const refusal = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof BackfeedError)) throw new Error('it was not refused')
  return error.message
}

describe('target/compiled', () => {
  test('has one file per statement, under the path of its source', async () => {
    const folder = await writeCompiled(dir, [
      { path: 'models/a.sql', sql: 'select 1' },
      { path: 'syncs/accounts/01_source.sql', sql: 'select 2\n' },
    ])
    expect(folder).toBe(join(dir, 'compiled'))
    expect(readFileSync(join(folder, 'models/a.sql'), 'utf8')).toBe('select 1\n')
    expect(readFileSync(join(folder, 'syncs/accounts/01_source.sql'), 'utf8')).toBe('select 2\n')
  })

  test.each(['../x.sql', 'a/../../x.sql', '/etc/x.sql', '.', ''])('%j is refused', async (path) => {
    expect(await refusal(writeCompiled(dir, [{ path, sql: 'select 1' }]))).toMatch(/^E-CFG-PATH/)
  })

  test('a link out of the folder is refused', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'backfeed-outside-'))
    mkdirSync(join(dir, 'compiled'))
    symlinkSync(outside, join(dir, 'compiled/models'))
    expect(await refusal(writeCompiled(dir, [{ path: 'models/a.sql', sql: 'x' }]))).toMatch(/E-CFG-PATH .*by a link/)
    rmSync(outside, { recursive: true })
  })

  test('a folder that cannot be written says so', async () => {
    writeFileSync(join(dir, 'compiled'), 'a file, not a folder')
    expect(await refusal(writeCompiled(dir, [{ path: 'models/a.sql', sql: 'x' }]))).toMatch(
      /^E-CFG-PATH cannot write models\/a.sql/,
    )
    if (process.getuid?.() === 0) return
    rmSync(join(dir, 'compiled'))
    chmodSync(dir, 0o500)
    expect(await refusal(writeCompiled(dir, [{ path: 'models/a.sql', sql: 'x' }]))).toMatch(/EACCES/)
    chmodSync(dir, 0o700)
  })
})

describe('target/manifest.json', () => {
  const files = {
    models: {
      top: "select 1 from {{ ref('base') }}",
      base: "select 1 from {{ source('crm', 'c') }} {{ ref('plans') }}",
    },
    seeds: ['plans'],
    sources: [{ sourceName: 'crm', table: 'c' }],
    macros: { 'macros/m.sql': '{% macro one() %}1{% endmacro %}\n{%- macro two(a) -%}2{% endmacro %}' },
    syncs: { accounts: 'top' },
  }
  const request = (): ManifestRequest => ({
    project: { ...projectOf(files), dir },
    target,
    models: compiledProject(files).models,
    toolVersion: '0.1.0',
    invocationId: 'i-1',
    generatedAt: '2026-11-22T10:00:00Z',
  })

  test('has the top level that scrapers of dbt know, and the lineage down to the syncs', () => {
    const manifest = buildManifest(request())
    expect(Object.keys(manifest)).toEqual([
      'metadata',
      'nodes',
      'sources',
      'macros',
      'syncs',
      'parent_map',
      'child_map',
    ])
    expect(Object.keys(manifest.nodes ?? {})).toEqual([
      'model.test_project.base',
      'model.test_project.top',
      'seed.test_project.plans',
    ])
    expect(Object.keys(manifest.macros ?? {})).toEqual(['macro.test_project.one', 'macro.test_project.two'])
    expect(manifest.parent_map).toEqual({
      'model.test_project.base': ['seed.test_project.plans', 'source.test_project.crm.c'],
      'model.test_project.top': ['model.test_project.base'],
      'seed.test_project.plans': [],
      'source.test_project.crm.c': [],
      'sync.test_project.accounts': ['model.test_project.top'],
    })
    expect(manifest.child_map).toMatchObject({
      'model.test_project.top': ['sync.test_project.accounts'],
      'source.test_project.crm.c': ['model.test_project.base'],
    })
  })

  test('is the same text for the same project, and ends with a line break', async () => {
    const path = await writeManifest(request())
    const first = readFileSync(path, 'utf8')
    await writeManifest(request())
    expect(path).toBe(join(dir, 'target/manifest.json'))
    expect(readFileSync(path, 'utf8')).toBe(first)
    expect(first.endsWith('}\n')).toBe(true)
  })

  test('the hash of a sync ignores the order of keys, sees every value and no secret', () => {
    const hash = (rendered: Record<string, unknown>) => syncConfigHash({ rendered })
    expect(hash({ a: 1, b: { c: [1], d: 2 } })).toBe(hash({ b: { d: 2, c: [1] }, a: 1 }))
    expect(hash({ a: 1 })).not.toBe(hash({ a: 2 }))
    expect(hash({ a: [1, 2] })).not.toBe(hash({ a: [2, 1] }))
    expect(hash({ a: new Secret('one') })).toBe(hash({ a: new Secret('two') }))
  })

  test('settings of targets and connections are not in it', () => {
    const project = { ...projectOf(files), dir, vars: { token: 'canary-var' } }
    const secretTarget = { ...target, settings: { password: new Secret('canary-password'), host: 'canary-host' } }
    const text = JSON.stringify(buildManifest({ ...request(), project, target: secretTarget }))
    expect(text).not.toContain('canary')
  })
})
