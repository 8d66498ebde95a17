import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { CHUNK_ROWS, indexCsv } from '../../../emulator/salesforce/bulk/csv-index.ts'
import { parseCsvRows } from '../../../emulator/salesforce/bulk/csv-rows.ts'
import { canonicalId, recordId } from '../../../emulator/salesforce/record-id.ts'
import { useEmulator } from '../../contract/emulator-support.ts'
import { ACCOUNT_FIELDS, bulkClient, headerOf, type JobRequest, rowsOf } from './bulk-support.ts'

const emulator = useEmulator()
const bulk = bulkClient(emulator)
beforeEach(() => emulator.control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS))

const account = async (key: string) =>
  (await emulator.control.records('salesforce', 'Account')).find((one) => one.Customer_Id__c === key)
const load = (lines: readonly string[], job?: JobRequest) => bulk.load(`${lines.join('\n')}\n`, job)

describe('results', () => {
  test('case 44: name every row with its outcome, with the header as it was sent', async () => {
    const lines = ['customer_id__c,Name,LTV__c', 'C-1,One,1', 'C-2,"T""wo",#N/A', 'C-3,Three,abc']
    const { info, success, failed, unprocessed } = await load(lines)
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 3, numberRecordsFailed: 1 })
    expect(headerOf(success)).toBe('"sf__Id","sf__Created",customer_id__c,Name,LTV__c')
    const id = async (key: string) => (await account(key))?.Id
    expect(rowsOf(success)).toEqual(
      [`"${await id('C-1')}","true","C-1","One","1"`, `"${await id('C-2')}","true","C-2","T""wo","#N/A"`].sort(),
    )
    expect(failed).toBe(
      '"sf__Id","sf__Error",customer_id__c,Name,LTV__c\n' +
        '"","INVALID_TYPE_ON_FIELD_IN_RECORD:LTV: value not of required type: abc:LTV__c --","C-3","Three","abc"\n',
    )
    expect(unprocessed).toBe('customer_id__c,Name,LTV__c\n')
  })

  test('case 44: tell created from updated, and answer in any case of the address', async () => {
    await load(['Customer_Id__c,Name', 'C-1,One'])
    const { id, success } = await load(['Customer_Id__c,Name', 'C-1,Uno', 'C-2,Dos'])
    expect(rowsOf(success).map((line) => line.split(',')[1])).toEqual(['"false"', '"true"'])
    for (const name of ['SUCCESSFULRESULTS', 'successfulresults/', 'unprocessedRecords']) {
      const answer = await bulk.file(id, name)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('content-type')).toMatch(/^text\/csv/)
    }
    expect((await bulk.file(id, 'otherResults')).status).toBe(404)
  })

  test('case 44: sf__Error without fields ends in :--', async () => {
    await load(['Customer_Id__c,Name', 'C-1,One'])
    const id = String((await account('C-1'))?.Id)
    await load(['Id', id], { operation: 'delete' })
    const { failed } = await load(['Id,Name', `${id.slice(0, 15)},Uno`], { operation: 'update' })
    expect(rowsOf(failed)).toEqual([`"${id}","ENTITY_IS_DELETED:entity is deleted:--","${id.slice(0, 15)}","Uno"`])
  })

  test('are compressed for those who ask', async () => {
    const lines = Array.from({ length: 500 }, (_, row) => `C-${row},Name ${row}`)
    const { id, success } = await load(['Customer_Id__c,Name', ...lines])
    const url = `${emulator.url}/services/data/v66.0/jobs/ingest/${id}/successfulResults`
    const zipped = await fetch(url, { headers: { authorization: 'Bearer any', 'accept-encoding': 'gzip' } })
    expect(zipped.headers.get('content-encoding')).toBe('gzip')
    expect(await zipped.text()).toBe(success)
  })
})

