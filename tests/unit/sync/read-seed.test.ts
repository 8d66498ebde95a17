import { describe, expect, test } from 'vitest'
import { BackfeedError } from '../../../runner/errors.ts'
import { parseSeed } from '../../../runner/sync/read-seed.ts'
import { inferType } from '../../../runner/sync/seed-columns.ts'

describe('a seed file that cannot be read says where, without quoting a cell', () => {
  test.each([
    ['', 'E-SEED-CSV', 1],
    ['a,b\n1,2\nsecret\n', 'E-SEED-CSV', 3],
    ['a,b\n1,"secret\n', 'E-SEED-CSV', 2],
    ['a,b\n1,sec"ret\n', 'E-SEED-CSV', 2],
    ['a,a\n1,2\n', 'E-CFG-NAME', 1],
    ['a,A\n1,2\n', 'E-CFG-NAME', 1],
    ['a,first name\n1,2\n', 'E-CFG-NAME', 1],
    ['a,\n1,2\n', 'E-CFG-NAME', 1],
    ['a,"b""; drop"\n1,2\n', 'E-CFG-NAME', 1],
  ])('%j', (text, code, line) => {
    try {
      parseSeed(text, 'seeds/s.csv')
    } catch (error) {
      expect(error).toBeInstanceOf(BackfeedError)
      const [problem] = (error as BackfeedError).problems
      expect(problem).toMatchObject({ code, at: { file: 'seeds/s.csv', line } })
      expect((error as BackfeedError).message).not.toContain('secret')
      return
    }
    throw new Error('it was read')
  })
})

test.each([
  [['1', '-2', '0'], 'bigint'],
  [['9223372036854775807', '-9223372036854775808'], 'bigint'],
  [['9223372036854775808'], 'decimal'],
  [['1', '2.5'], 'decimal'],
  [['007'], 'text'],
  [['+1'], 'text'],
  [['1e5'], 'text'],
  [[' 1'], 'text'],
  [['1.'], 'text'],
  [['.5'], 'text'],
  [['1,000'], 'text'],
  [['NaN'], 'text'],
  [['12345678901234567890123456789.1234567890'], 'text'],
  [['true', 'FALSE'], 'bool'],
  [['true', '1'], 'text'],
  [['yes'], 'text'],
  [['2024-02-29'], 'date'],
  [['2023-02-29'], 'text'],
  [['2024-13-01'], 'text'],
  [['01/02/2024'], 'text'],
  [['2024-01-01', '2024-01-01 10:00:00'], 'text'],
  [['2024-01-01 10:00:00', '2024-01-01T10:00:00.123Z'], 'timestamp'],
  [['2024-01-01 10:00:00+02:00'], 'text'],
  [['2024-01-01 25:00:00'], 'text'],
  [['-0'], 'decimal'],
  [[], 'text'],
])('%j is %s', (cells, kind) => {
  expect(inferType(cells).kind).toBe(kind)
})
