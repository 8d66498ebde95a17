import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { prepareLoad } from '../../../runner/destination/salesforce/bulk/prepare-load.ts'
import { NEVER } from '../../support/open-for-test.ts'
import { change, inPages, md5, prepared, UPDATE, UPSERT } from './bulk-support.ts'

const rows = (text: string): string[][] => parse(text, { relaxColumnCount: false })

describe('the file of a load', () => {
  test('explicit columns, one line per change, numbers as their own text, Clear as #N/A', async () => {
    const { load, text } = await prepared(UPSERT, [
      change('1', '"Customer_Id__c":"C-1","Name":"x","LTV__c":12.50,"Active__c":true,"Churn__c":null'),
      change('2', '"Customer_Id__c":"C-2","Name":"a, b","LTV__c":123456789012345678.90,"Active__c":false,"Churn__c":7'),
    ])
    expect(text).toBe(
      'Customer_Id__c,Name,LTV__c,Active__c,Churn__c\nC-1,x,12.50,true,#N/A\nC-2,"a, b",123456789012345678.90,false,7\n',
    )
    expect(load).toMatchObject({ rows: 2, refused: [], bytes: Buffer.byteLength(text) })
    expect(load.columns).toEqual(['Customer_Id__c', 'Name', 'LTV__c', 'Active__c', 'Churn__c'])
    expect(load.sha256).toBe(createHash('sha256').update(text).digest('hex'))
  })

  test('an update names records by Id', async () => {
    const { text } = await prepared(UPDATE, [change('1', '"id":"001000000000001AAA","Name":"x"')])
    expect(text).toBe('Id,Name\n001000000000001AAA,x\n')
  })

  test('references by a field of the other record, with its type where there are several', async () => {
    const members =
      '"Customer_Id__c":"C-1","Parent":{"Customer_Id__c":"P"},"Who":{"attributes":{"type":"Lead"},"Email":"a@example.com"}'
    const { text } = await prepared(UPSERT, [change('1', members)])
    expect(text).toBe('Customer_Id__c,Parent.Customer_Id__c,Lead:Who.Email\nC-1,P,a@example.com\n')
  })

  test('text that CSV must quote comes back from a parser of somebody else', async () => {
    const values = [
      'say "hi"',
      'two\nlines',
      ' spaces ',
      'a\\b',
      '</script>',
      '\u2028',
      '😀 é',
      '\t',
      "'",
      '""',
      '"',
      '=1+1',
    ]
    const changes = values.map((value, index) =>
      change(String(index), `"Customer_Id__c":"C-${index}","Name":${JSON.stringify(value)}`),
    )
    const { load, text } = await prepared(UPSERT, changes)
    expect(load.refused).toEqual([])
    expect(
      rows(text)
        .slice(1)
        .map(([, name]) => name),
    ).toEqual(values)
  })

  test.each([
    ['the mark for clearing', '"Name":"#N/A"'],
    ['empty text, which means "leave as it is"', '"Name":""'],
    ['a carriage return', '"Name":"a\\r\\nb"'],
    ['NUL', '"Name":"a\\u0000b"'],
    ['half a character', '"Name":"\\ud800"'],
    ['more than a field takes', `"Name":"${'x'.repeat(131_073)}"`],
    [
      'more than a record takes',
      `"Name":"${'x'.repeat(131_072)}","A":"${'x'.repeat(131_072)}","B":"${'x'.repeat(131_072)}","C":"${'x'.repeat(9_000)}"`,
    ],
    ['a list', '"Name":["a"]'],
    ['an object that is no reference', '"Name":{"a":1,"b":2}'],
    ['another field', '"Title":"x"'],
    ['a field more', '"Name":"x","Title":"x"'],
    ['text behind the end', '"Name":"x"}{'],
    ['a raw line feed, which is no JSON', '"Name":"a\nb"'],
    ['a raw quote, which is no JSON', '"Name":"a"b"'],
  ])('%s is refused, not altered, wherever it stands', async (_, member) => {
    const bad = change('bad', `"Customer_Id__c":"C-2",${member}`)
    const good = ['1', '3'].map((id) => change(id, `"Customer_Id__c":"C-${id}","Name":"x"`))
    const { load, text } = await prepared(UPSERT, [...good.slice(0, 1), bad, ...good.slice(1)])
    expect(load.refused).toEqual(['bad'])
    expect(text).toBe('Customer_Id__c,Name\nC-1,x\nC-3,x\n')
    expect(load.rows).toBe(2)
  })

  test.each([
    ['no match field', '"Name":"x"'],
    ['the match field not first', '"Name":"x","Customer_Id__c":"C-1"'],
    ['a match value of null', '"Customer_Id__c":null,"Name":"x"'],
    ['an empty match value', '"Customer_Id__c":"","Name":"x"'],
    ['one field twice', '"Customer_Id__c":"C-1","Name":"x","name":"y"'],
  ])('%s: refused', async (_, members) => {
    const { load } = await prepared(UPSERT, [change('1', members)])
    expect(load).toMatchObject({ rows: 0, bytes: 0, refused: ['1'] })
  })

  test('a body that is not the planned payload is refused', async () => {
    const planned = change('1', '"Customer_Id__c":"C-1","Name":"x"')
    const other = { ...change('2', '"Customer_Id__c":"C-2","Name":"y"'), payloadHash: md5('something else') }
    const { load, text } = await prepared(UPSERT, [planned, other])
    expect(load.refused).toEqual(['2'])
    expect(text).toBe('Customer_Id__c,Name\nC-1,x\n')
  })

  test('a number where the others have text is refused: CSV would not tell them apart', async () => {
    const { load } = await prepared(UPSERT, [
      change('1', '"Customer_Id__c":"C-1","Name":"12"'),
      change('2', '"Customer_Id__c":"C-2","Name":12'),
    ])
    expect(load.refused).toEqual(['2'])
  })

  test('more than one block, with refused rows in between', async () => {
    const filler = 'é,"'.repeat(300)
    const changes = Array.from({ length: 2_000 }, (_, index) => {
      const name = index % 7 === 0 ? '#N/A' : `${filler}${index}`
      return change(String(index), `"Customer_Id__c":"C-${index}","Name":${JSON.stringify(name)}`)
    })
    const { load, text } = await prepared(UPSERT, changes)
    expect(load.refused).toHaveLength(286)
    expect(rows(text).slice(1)).toEqual(
      changes.flatMap((_, index) => (index % 7 === 0 ? [] : [[`C-${index}`, `${filler}${index}`]])),
    )
    expect(load.rows).toBe(1_714)
  })
})