describe('cells', () => {
  test('case 48: empty leaves the value, #N/A clears it', async () => {
    await load(['Customer_Id__c,Name,Phone,Site', 'C-1,One,123,North'])
    await load(['Customer_Id__c,Name,Phone,Site', 'C-1,,,#N/A'])
    expect(await account('C-1')).toMatchObject({ Name: 'One', Phone: '123', Site: null })
    await load(['Customer_Id__c,Phone', 'C-1,""'])
    expect(await account('C-1')).toMatchObject({ Phone: '123' })
    const { failed } = await load(['Customer_Id__c,Name', 'C-1,#N/A'])
    expect(rowsOf(failed)[0]).toContain('"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"')
  })

  test('case 48: spaces come through as sent, and are trimmed on save only', async () => {
    const { success } = await load(['Customer_Id__c,Name', 'C-1,  padded  '])
    expect(rowsOf(success)[0]).toMatch(/"C-1"," {2}padded {2}"$/)
    expect(await account('C-1')).toMatchObject({ Name: 'padded' })
  })

  test('case 48: a space next to a quote fails its row and no other', async () => {
    const { info, failed } = await load(['Customer_Id__c,Name', 'C-1, "One"', 'C-2,"Two" ', 'C-3,"Three"', 'C-4,5" x'])
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 4, numberRecordsFailed: 3 })
    expect(
      rowsOf(failed)
        .map((line) => /"(C-\d)"/.exec(line)?.[1])
        .sort(),
    ).toEqual(['C-1', 'C-2', 'C-4'])
    expect(await account('C-3')).toMatchObject({ Name: 'Three' })
  })

  test('a row with too many or too few values fails', async () => {
    const { failed, success } = await load(['Customer_Id__c,Name', 'C-1', 'C-2,Two,2', 'C-3,Three'])
    expect(rowsOf(failed)).toHaveLength(2)
    expect(rowsOf(success)).toHaveLength(1)
  })

  test('line breaks, quotes, commas and emoji inside quotes come back as they were', async () => {
    const value = 'a,b\n"c" \u{1F600} é'
    const { success } = await load(['Customer_Id__c,Name', `C-1,"${value.replaceAll('"', '""')}"`])
    expect(success).toContain(`"C-1","${value.replaceAll('"', '""')}"\n`)
  })

  test('fields, records and headers have their longest', async () => {
    await emulator.control.putSchema('salesforce', 'Account', {
      fields: [1, 2, 3, 4].map((n) => ({ name: `Long${n}__c`, type: 'textarea', length: 131_072 })),
    })
    const cell = (length: number) => 'x'.repeat(length)
    const field = await load(['Customer_Id__c,Name,Long1__c', `C-1,One,${cell(131_073)}`, `C-2,Two,${cell(131_072)}`])
    expect(field.info).toMatchObject({ numberRecordsFailed: 1 })
    const four = 'Customer_Id__c,Name,Long1__c,Long2__c,Long3__c,Long4__c'
    const wide = `${cell(131_000)},${cell(131_000)},${cell(131_000)}`
    const record = await load([four, `C-3,Three,${wide},${cell(7_000)}`, `C-4,Four,${wide},${cell(100)}`])
    expect(rowsOf(record.failed)[0]).toContain('C-3')
    const header = await load([`Customer_Id__c,${Array.from({ length: 3_000 }, () => 'Description').join(',')}`, 'C-1'])
    expect(header.info).toMatchObject({ state: 'Failed', errorMessage: expect.stringContaining('32000 characters') })
  })

  test('numbers, booleans and dates are what they are over REST', async () => {
    const names = ['LTV__c', 'Active__c', 'Renewal__c', 'Seen_At__c', 'Interests__c', 'Risk_Score__c', 'Name']
    const row = ['1.005', 'true', '2026-02-28', '2026-01-31T10:30:00+01:00', 'b;a', '1e2', ' x ']
    await load([`Customer_Id__c,${names.join(',')}`, `C-1,${row.join(',')}`, 'C-2,2,1,2026-02-28,,,,y'])
    const json = { LTV__c: 1.005, Active__c: true, Renewal__c: row[2], Seen_At__c: row[3], Interests__c: 'b;a' }
    const rest = await emulator.api('/composite/sobjects/Account/Customer_Id__c', {
      method: 'PATCH',
      body: {
        records: [{ attributes: { type: 'Account' }, Customer_Id__c: 'R-1', ...json, Risk_Score__c: 100, Name: ' x ' }],
      },
    })
    expect(rest.body[0]).toMatchObject({ success: true })
    const shown = (one: Record<string, unknown> | undefined) => names.map((name) => one?.[name])
    expect(shown(await account('C-1'))).toEqual(shown(await account('R-1')))
    expect(await account('C-2')).toMatchObject({ Active__c: true })
  })

  test('a key twice in one chunk fails both rows; a blank key fails its row; several matches fail theirs', async () => {
    const legacy = { externalIdFieldName: 'Legacy_Id__c' }
    await emulator.control.putRecords('salesforce', 'Account', [
      { Name: 'a', Legacy_Id__c: 'L-1' },
      { Name: 'b', Legacy_Id__c: 'L-1' },
    ])
    const { failed } = await load(['Legacy_Id__c,Name', 'L-1,x', 'L-2,x', 'L-2,y', ',z'], legacy)
    const errors = rowsOf(failed).map((line) => /"([A-Z_]+):/.exec(line)?.[1])
    expect(errors.sort()).toEqual(['DUPLICATE_EXTERNAL_ID', 'DUPLICATE_VALUE', 'DUPLICATE_VALUE', 'MISSING_ARGUMENT'])
    expect(failed).toContain('Duplicate external id specified: L-2')
  })
})

