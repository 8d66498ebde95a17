/** Bodies as the real macros render them on a real engine: the escapes of each engine must be told back exactly. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BulkChange, BulkRequest } from '../../../runner/destination/bulk.ts'
import { packageMacros } from '../../support/package-macros.ts'
import { openTestWarehouse, statement, type TestWarehouse, warehousesUnderTest } from '../../support/warehouses.ts'
import { prepared, UPDATE, UPSERT } from './bulk-support.ts'

const controls = Array.from({ length: 31 }, (_, index) => String.fromCharCode(index + 1)).filter((c) => c !== '\r')

const CARRIED: readonly string[] = [
  ...controls.map((control) => `a${control}b`),
  'plain',
  'comma, here',
  'say "hi"',
  '"',
  '""',
  '"whole"',
  "it's",
  'two\nlines',
  '\n',
  ' leading',
  'trailing ',
  ' ',
  'back\\slash',
  '\\',
  '\\"',
  '\\n',
  '\\u001f',
  '\\u001F\u001f',
  '</script><b>&amp;',
  'a/b',
  '\u007f\u0080\u009f',
  '\u00a0\u200b\ufeff',
  '\u2028 and \u2029',
  'éèçñß ΑΒΓ אבג 漢字',
  '😀👩‍👩‍👧‍👦 𝒳',
  '{"a":1,"b":null}',
  'null',
  'true',
  '12.50',
  '#N/A ',
  '#n/a',
  '#N/A,#N/A',
  '=cmd()',
  'x'.repeat(131_072),
]
const REFUSED: readonly string[] = ['#N/A', 'a\rb', 'a\r\nb', '\r', 'x'.repeat(131_073)]

const field = (slug: string, to: string, type: object, kind: string): object => ({
  slug,
  to,
  type,
  kind,
  in_body: true,
  places: null,
  reference: null,
})
const FIELDS = [
  field('name', 'Name', { kind: 'text' }, 'string'),
  field('ltv', 'LTV__c', { kind: 'decimal', precision: 38, scale: 10 }, 'number'),
  field('active', 'Active__c', { kind: 'bool' }, 'boolean'),
  field('churn', 'Churn__c', { kind: 'integer' }, 'number'),
  field('seen', 'Seen_At__c', { kind: 'timestamp' }, 'datetime'),
]

describe.each(warehousesUnderTest().map(({ name }) => name))('payloads of %s', (name) => {
  let test: TestWarehouse
  beforeAll(async () => {
    test = await openTestWarehouse(name)
  })
  afterAll(() => test?.drop())

  async function changes(request: BulkRequest, names: readonly string[]): Promise<BulkChange[]> {
    const { warehouse, schema } = test
    await warehouse.exec(`drop table if exists ${schema}.given`, statement('drop'))
    await warehouse.exec(`create table ${schema}.given (n integer, name varchar)`, statement('create'))
    const rows = names.map((value, index) => [String(index), value])
    await warehouse.append({ schema, name: 'given' }, ['n', 'name'], rows, statement('append'))
    const key = request.path === 'update' ? `'001000000000001AAA'` : `name`
    const made = `select n, ${key} as match_value, ${key} as crm_id, 'set' as action_name, name as desired_name,
      'set' as action_ltv, cast('12345678901234567890.125' as decimal(38, 10)) as desired_ltv,
      'set' as action_active, n % 2 = 0 as desired_active, 'clear' as action_churn, cast(null as bigint) as desired_churn,
      'set' as action_seen, timestamp '2026-01-02 03:04:05.678' as desired_seen from ${schema}.given`
    const sync = {
      destination: 'salesforce',
      object: request.object,
      path: request.path,
      match: { field: request.matchField ?? '', kind: 'string' },
      fields: FIELDS,
    }
    const macros = packageMacros(name)
    const body = macros.call('destination.body', ['r'], {
      sync,
      target: { name: 'test', type: name, schema, audit_schema: schema },
    })
    const sql = `select cast(n as varchar), body, md5(body) from (select n, ${body} as body from (${made}) as r) as b order by n`
    const answer = await warehouse.rows(sql, { ...statement('bodies'), max: names.length })
    return answer.map(([n, text, hash]) => ({ changeId: n ?? '', body: text ?? '', payloadHash: hash ?? '' }))
  }

  it.each([['upsert', UPSERT] as const, ['update', UPDATE] as const])(
    '%s: every value CSV can carry',
    async (_, request) => {
      const { load, text } = await prepared(request, await changes(request, CARRIED))
      expect(load.refused.map((id) => CARRIED[Number(id)])).toEqual([])
      expect(load.rows).toBe(CARRIED.length)
      expect(text.includes(',plain,12345678901234567890.125')).toBe(true)
      expect(text.includes(',#N/A,2026-01-02T03:04:05.678Z\n')).toBe(true)
    },
  )

  it('the values CSV cannot carry are refused, and no other', async () => {
    const values = [...REFUSED, 'plain']
    const { load } = await prepared(UPDATE, await changes(UPDATE, values))
    expect(load.refused).toEqual(REFUSED.map((_, index) => String(index)))
    expect(load.rows).toBe(1)
  })
})