describe('the file on disk', () => {
  const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('backfeed-bulk-'))

  test('has no name while it is in use, so that nothing of it outlives the process; its bytes can be read again', async () => {
    const before = folders()
    const changes = inPages([change('1', '"Customer_Id__c":"C-1","Name":"x"')])
    const load = await prepareLoad({ request: UPSERT, changes, signal: NEVER })
    expect(folders()).toEqual(before)
    const read = async (): Promise<string> => {
      const parts: Uint8Array[] = []
      for await (const part of load.body.open()) parts.push(part)
      return Buffer.concat(parts).toString('utf8')
    }
    expect(await read()).toContain('C-1')
    expect(await read()).toBe(await read())
    await load.discard()
    await load.discard()
    await expect(read()).rejects.toThrow()
  })

  test('is gone when preparing it fails', async () => {
    async function* broken() {
      yield [change('1', '"Customer_Id__c":"C-1","Name":"x"')]
      throw new TypeError('warehouse gone')
    }
    const before = folders().length
    await expect(prepareLoad({ request: UPSERT, changes: broken(), signal: NEVER })).rejects.toThrow('warehouse gone')
    expect(folders().length).toBeLessThanOrEqual(before)
  })

  test('nothing is prepared after the run was stopped', async () => {
    const changes = inPages([change('1', '"Customer_Id__c":"C-1","Name":"x"')])
    await expect(prepareLoad({ request: UPSERT, changes, signal: AbortSignal.abort() })).rejects.toThrow()
  })
})
