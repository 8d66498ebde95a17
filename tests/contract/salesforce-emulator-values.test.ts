import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../emulator/core/seeded-random.ts'
import { roundHalfUp } from '../../emulator/salesforce/field-values.ts'
import { canonicalId, recordId } from '../../emulator/salesforce/record-id.ts'
import { createSalesforceCrm } from '../../emulator/salesforce/salesforce-crm.ts'
import { parseSoql } from '../../emulator/salesforce/soql-parser.ts'
import { ACCOUNT_FIELDS } from './emulator-support.ts'

describe('ids', () => {
  test('the checksum is the published one', () => {
    expect(canonicalId('001D000000IqhSL')).toBe('001D000000IqhSLIAZ')
    expect(canonicalId('001D000000IqhSLIAZ')).toBe('001D000000IqhSLIAZ')
  })

  test('serials give different ids, and every id reads back', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        const id = recordId('001', one)
        expect(canonicalId(id)).toBe(id)
        expect(canonicalId(id.slice(0, 15))).toBe(id)
        expect(recordId('001', other) === id).toBe(one === other)
      }),
    )
  })

  test('texts that are no ids are not', () => {
    for (const text of ['', '001', '001D000000IqhSLIAA', '001D000000IqhS!', '001D000000IqhSLIAZ1']) {
      expect(canonicalId(text)).toBe(undefined)
    }
  })
})

describe('rounding', () => {
  test('is what decimal arithmetic gives, half away from zero', () => {
    const digits = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n })
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 4 }), (unscaled, places, scale) => {
        const value = Number(decimalText(unscaled, places))
        // The shortest text of the double is the number the caller wrote: what was lost before does not count.
        const written = decimalParts(String(value))
        if (written === undefined) return
        expect(roundHalfUp(value, scale)).toBe(Number(roundedText(written, scale)))
      }),
    )
  })
})

describe('query strings', () => {
  test('any text survives escaping, for = and for LIKE', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = text.replace(/[\\']/g, '\\$&')
        const query = parseSoql(
          `SELECT Id FROM Account WHERE Name = '${escaped}' AND Name LIKE '${escaped.replace(/[%_]/g, '\\$&')}'`,
        )
        const conditions = query.where?.kind === 'and' ? query.where.conditions : []
        const literals = conditions.map((one) => (one.kind === 'compare' ? one.literals[0] : undefined))
        expect(literals[0]).toMatchObject({ kind: 'string', value: text })
        const like = literals[1]?.kind === 'string' ? literals[1].like : 'no string'
        expect(new RegExp(`^${like}$`, 'u').test(text)).toBe(true)
      }),
    )
  })
})

