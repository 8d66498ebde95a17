/** Every fixture folder is one mistake, laid over _base; expected.txt is what the user reads. UPDATE_GOLDEN=1 rewrites it. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BackfeedError } from '../../../runner/errors.ts'
import { loadProject } from '../../../runner/project/load-project.ts'
import { renderProblems } from '../../../runner/render-problems.ts'

const MISTAKES = join(import.meta.dirname, '../../fixtures/projects/mistakes')
const names = readdirSync(MISTAKES).filter((name) => !name.startsWith('_'))

interface Options {
  env?: Record<string, string>
  target?: string
}

function report(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'backfeed-mistake-'))
  try {
    cpSync(join(MISTAKES, '_base'), dir, { recursive: true })
    cpSync(join(MISTAKES, name), dir, { recursive: true })
    return load(dir, optionsOf(join(MISTAKES, name, 'options.json')))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function optionsOf(file: string): Options {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Options) : {}
}

function load(dir: string, options: Options): string {
  const source = (file: string) => readFileSync(join(dir, file), 'utf8')
  try {
    const project = loadProject({ dir, env: {}, ...options })
    return `loads with ${project.syncs.size} syncs\n\n${renderProblems(project.warnings, { source })}`
  } catch (error) {
    if (!(error instanceof BackfeedError)) throw error
    expect(error.exitCode).toBe(2)
    return renderProblems(error.problems, { source })
  }
}

describe('a mistake is reported with its code, its place and what to do', () => {
  it.each(names)('%s', (name) => {
    const golden = join(MISTAKES, name, 'expected.txt')
    const found = report(name)
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, found)
    expect(found).toBe(readFileSync(golden, 'utf8'))
  })
})
