import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BackfeedError, type Problem } from '../../../runner/errors.ts'
import { findProject } from '../../../runner/project/find-project.ts'
import { loadProject } from '../../../runner/project/load-project.ts'
import { revealSetting, Secret } from '../../../runner/project/secret.ts'

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

  it.each([
    ['target-path: ..', /outside/],
    ['target-path: .', /itself/],
    ['clean-targets: [/tmp]', /outside/],
    ['clean-targets: [target, ./]', /itself/],
    ['clean-targets: [models]', /holds files of the project/],
    ['model-paths: [src/models]\nclean-targets: [src]', /holds files of the project/],
  ])('are safe from: %s', (line, why) => {
    mkdirSync(join(dir, 'src/models'), { recursive: true })
    cpSync(join(dir, 'models'), join(dir, 'src/models'), { recursive: true })
    writeFileSync(join(dir, 'project.yml'), `name: smallest\n${line}\n`)
    expect(problems()).toMatchObject([{ code: 'E-CFG-PATH', message: expect.stringMatching(why) }])
  })

  it('may not be seeds that lead outside', () => {
    mkdirSync(join(dir, 'seeds'))
    symlinkSync('/etc/passwd', join(dir, 'seeds/stolen.csv'))
    expect(problems()).toMatchObject([{ code: 'E-CFG-PATH', at: { file: 'seeds/stolen.csv' } }])
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

describe('an emulator that runs already', () => {
  it('is reached with ordinary credentials', () => {
    writeFileSync(
      join(dir, 'project.yml'),
      `name: smallest
connections:
  salesforce:
    type: salesforce
    targets:
      dev: {auth: access_token, instance_url: http://127.0.0.1:4010, access_token: anything}
  hubspot:
    type: hubspot
    targets:
      dev: {access_token: "{{ env_var('T') }}", base_url: "{{ env_var('U') }}"}
`,
    )
    const { connections } = loadProject({ dir, env: { T: 'tok', U: 'http://127.0.0.1:4010' } })
    const salesforce = connections.get('salesforce')?.targets.get('dev')
    expect(salesforce).toMatchObject({ auth: 'access_token', settings: { instance_url: 'http://127.0.0.1:4010' } })
    expect(salesforce?.emulator === false && revealSetting(salesforce.settings.access_token)).toBe('anything')
    const hubspot = connections.get('hubspot')?.targets.get('dev')
    expect(hubspot).toMatchObject({ auth: 'access_token', settings: { base_url: 'http://127.0.0.1:4010' } })
    expect(hubspot?.emulator === false && hubspot.settings.access_token).toBeInstanceOf(Secret)
    expect(problems(() => loadProject({ dir, env: { T: 'tok', U: 'http://evil.example' } }))).toMatchObject([
      { code: 'E-TGT-HOST', at: { line: 10 } },
    ])
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