describe('relationships', () => {
  const external = { fields: [{ name: 'Key__c', type: 'string', length: 20, externalId: true, unique: true }] }
  beforeEach(async () => {
    await emulator.control.putSchema('salesforce', 'Contact', external)
    await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'Parent', Customer_Id__c: 'P-1' }])
  })
  const contact = { object: 'Contact', externalIdFieldName: 'Key__c' }

  test('case 49: a parent by its key, cleared by #N/A, unknown: an error of the row', async () => {
    const header = 'Key__c,LastName,Account.Customer_Id__c'
    const linked = await load([header, 'K-1,One,P-1', 'K-2,Two,P-9'], contact)
    const message = 'Foreign key external ID: P-9 not found for field Customer_Id__c in entity Account'
    expect(rowsOf(linked.failed)).toEqual([expect.stringContaining(`"INVALID_FIELD:${message}:--"`)])
    const [one] = await emulator.control.records('salesforce', 'Contact')
    expect(one?.AccountId).toMatch(/^001/)
    await load([header, 'K-1,One,#N/A'], contact)
    expect((await emulator.control.records('salesforce', 'Contact'))[0]?.AccountId).toBe(null)
  })

  test('case 49: several kinds of parents need their kind', async () => {
    await emulator.control.putSchema('salesforce', 'Note__c', {
      fields: [
        { name: 'Key__c', type: 'string', length: 20, externalId: true, unique: true },
        {
          ...{ name: 'WhoId', type: 'reference', referenceTo: ['Contact', 'Lead'], relationshipName: 'Who' },
          polymorphicForeignKey: true,
        },
      ],
    })
    const [lead] = await emulator.control.putRecords('salesforce', 'Lead', [
      { LastName: 'L', Company: 'C', Email: 'l@example.com' },
    ])
    const note = { object: 'Note__c', externalIdFieldName: 'Key__c' }
    const { info, failed } = await load(['Key__c,Lead:Who.Email', 'N-1,l@example.com'], note)
    expect({ failed: rowsOf(failed), state: info.state }).toEqual({ failed: [], state: 'JobComplete' })
    expect((await emulator.control.records('salesforce', 'Note__c'))[0]?.WhoId).toBe(lead)
    const without = await load(['Key__c,Who.Email', 'N-1,l@example.com'], note)
    expect(without.info).toMatchObject({
      state: 'Failed',
      errorMessage: expect.stringMatching(/^InvalidBatch : .*Who$/),
    })
  })

  test.each([
    ['Account:Account.Customer_Id__c', 'type is not needed for non polymorphic foreign key references: Account'],
    ['Nobody.Key__c', 'Unable to find relationship: Nobody'],
    ['Account.Name', 'Field name not found : Account.Name'],
    ['Account.Nope__c', 'Field name not found : Account.Nope__c'],
  ])('case 49: %s fails the job', async (column, what) => {
    const { info } = await load([`Key__c,LastName,${column}`, 'K-1,One,x'], contact)
    expect(info).toMatchObject({ state: 'Failed', errorMessage: `InvalidBatch : ${what}` })
    expect(await emulator.control.records('salesforce', 'Contact')).toEqual([])
  })
})

