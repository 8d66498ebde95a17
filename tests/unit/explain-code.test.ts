import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BackfeedError } from '../../runner/errors.ts'
import { allCodes, errorsPage, explainCode } from '../../runner/explain-code.ts'

const ROOT = join(import.meta.dirname, '../..')
const PAGE = join(ROOT, 'docs/errors.md')

/** Every code between quotes in the sources. */
function codesInUse(): Map<string, string> {
  const found = new Map<string, string>()
  for (const folder of ['runner', 'emulator', 'macros', 'models']) {
    for (const file of sources(join(ROOT, folder))) {
      const text = readFileSync(file, 'utf8')
      for (const [, code] of text.matchAll(/['"`]([EW]-[A-Z]+(?:-[A-Z]+)+)['"`]/g)) found.set(code ?? '', file)
    }
  }
  return found
}

function sources(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    const files = entries.filter((e) => e.isFile() && /\.(?:ts|sql)$/.test(e.name) && !e.parentPath.endsWith('explain'))
    return files.map((e) => join(e.parentPath, e.name))
  } catch {
    return []
  }
}

describe('the catalogue of codes', () => {
  it('explains every code the sources use', () => {
    const known = new Set<string>(allCodes().map(({ code }) => code))
    const missing = [...codesInUse()].filter(([code]) => !known.has(code))
    expect(missing).toEqual([])
    expect(codesInUse().size).toBeGreaterThan(30)
  })

  it('agrees with docs/errors.md (UPDATE_DOCS=1 rewrites it)', () => {
    if (process.env.UPDATE_DOCS === '1') writeFileSync(PAGE, errorsPage())
    expect(readFileSync(PAGE, 'utf8')).toBe(errorsPage())
  })

  it('has whole sentences, and no code twice', () => {
    const all = allCodes()
    expect(new Set(all.map(({ code }) => code)).size).toBe(all.length)
    for (const { code, title, means, fix } of all) {
      expect(title, code).toMatch(/^\S.*[^.]$/)
      expect(means, code).toMatch(/\.$/)
      expect(fix, code).toMatch(/\.$/)
    }
  })
})

describe('explaining a code', () => {
  it('takes it in any case, with or without E-', () => {
    expect(explainCode('e-cfg-dupkey').code).toBe('E-CFG-DUPKEY')
    expect(explainCode('CFG-DUPKEY').title).toBe('A key is given twice')
    expect(explainCode('W-CFG-UNUSED').code).toBe('W-CFG-UNUSED')
  })

  it('names the nearest code for a slip', () => {
    try {
      explainCode('E-CFG-DUPKYE')
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(BackfeedError)
      expect((error as BackfeedError).problems[0]).toMatchObject({
        code: 'E-CLI-OPTION',
        hint: 'did you mean E-CFG-DUPKEY?',
      })
    }
  })
})
