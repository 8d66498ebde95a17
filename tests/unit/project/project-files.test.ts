import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BackfeedError, type Problem } from '../../../runner/errors.ts'
import { findProject } from '../../../runner/project/find-project.ts'
import { loadProject } from '../../../runner/project/load-project.ts'

const SMALLEST = join(import.meta.dirname, '../../fixtures/projects/smallest')
let base = ''
let dir = ''

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'backfeed-files-'))
  dir = join(base, 'project')
  cpSync(SMALLEST, dir, { recursive: true })
})
afterEach(() => rmSync(base, { recursive: true }))

function problems(load: () => unknown = () => loadProject({ dir, env: {} })): readonly Problem[] {
  try {
    load()
  } catch (error) {
    if (error instanceof BackfeedError) return error.problems
    throw error
  }
  return []
}

describe('finding the project', () => {
  it('looks in the folders above', () => {
    mkdirSync(join(dir, 'models/deep'), { recursive: true })
    expect(findProject(join(dir, 'models/deep'))).toBe(dir)
  })

  it('says when there is none', () => {
    expect(problems(() => findProject(base))).toMatchObject([
      { code: 'E-CFG-NOPROJECT', help: expect.stringContaining('init') },
    ])
    expect(problems(() => loadProject({ dir: base, env: {} }))).toMatchObject([{ code: 'E-CFG-NOPROJECT' }])
  })
})

describe('files of the project', () => {
  it('may not be links that lead outside', () => {
    writeFileSync(join(base, 'secret.sql'), 'select 1')
    symlinkSync(join(base, 'secret.sql'), join(dir, 'models/stolen.sql'))
    expect(problems()).toMatchObject([{ code: 'E-CFG-PATH', at: { file: 'models/stolen.sql' } }])
  })

  it('may not lie in a linked folder outside', () => {
    mkdirSync(join(base, 'outside'))
    writeFileSync(join(base, 'outside/a.sql'), 'select 1')
    symlinkSync(join(base, 'outside'), join(dir, 'models/linked'))
    expect(problems()).toMatchObject([{ code: 'E-CFG-PATH', at: { file: 'models/linked' } }])
  })

  it('may be links within the project, and the project may itself be reached by a link', () => {
    mkdirSync(join(dir, 'shared'))
    writeFileSync(join(dir, 'shared/extra.sql'), 'select 1 as id')
    symlinkSync(join(dir, 'shared/extra.sql'), join(dir, 'models/extra.sql'))
    symlinkSync(dir, join(base, 'link'))
    expect([...loadProject({ dir: join(base, 'link'), env: {} }).models.keys()]).toEqual(['extra', 'people'])
  })

  it.each(['../elsewhere', '/etc', 'models/../../x'])('may not be looked for in %s', (folder) => {
    writeFileSync(join(dir, 'project.yml'), `name: smallest\nmodel-paths: [models, "${folder}"]\n`)
    expect(problems()).toMatchObject([{ code: 'E-CFG-PATH', at: { file: 'project.yml', line: 2 } }])
  })

  it('are limited in size', () => {
    writeFileSync(join(dir, 'models/huge.sql'), `-- ${'x'.repeat(1024 * 1024)}`)
    expect(problems()).toMatchObject([{ code: 'E-CFG-TOOBIG', at: { file: 'models/huge.sql' } }])
  })

  it('are limited in depth', () => {
    writeFileSync(join(dir, 'syncs/deep.yml'), `x: ${'['.repeat(20_000)}`)
    expect(problems()).toMatchObject([
      { code: expect.stringMatching(/E-CFG-(TOOBIG|YAML)/), at: { file: 'syncs/deep.yml' } },
    ])
    writeFileSync(join(dir, 'syncs/deep.yml'), `x: ${'['.repeat(200)}${']'.repeat(200)}`)
    expect(problems()).toMatchObject([{ code: 'E-CFG-TOOBIG' }])
  })

  it('may begin with a byte order mark and end lines as Windows does', () => {
    writeFileSync(join(dir, 'project.yml'), '\uFEFFname: smallest\r\nversion: 2.0.0\r\n')
    writeFileSync(join(dir, 'models/people.sql'), "\uFEFFselect 1 as id, 'x' as tier\r\n")
    const project = loadProject({ dir, env: {} })
    expect(project).toMatchObject({ name: 'smallest', version: '2.0.0' })
    expect(project.models.get('people')?.text.startsWith('select')).toBe(true)
  })

  it('cannot reach the prototype of anything', () => {
    writeFileSync(join(dir, 'project.yml'), 'name: smallest\nvars: {a: {__proto__: {polluted: true}}}\n')
    expect(problems()).toMatchObject([{ code: 'E-CFG-UNKNOWN', message: expect.stringContaining('__proto__') }])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('a project without connections', () => {
  it('reaches the emulator on its default target only', () => {
    writeFileSync(
      join(dir, 'project.yml'),
      'name: smallest\ntargets: {dev: {type: duckdb}, big: {type: postgres, user: u}}\n',
    )
    expect(loadProject({ dir, env: {} }).connections.get('salesforce')?.targets.has('dev')).toBe(true)
    expect(loadProject({ dir, env: {}, target: 'big' }).connections.get('salesforce')?.targets.size).toBe(0)
  })
})