describe('files that fail as a whole', () => {
  const lineEnding = (setting: string) =>
    `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${setting}`
  test.each<[what: string, csv: string, message: string, job?: JobRequest]>([
    ['an unknown column', 'Customer_Id__c,Nope,Nor\nC-1,a,b\n', 'InvalidBatch : Field name not found : Nope'],
    [
      'a byte order mark',
      '\ufeffCustomer_Id__c,Name\nC-1,a\n',
      'InvalidBatch : Field name not found : \ufeffCustomer_Id__c',
    ],
    ['a space after a name', 'Customer_Id__c ,Name\nC-1,a\n', 'InvalidBatch : Field name not found : Customer_Id__c '],
    [
      'an address as a whole',
      'Customer_Id__c,BillingAddress\nC-1,a\n',
      'InvalidBatch : Field name not found : BillingAddress',
    ],
    ['a column twice', 'Customer_Id__c,Name,name\nC-1,a,b\n', 'InvalidBatch : Duplicate field name found : name'],
    ['CRLF for LF', 'Customer_Id__c,Name\r\nC-1,a\r\n', lineEnding('LF')],
    ['CRLF in one row of many', 'Customer_Id__c,Name\nC-1,a\nC-2,b\r\nC-3,c\n', lineEnding('LF')],
    ['CRLF inside quotes', 'Customer_Id__c,Name\nC-1,"a\r\nb"\n', lineEnding('LF')],
    ['LF for CRLF', 'Customer_Id__c,Name\nC-1,a\n', lineEnding('CRLF'), { lineEnding: 'CRLF' }],
  ])('%s', async (_what, csv, errorMessage, job) => {
    const { info, success, failed, unprocessed } = await bulk.load(csv, job)
    expect(info).toMatchObject({ state: 'Failed', errorMessage, numberRecordsProcessed: 0, numberRecordsFailed: 0 })
    expect([...rowsOf(success), ...rowsOf(failed)]).toEqual([])
    expect(rowsOf(unprocessed).length).toBeGreaterThan(0)
    expect(await emulator.control.records('salesforce', 'Account')).toEqual([])
  })

  test('a delete with more than ids', async () => {
    const { info } = await load(['Id,Name', 'x,y'], { operation: 'delete' })
    expect(info).toMatchObject({ state: 'Failed', errorMessage: 'InvalidBatch : Delete batch must contain only ids' })
  })
})

describe('operations', () => {
  test('insert, update and delete by Id', async () => {
    const inserted = await load(['Name,Id', 'One,', 'Two,001000000000001'], { operation: 'insert' })
    expect(rowsOf(inserted.failed)[0]).toContain('"INVALID_FIELD:cannot specify Id in an insert call:Id --"')
    const id = /^"(001\w{15})"/.exec(rowsOf(inserted.success)[0] ?? '')?.[1] ?? ''
    const updated = await load(['Id,Name', `${id},Uno`, ',Dos', '0035g00000FAKE1,Tres'], { operation: 'update' })
    expect(rowsOf(updated.success)).toEqual([`"${id}","false","${id}","Uno"`])
    expect(
      rowsOf(updated.failed)
        .map((line) => /"([A-Z_]+):/.exec(line)?.[1])
        .sort(),
    ).toEqual(['MALFORMED_ID', 'MISSING_ARGUMENT'])
    const deleted = await load(['Id', id.slice(0, 15), id], { operation: 'delete' })
    expect(deleted.info).toMatchObject({ numberRecordsProcessed: 2, numberRecordsFailed: 1 })
    const all = (await emulator.api('/queryAll?q=SELECT Id, IsDeleted FROM Account')).body.records
    expect(all).toMatchObject([{ Id: id, IsDeleted: true }])
  })

  test('hardDelete, with the permission, leaves nothing in the recycle bin', async () => {
    await emulator.plane('/bulk/salesforce', { method: 'PUT', body: { hard_delete: true } })
    const [id] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a' }])
    const { info } = await load(['Id', String(id)], { operation: 'hardDelete' })
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 0 })
    expect((await emulator.api('/queryAll?q=SELECT Id FROM Account')).body.totalSize).toBe(0)
    expect((await emulator.control.history('salesforce', 'Account', String(id))).map((one) => one.op)).toEqual([
      'create',
      'delete',
    ])
  })

  test('assignment rules run only where the job names one', async () => {
    const owner = async (key: string, job: JobRequest) => {
      await load(['Customer_Id__c,Name', `${key},One`], job)
      return (await account(key))?.OwnerId
    }
    const own = await owner('C-1', {})
    expect(await owner('C-2', { assignmentRuleId: '01Q000000000001' })).not.toBe(own)
  })
})

