import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cleanablePath } from '../../../runner/commands/clean.ts'
import { projectName, scaffold } from '../../../runner/commands/init.ts'
import { readCrmFiles } from '../../../runner/commands/read-crm-files.ts'
import { projectFile } from '../../../runner/commands/scaffold.ts'

const fresh = (): string => mkdtempSync(join(tmpdir(), 'backfeed-scaffold-'))

describe('init', () => {
  test('keeps every file that exists', () => {
    const dir = fresh()
    writeFileSync(join(dir, 'README.md'), 'mine')
    const result = scaffold(dir, [
      { path: 'README.md', text: 'theirs' },
      { path: 'models/a.sql', text: 'select 1' },
    ])
    expect(result).toEqual({ written: ['models/a.sql'], kept: ['README.md'] })
    expect(readFileSync(join(dir, 'README.md'), 'utf8')).toBe('mine')
  })

  test.each([
    ['/x/My Project', 'my_project'],
    ['/x/2026-crm', 'project_2026_crm'],
    ['/x/ÄÖ', 'project'],
    ['/x/activation', 'activation'],
  ])('names the project of %s %s', (dir, name) => {
    expect(projectName(dir)).toBe(name)
  })

  test("puts the example's models where a project has them", () => {
    const text = projectFile('# the example\nname: backfeed_example\nmodel-paths: [models/reference]\n', 'mine')
    expect(text).toBe(
      '# yaml-language-server: $schema=.backfeed/schemas/project.schema.json\nname: mine\nmodel-paths: [models]\n',
    )
  })
})

describe('clean', () => {
  test('stays inside the project', () => {
    const dir = fresh()
    mkdirSync(join(dir, 'target'))
    symlinkSync(fresh(), join(dir, 'link'))
    expect(cleanablePath(dir, 'target')).toBe(join(dir, 'target'))
    expect(cleanablePath(dir, 'logs')).toBeUndefined()
    for (const bad of ['.', '', '..', '../x', 'target/../..', '/etc', 'link'])
      expect(() => cleanablePath(dir, bad), bad).toThrow(/E-CFG-PATH/)
  })
})

describe('files for the emulator', () => {
  test('are one per object and kind, or one for all', () => {
    const dir = fresh()
    writeFileSync(join(dir, 'salesforce.Account.schema.json'), '{"fields": []}')
    writeFileSync(join(dir, 'salesforce.Account.records.json'), '[{"Name": "A"}]')
    writeFileSync(join(dir, 'all.json'), '{"hubspot": {"companies": {"records": [{"domain": "a.example"}]}}}')
    expect(readCrmFiles(dir)).toEqual([
      { crm: 'hubspot', object: 'companies', records: [{ domain: 'a.example' }] },
      { crm: 'salesforce', object: 'Account', records: [{ Name: 'A' }] },
      { crm: 'salesforce', object: 'Account', schema: { fields: [] } },
    ])
  })

  test.each([
    ['a.json', '{', 'is not JSON'],
    ['a.json', '{"zoho": {}}', undefined],
    ['a.json', '{"zoho": {"Account": {}}}', 'names the CRM "zoho"'],
    ['a.json', '{"hubspot": {"companies": {"rows": []}}}', 'unknown key "rows"'],
    ['a.json', '[]', 'is not of the form'],
    ['hubspot.contacts.records.json', '{}', 'does not hold a list'],
  ])('%s with %s', (name, text, message) => {
    const file = join(fresh(), name)
    writeFileSync(file, text)
    if (message === undefined) expect(readCrmFiles(file)).toEqual([])
    else expect(() => readCrmFiles(file)).toThrow(message)
  })

  test('must be there', () => {
    expect(() => readCrmFiles(join(fresh(), 'none'))).toThrow('does not exist')
    expect(() => readCrmFiles(fresh())).toThrow('holds no .json file')
  })
})