describe('nothing a caller sends makes it fail', () => {
  const crm = createSalesforceCrm({
    clock: { nowMs: () => Date.UTC(2026, 0, 1) },
    random: new SeededRandom(1),
    currentRequest: () => 1,
  })
  crm.putSchema('Account', ACCOUNT_FIELDS)
  const [id = ''] = crm.putRecords('Account', [{ Name: 'x', Customer_Id__c: 'k' }])
  const call = (method: string, target: string, body = '') => {
    const [path = '', search = ''] = target.split('?')
    const headers = { authorization: 'Bearer x' }
    return crm.handle({ method, path, query: new URLSearchParams(search), headers, body: Buffer.from(body) })
  }
  const data = '/services/data/v66.0'

  test('rows of any JSON', () => {
    const names = fc.constantFrom(
      'attributes',
      'Id',
      'id',
      'ParentId',
      'Parent',
      'Owner',
      ...ACCOUNT_FIELDS.fields.map((f) => f.name),
      'Name',
      'constructor',
      '__proto__',
    )
    const row = fc.dictionary(names, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 })
    fc.assert(
      fc.property(row, fc.boolean(), (fields, allOrNone) => {
        const records = [{ attributes: { type: 'Account' }, ...fields }, fields]
        for (const [method, path] of [
          ['POST', '/composite/sobjects'],
          ['PATCH', '/composite/sobjects'],
          ['PATCH', '/composite/sobjects/Account/Customer_Id__c'],
          ['PATCH', '/composite/sobjects/Account/Id'],
        ] as const) {
          const answer = call(method, `${data}${path}`, JSON.stringify({ allOrNone, records: records.slice(0, 1) }))
          expect([200, 400]).toContain(answer.status)
          call(method, `${data}${path}`, JSON.stringify({ allOrNone, records }))
        }
        expect(call('PATCH', `${data}/sobjects/Account/${id}`, JSON.stringify(fields)).status).toBeLessThan(500)
      }),
      { numRuns: 300 },
    )
  })

  test('queries of any words', () => {
    const word = fc.constantFrom(
      'SELECT',
      'FROM',
      'WHERE',
      'Account',
      'Name',
      'Id',
      'LTV__c',
      'Owner.Name',
      'Renewal__c',
      '=',
      '!=',
      '>',
      'LIKE',
      'IN',
      'NOT',
      '(',
      ')',
      ',',
      "'x'",
      "'%'",
      "'0015g00000zzzzzAAA'",
      '5',
      'null',
      'true',
      'TODAY',
      '2026-01-01',
      'ORDER',
      'BY',
      'LIMIT',
      'OFFSET',
      'COUNT',
      'FIELDS',
      'ALL',
      'AND',
      'OR',
      ':',
      '2026-01-01T00:00:00Z',
      'LAST_N_DAYS',
    )
    const comparison = fc.tuple(
      fc.constantFrom('Name', 'Id', 'LTV__c', 'Owner.Name', 'Renewal__c', 'Active__c', 'CreatedDate'),
      fc.constantFrom('=', '!=', '<', '>='),
      word,
    )
    const words = fc.oneof(
      fc
        .array(comparison, { minLength: 1, maxLength: 2 })
        .map((list) => [
          ...['SELECT', 'Id', 'FROM', 'Account', 'WHERE'],
          list.map((one) => one.join(' ')).join(' AND '),
        ]),
      fc.array(word, { maxLength: 12 }).map((tail) => ['SELECT', 'Id', 'FROM', 'Account', 'WHERE', ...tail]),
      fc.array(word, { maxLength: 12 }),
    )
    let answered = 0
    fc.assert(
      fc.property(words, (list) => {
        const answer = call('GET', `${data}/query?q=${encodeURIComponent(list.join(' '))}`)
        expect([200, 400]).toContain(answer.status)
        if (answer.status === 200) answered += 1
      }),
      { numRuns: 3000 },
    )
    expect(answered).toBeGreaterThan(20)
  })

  test('paths of any text', () => {
    const part = fc.oneof(
      fc.constantFrom(
        'services',
        'data',
        'v66.0',
        'sobjects',
        'Account',
        'Customer_Id__c',
        'composite',
        'query',
        id,
        '%',
        '%2F',
      ),
      fc.string(),
    )
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 7 }),
        fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT'),
        (parts, method) => {
          expect(call(method, `${data}/${parts.join('/')}`, '{}').status).toBeLessThan(500)
          expect(call(method, `/services/${parts.join('/')}`, '{}').status).toBeLessThan(500)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

function decimalText(unscaled: bigint, places: number): string {
  const sign = unscaled < 0n ? '-' : ''
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(places + 1, '0')
  return `${sign}${digits.slice(0, digits.length - places)}.${digits.slice(digits.length - places)}0`
}

interface Decimal {
  negative: boolean
  digits: bigint
  places: number
}

function decimalParts(text: string): Decimal | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) return undefined
  const fraction = match[3] ?? ''
  return { negative: match[1] === '-', digits: BigInt(`${match[2]}${fraction}`), places: fraction.length }
}

function roundedText({ negative, digits, places }: Decimal, scale: number): string {
  const drop = 10n ** BigInt(Math.max(0, places - scale))
  const kept = drop === 1n ? digits : digits / drop + (2n * (digits % drop) >= drop ? 1n : 0n)
  return decimalText(negative ? -kept : kept, Math.min(places, scale))
}