describe('delimiters and line endings', () => {
  const delimiters = { BACKQUOTE: '`', CARET: '^', COMMA: ',', PIPE: '|', SEMICOLON: ';', TAB: '\t' }
  test.each(Object.entries(delimiters))('case 54: %s', async (columnDelimiter, mark) => {
    const others = Object.values(delimiters).join('').replace(mark, '')
    const text = `x${others}y`
    const csv = [`Customer_Id__c${mark}Name`, `C-1${mark}${text}`, `C-2${mark}"a${mark}b"`, `C-3`].join('\n')
    const { success, failed, unprocessed } = await bulk.load(csv, { columnDelimiter })
    expect(headerOf(success)).toBe(['"sf__Id"', '"sf__Created"', 'Customer_Id__c', 'Name'].join(mark))
    expect(rowsOf(success).map((line) => line.slice(line.indexOf('"C-')))).toEqual(
      [expect.stringContaining(`"C-1"${mark}"${text}"`), expect.stringContaining(`"C-2"${mark}"a${mark}b"`)].sort(),
    )
    expect(headerOf(failed)).toBe(['"sf__Id"', '"sf__Error"', 'Customer_Id__c', 'Name'].join(mark))
    expect(headerOf(unprocessed)).toBe(`Customer_Id__c${mark}Name`)
    expect(await account('C-2')).toMatchObject({ Name: `a${mark}b` })
  })

  test('case 54: CRLF with CRLF', async () => {
    const { info } = await bulk.load('Customer_Id__c,Name\r\nC-1,a\r\nC-2,"b\r\nc"\r\n', { lineEnding: 'CRLF' })
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 2, numberRecordsFailed: 0 })
    expect(await account('C-1')).toMatchObject({ Name: 'a' })
  })
})

describe('the reader', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'é', '\u{1F600}', ''), maxLength: 8 })
  const grid = fc
    .integer({ min: 1, max: 4 })
    .chain((columns) =>
      fc.array(fc.array(text, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 450 }),
    )

  test('reads back any cells, and the index cuts where rows end', () => {
    fc.assert(
      fc.property(grid, (rows) => {
        const csv = `h\n${rows.map((cells) => cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')).join('\n')}`
        expect(readAll(csv).map((row) => row.cells)).toEqual(rows)
      }),
      { numRuns: 100 },
    )
  })

  test('any bytes at all: as many rows as the index counts', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '""', ',"', '",'), maxLength: 60 }),
        (tail) => {
          const csv = `h\n${tail}`
          expect(readAll(csv)).toHaveLength(indexOf(csv).rows)
        },
      ),
      { numRuns: 500 },
    )
  })

  function indexOf(csv: string) {
    const steps = indexCsv(Buffer.from(csv), { columnDelimiter: 'COMMA', lineEnding: 'LF' })
    for (;;) {
      const step = steps.next()
      if (step.done === true) return step.value
    }
  }

  function readAll(csv: string) {
    const bytes = Buffer.from(csv)
    const { chunkStarts } = indexOf(csv)
    return chunkStarts.flatMap((start, chunk) => {
      const rows = parseCsvRows(bytes.toString('utf8', start, chunkStarts[chunk + 1] ?? bytes.length), ',')
      expect(rows.length).toBeLessThanOrEqual(CHUNK_ROWS)
      return rows
    })
  }
})

test('ids count on, and each carries the checksum of its own characters', () => {
  const serials = [0, 61, 62, 3_843, 3_844, 1_000_000, 62 ** 5 + 7, 3_844 * 61 + 3_843]
  for (const prefix of ['001', '750', 'a0A']) {
    const ids = serials.flatMap((serial) => [recordId(prefix, serial), recordId(prefix, serial + 1)])
    expect(new Set(ids).size).toBe(new Set(serials.flatMap((serial) => [serial, serial + 1])).size)
    for (const id of ids) expect(canonicalId(id.slice(0, 15))).toBe(id)
  }
})
