import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FieldDescription } from '../../../runner/destination/destination.ts'
import { searchChunks } from '../../../runner/destination/hubspot/hubspot-search.ts'

const field: FieldDescription = {
  name: 'domain',
  label: 'Domain',
  vendorType: 'string/text',
  kind: 'string',
  createable: true,
  updateable: true,
  requiredOnCreate: false,
  unique: false,
  matchable: false,
  caseSensitive: true,
}
const read = (
  values: readonly string[],
  properties: readonly string[] = ['domain', 'name'],
): Parameters<typeof searchChunks>[0] => ({
  object: 'companies',
  field,
  values,
  properties,
})

/** Written out from HubSpot's documentation, not from the code under test. */
function bodyLength(values: readonly string[], properties: readonly string[]): number {
  const filterGroups = [{ filters: [{ propertyName: 'domain', operator: 'IN', values }] }]
  return JSON.stringify({ filterGroups, properties, limit: 200, after: '10000' }).length
}

test('every value is searched once, folded, in bodies that HubSpot takes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }), { maxLength: 300 }),
      (values) => {
        const chunks = searchChunks(read(values))
        expect(chunks.flat()).toEqual([...new Set(values.map((value) => value.trim().toLowerCase()))])
        for (const chunk of chunks) {
          expect(chunk.length).toBeLessThanOrEqual(100)
          expect(bodyLength(chunk, ['domain', 'name'])).toBeLessThanOrEqual(3_000)
        }
      },
    ),
    { numRuns: 50 },
  )
})

test('short values: one search per hundred', () => {
  const values = Array.from({ length: 201 }, (_, index) => `d${index}`)
  expect(searchChunks(read(values)).map((chunk) => chunk.length)).toEqual([100, 100, 1])
})

test('a search that cannot fit is refused loudly', () => {
  const properties = Array.from({ length: 150 }, (_, index) => `a_property_with_a_long_name_${index}`)
  expect(() => searchChunks(read(['acme.io'], properties))).toThrow(/E-CRM-SEARCH/)
})
