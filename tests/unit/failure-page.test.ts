/** docs/failure.md names a test for each crash point; a page about tests that do not exist would be worse than none. */
import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { REPOSITORY, readSources } from '../support/source-text.ts'

const page = readFileSync(join(REPOSITORY, 'docs/failure.md'), 'utf8')
const links = [...page.matchAll(/\[([^\]]+)\]\((\.\.\/tests\/[^\s)"]+)(?: "([^"]+)")?\)/g)].map(
  ([, text = '', path = '', name]) => ({
    text,
    file: posix.join('docs', path),
    name,
  }),
)
const points = Array.from({ length: 30 }, (_, index) => `CP${String(index + 1).padStart(2, '0')}`)
/** Points of verbs that are not in the main path, and the token's. */
const beside = ['CP28', 'CP29', 'CP30']

describe('docs/failure.md', () => {
  test('walks through every crash point, each once and in order', () => {
    expect([...page.matchAll(/^\| (CP\d\d) \|/gm)].map(([, point]) => point)).toEqual(points)
  })

  test('links tests that exist, by the names they have', () => {
    expect(links.length).toBeGreaterThan(35)
    const missing = links.filter(({ file, name }) => {
      const path = join(REPOSITORY, file)
      return !existsSync(path) || (name !== undefined && !readFileSync(path, 'utf8').includes(name))
    })
    expect(missing).toEqual([])
  })

  test('every number of the failure matrix that it names stands for that point in the tests', () => {
    const matrix = readFileSync(join(REPOSITORY, 'tests/faults/support/crash-matrix.ts'), 'utf8')
    const named = links.flatMap(({ text }) => [...text.matchAll(/^(F\d\d) (CP\d\d)$/g)])
    expect(named.length).toBeGreaterThan(25)
    expect(named.filter(([, fault, point]) => !matrix.includes(`${point}: '${fault}'`)).map(([all]) => all)).toEqual([])
  })

  test('speaks of points that the runner has', () => {
    const code = readSources('runner')
      .map(({ text }) => text)
      .join('\n')
    const absent = points.filter((point) => !code.includes(`crashPoints.at('${point}')`))
    expect(absent.filter((point) => !beside.includes(point))).toEqual([])
  })
})

describe('docs/safety.md', () => {
  test('names twelve promises, each with tests that exist', () => {
    const safety = readFileSync(join(REPOSITORY, 'docs/safety.md'), 'utf8')
    const promises = [...safety.matchAll(/^\| (\d+) \| .*$/gm)].map(([line, number]) => ({
      number: Number(number),
      tests: [...line.matchAll(/`(tests\/[^`]+)`/g)].map(([, path = '']) => path),
    }))
    expect(promises.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1))
    for (const { tests } of promises) expect(tests.length).toBeGreaterThan(0)
    expect(promises.flatMap(({ tests }) => tests).filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([])
  })
})
