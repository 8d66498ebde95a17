import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FieldDescription } from '../../../runner/destination/destination.ts'
import { lookupPaths, soqlLiterals, soqlString } from '../../../runner/destination/salesforce/soql.ts'

const KEY: FieldDescription = {
  name: 'Key__c',
  label: 'Key',
  vendorType: 'string',
  kind: 'string',
  createable: true,
  updateable: true,
  requiredOnCreate: false,
  unique: true,
  matchable: true,
  caseSensitive: false,
  length: 255,
}
const LOOKUP = { path: '/services/data/v66.0/query?q=', object: 'Account', field: 'Key__c', select: ['Id', 'Key__c'] }

/** What a SOQL scanner makes of a literal; throws when text is left over, that is: when the value broke out. */
function readLiteral(literal: string): string {
  const match = /^'((?:[^'\\]|\\.)*)'$/s.exec(literal)
  if (match === null) throw new Error('broke out of the literal')
  const names: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }
  return (match[1] ?? '').replace(/\\(.)/gs, (_, character: string) => names[character] ?? character)
}

test.each(["O'Brien", '\\', "\\'", "x' OR Name LIKE '%", 'a\nb\rc\td', '🙂', '\\n', "'", "')) OR (Id != '"])(
  'the literal of %j holds exactly that value',
  (value) => {
    expect(readLiteral(soqlString(value))).toBe(value)
  },
)

test('no text breaks out of its literal', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (value) => readLiteral(soqlString(value)) === value))
})

test('every value is asked for once, in addresses that Salesforce takes', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1, maxLength: 255, unit: 'grapheme' }), { maxLength: 600 }),
      (values) => {
        const possible = values.filter((value) => [...value].length <= 255 && !/\p{Surrogate}/u.test(value))
        const paths = lookupPaths(LOOKUP, soqlLiterals([...values, ...values], KEY))
        const asked = paths.flatMap((path) => {
          expect(path.length).toBeLessThanOrEqual(12_000 + 30)
          const soql = decodeURIComponent(path.slice(LOOKUP.path.length))
          const list = /^SELECT Id, Key__c FROM Account WHERE Key__c IN \((.*)\)$/s.exec(soql)?.[1] ?? ''
          return [...list.matchAll(/'(?:[^'\\]|\\.)*'/gs)].map(([literal]) => readLiteral(literal))
        })
        expect(asked).toEqual(possible)
      },
    ),
    { numRuns: 30 },
  )
})

test('at most 200 values in one query', () => {
  const values = Array.from({ length: 401 }, (_, index) => String(index))
  const counts = lookupPaths(LOOKUP, soqlLiterals(values, KEY)).map(
    (path) => decodeURIComponent(path).split("','").length,
  )
  expect(counts).toEqual([200, 200, 1])
})

test('nothing to ask, nothing asked', () => {
  expect(lookupPaths(LOOKUP, [])).toEqual([])
})

test('ids that are no ids and numbers that are no numbers are not asked for', () => {
  expect(soqlLiterals(['001000000000001', '001000000000001AAA', '1', "001' OR Id != '", ''], 'id')).toEqual([
    "'001000000000001'",
    "'001000000000001AAA'",
  ])
  const number: FieldDescription = { ...KEY, kind: 'number' }
  expect(soqlLiterals(['1.50', '1 OR Id != null', '1e3'], number)).toEqual(['1.5', '1000'])
})
