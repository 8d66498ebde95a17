import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  canonicalDatetime,
  canonicalNumber,
  parseWithNumbersAsText,
} from '../../../runner/destination/canonical-text.ts'

test.each([
  ['1.0E7', '10000000'],
  ['1234.50', '1234.5'],
  ['-0.0', '0'],
  ['0.00001', '0.00001'],
  ['1.5e-7', '0.00000015'],
  ['-12e-1', '-1.2'],
  ['007', '7'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['+3', '3'],
  ['12345678901234567890.123456789', '12345678901234567890.123456789'],
  ['', ''],
  ['.', '.'],
  ['n/a', 'n/a'],
  ['1e999999', '1e999999'],
])('number %s is %s', (text, expected) => {
  expect(canonicalNumber(text)).toBe(expected)
})

test('a canonical number is the same number and stays as it is', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = canonicalNumber(String(value))
      expect(Number(text)).toBe(value === 0 ? 0 : value)
      expect(canonicalNumber(text)).toBe(text)
      expect(text).toMatch(/^-?\d+(\.\d*[1-9])?$/)
    }),
  )
})

test.each([
  ['2024-03-01T10:20:30.000+0000', '2024-03-01T10:20:30.000Z'],
  ['2024-03-01T10:20:30Z', '2024-03-01T10:20:30.000Z'],
  ['2024-03-01T10:20:30.123456+02:00', '2024-03-01T08:20:30.123Z'],
  ['2024-03-01T00:30:00.000-0800', '2024-03-01T08:30:00.000Z'],
  ['2024-03-01', '2024-03-01'],
  ['2024-03-01T10:20', '2024-03-01T10:20'],
  ['2024-13-01T10:20:30Z', '2024-13-01T10:20:30Z'],
])('datetime %s is %s', (text, expected) => {
  expect(canonicalDatetime(text)).toBe(expected)
})

test('numbers keep every digit, text that looks like numbers stays text', () => {
  const json = '{"a":12345678901234567890.10,"b":"1.50","c":[-1e-3,true,null],"d":"q\\"7\\\\","e":"\\\\\\"8"}'
  expect(parseWithNumbersAsText(json)).toEqual({
    a: '12345678901234567890.10',
    b: '1.50',
    c: ['-1e-3', true, null],
    d: 'q"7\\',
    e: '\\"8',
  })
})

test('apart from numbers it is JSON.parse', () => {
  const asText = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (_, inner) => (typeof inner === 'number' ? JSON.stringify(inner) : inner))
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(parseWithNumbersAsText(JSON.stringify(value))).toEqual(asText(value))
    }),
  )
})
