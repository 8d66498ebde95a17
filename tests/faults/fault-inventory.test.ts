/** Every row of the failure matrix, F01 to F90, is a test with its number at the start of its name, or stands here with the reason. */
import { describe, expect, test } from 'vitest'
import { readSources } from '../support/source-text.ts'
import { NOT_APPLICABLE } from './support/rows-without-a-test.ts'

const ROWS = Array.from({ length: 90 }, (_, index) => `F${String(index + 1).padStart(2, '0')}`)

/** Numbers at the start of a string: a test's name, or the table that names are made from. */
function numbersInNames(): Set<string> {
  const starts = readSources('tests')
    .filter(({ file }) => !file.endsWith('rows-without-a-test.ts'))
    .flatMap(({ text }) => [...text.matchAll(/['"`]((?:F\d\d )*F\d\d)\b/g)])
  return new Set(starts.flatMap(([, numbers = '']) => numbers.split(' ')))
}

describe('the failure matrix', () => {
  const named = numbersInNames()

  test('has no number beyond its rows', () => {
    expect([...named].filter((number) => !ROWS.includes(number))).toEqual([])
  })

  test('every row is proven, or stands aside with a reason', () => {
    expect(ROWS.filter((row) => !named.has(row) && NOT_APPLICABLE[row] === undefined)).toEqual([])
  })

  test('what stands aside has no test', () => {
    expect(Object.keys(NOT_APPLICABLE).filter((row) => named.has(row))).toEqual([])
  })
})

test('the short matrix kills at each crash point at least once', () => {
  const files = readSources('tests/faults').filter(({ file }) => /crash-[a-z]+\.test\.ts$/.test(file))
  const shares = files.flatMap(({ text }) => [...text.matchAll(/short: \[([^\]]*)\]|crashAt: ('CP\d\d')/g)])
  const killed = new Set(shares.flatMap(([share]) => share.match(/CP\d\d/g) ?? []))
  const points = Array.from({ length: 30 }, (_, index) => `CP${String(index + 1).padStart(2, '0')}`)
  // No point of its own: a revert is planned like any other run, and is killed there.
  expect(points.filter((point) => !killed.has(point))).toEqual(['CP29'])
})
