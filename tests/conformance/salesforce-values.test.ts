/** Every value makes an exact round trip or waits in quarantine; a second run finds nothing to do. docs/destinations/salesforce.md. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

type Stored = string | number | boolean | null
interface Value {
  what: string
  column: Column
  /** As the warehouse has it. */
  given: string | null
  /** What Salesforce holds afterwards; `quarantined` is the rule that keeps the row back. */
  stored: Stored | { quarantined: string }
  /** Only where a decimal can be it. */
  on?: 'postgres'
}
type Column = keyof typeof COLUMNS

/** Column of the model and field it is mapped to. */
const COLUMNS = {
  line: { type: 'varchar(4000)', to: 'Line__c', field: { type: 'string', length: 20 } },
  story: { type: 'varchar(4000)', to: 'Story__c', field: { type: 'textarea', length: 32_000 } },
  amount: { type: 'decimal(18, 4)', to: 'Amount__c', field: { type: 'currency', precision: 18, scale: 2 } },
  seats: { type: 'decimal(18, 2)', to: 'Seats__c', field: { type: 'int', digits: 8 } },
  big: { type: 'bigint', to: 'Big__c', field: { type: 'double', precision: 18, scale: 0 } },
  share: { type: 'decimal(6, 3)', to: 'Share__c', field: { type: 'percent', precision: 5, scale: 3 } },
  is_open: { type: 'boolean', to: 'Open__c', field: { type: 'boolean' } },
  joined: { type: 'date', to: 'Joined__c', field: { type: 'date' } },
  seen: { type: 'timestamp', to: 'Seen__c', field: { type: 'datetime' } },
  zoned: { type: 'timestamp with time zone', to: 'Zoned__c', field: { type: 'datetime' } },
  tier: {
    type: 'varchar(400)',
    to: 'Tier__c',
    field: { type: 'picklist', restrictedPicklist: true, picklistValues: ['Gold', 'A+B (x)', "O'Neil"] },
  },
  tags: {
    type: 'varchar(4000)',
    to: 'Tags__c',
    field: { type: 'multipicklist', restrictedPicklist: true, picklistValues: ['a.b', 'c', 'd e', 'F'] },
  },
  free_tags: { type: 'varchar(9000)', to: 'Free_Tags__c', field: { type: 'multipicklist' } },
  mail: { type: 'varchar(400)', to: 'Mail__c', field: { type: 'email' } },
  phone: { type: 'varchar(400)', to: 'Phone__c', field: { type: 'phone' } },
  site: { type: 'varchar(400)', to: 'Site__c', field: { type: 'url' } },
  twin: { type: 'varchar(40)', to: 'Twin__c', field: { type: 'reference', referenceTo: ['Account'] } },
} as const

const many = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`).join(';')
const clef = '\u{1D11E}'

const ALL: readonly Value[] = [
  { what: 'quotes and braces', column: 'line', given: `O'Br "x" {{y}} \\n`, stored: `O'Br "x" {{y}} \\n` },
  { what: 'an emoji', column: 'line', given: 'up 🙂🚀', stored: 'up 🙂🚀' },
  { what: 'blanks around it', column: 'line', given: ' \t two words \r\n', stored: 'two words' },
  { what: 'a no-break space around it', column: 'line', given: '\u00a0x\u00a0', stored: '\u00a0x\u00a0' },
  { what: 'nothing but blanks', column: 'line', given: ' \t ', stored: null },
  { what: 'an empty text', column: 'line', given: '', stored: null },
  { what: 'the null mark of bulk files', column: 'line', given: '#N/A', stored: '#N/A' },
  { what: 'as long as it may be', column: 'line', given: 'x'.repeat(20), stored: 'x'.repeat(20) },
  { what: 'as long as it may be once trimmed', column: 'line', given: ` ${'x'.repeat(20)} `, stored: 'x'.repeat(20) },
  { what: 'too long', column: 'line', given: 'x'.repeat(21), stored: { quarantined: 'Line__c_too_long' } },
  { what: 'many bytes, few characters', column: 'line', given: 'ä'.repeat(20), stored: 'ä'.repeat(20) },
  { what: 'ten characters outside the basic plane', column: 'line', given: clef.repeat(10), stored: clef.repeat(10) },
  {
    what: 'eleven, which count twice',
    column: 'line',
    given: clef.repeat(11),
    stored: { quarantined: 'Line__c_too_long' },
  },
  { what: 'lines that end in LF', column: 'story', given: 'a\nb\n\nc', stored: 'a\nb\n\nc' },
  { what: 'lines that end in CR LF', column: 'story', given: 'a\r\nb', stored: 'a\r\nb' },
  { what: 'comma, quote and line end', column: 'story', given: 'a,"b"\n;c', stored: 'a,"b"\n;c' },
  { what: 'money', column: 'amount', given: '1234.5000', stored: 1234.5 },
  { what: 'a negative amount', column: 'amount', given: '-0.0500', stored: -0.05 },
  {
    what: 'more places than the field keeps',
    column: 'amount',
    given: '1.2345',
    stored: { quarantined: 'Amount__c_too_precise' },
  },
  { what: 'as many digits as a number keeps', column: 'amount', given: '1234567890123.45', stored: 1234567890123.45 },
  {
    what: 'more digits than a number keeps',
    column: 'amount',
    given: '12345678901234.56',
    stored: { quarantined: 'Amount__c_too_many_digits' },
  },
  { what: 'a large round number', column: 'amount', given: '20000000000000', stored: 20000000000000 },
  { what: 'a whole number', column: 'seats', given: '5.00', stored: 5 },
  { what: 'half a seat', column: 'seats', given: '5.50', stored: { quarantined: 'Seats__c_too_precise' } },
  {
    what: 'more digits than the field',
    column: 'seats',
    given: '123456789',
    stored: { quarantined: 'Seats__c_out_of_range' },
  },
  { what: 'the largest exact integer', column: 'big', given: '9007199254740991', stored: 9007199254740991 },
  {
    what: 'an integer that is not exact',
    column: 'big',
    given: '90071992547409931',
    stored: { quarantined: 'Big__c_too_many_digits' },
  },
  { what: 'a percentage', column: 'share', given: '12.375', stored: 12.375 },
  {
    what: 'a percentage out of range',
    column: 'share',
    given: '112.375',
    stored: { quarantined: 'Share__c_out_of_range' },
  },
  {
    what: 'not a number',
    column: 'amount',
    given: 'NaN',
    stored: { quarantined: 'Amount__c_not_finite' },
    on: 'postgres',
  },
  { what: 'true', column: 'is_open', given: 'true', stored: true },
  { what: 'false', column: 'is_open', given: 'false', stored: false },
  { what: 'no answer', column: 'is_open', given: null, stored: false },
  { what: 'a leap day', column: 'joined', given: '2024-02-29', stored: '2024-02-29' },
  { what: 'the first day', column: 'joined', given: '1700-01-01', stored: '1700-01-01' },
  {
    what: 'before the first day',
    column: 'joined',
    given: '1699-12-31',
    stored: { quarantined: 'Joined__c_out_of_days' },
  },
  {
    what: 'after the last day',
    column: 'joined',
    given: '4001-01-01',
    stored: { quarantined: 'Joined__c_out_of_days' },
  },
  { what: 'milliseconds', column: 'seen', given: '2026-01-02 03:04:05.999', stored: '2026-01-02T03:04:05.000+0000' },
  { what: 'the last moment', column: 'seen', given: '4000-12-31 23:59:59.5', stored: '4000-12-31T23:59:59.000+0000' },
  {
    what: 'one moment later',
    column: 'seen',
    given: '4001-01-01 00:00:00',
    stored: { quarantined: 'Seen__c_out_of_days' },
  },
  { what: 'a zone', column: 'zoned', given: '2026-07-01 01:30:00.25+05:30', stored: '2026-06-30T20:00:00.000+0000' },
  { what: 'a value of the list', column: 'tier', given: 'Gold', stored: 'Gold' },
  { what: 'a value with signs', column: 'tier', given: ' A+B (x) ', stored: 'A+B (x)' },
  { what: 'a value with a quote', column: 'tier', given: "O'Neil", stored: "O'Neil" },
  { what: 'the same in small letters', column: 'tier', given: 'gold', stored: { quarantined: 'Tier__c_not_allowed' } },
  { what: 'several values, any order', column: 'tags', given: 'F; c ;a.b;c;', stored: 'F;a.b;c' },
  { what: 'one of them unknown', column: 'tags', given: 'c;axb', stored: { quarantined: 'Tags__c_part_not_allowed' } },
  { what: 'separators only', column: 'tags', given: ' ; ;', stored: null },
  {
    what: 'a hundred values',
    column: 'free_tags',
    given: many(100),
    stored: [...many(100).split(';')].sort().join(';'),
  },
  {
    what: 'more than a hundred',
    column: 'free_tags',
    given: many(101),
    stored: { quarantined: 'Free_Tags__c_too_many' },
  },
  { what: 'an address', column: 'mail', given: ' Ann.Lee+x@example.co.uk ', stored: 'Ann.Lee+x@example.co.uk' },
  { what: 'no address', column: 'mail', given: 'ann@', stored: { quarantined: 'Mail__c_invalid_email' } },
  {
    what: 'an address that is too long',
    column: 'mail',
    given: `${'x'.repeat(70)}@example.com`,
    stored: { quarantined: 'Mail__c_too_long' },
  },
  { what: 'a phone number', column: 'phone', given: '+49 (30) 1234-56 ext. 7', stored: '+49 (30) 1234-56 ext. 7' },
  { what: 'a long phone number', column: 'phone', given: '1'.repeat(41), stored: { quarantined: 'Phone__c_too_long' } },
  {
    what: 'an address of a site',
    column: 'site',
    given: 'HTTPS://Example.com/a?b=c#d',
    stored: 'HTTPS://Example.com/a?b=c#d',
  },
  {
    what: 'a site that is too long',
    column: 'site',
    given: `https://${'x'.repeat(250)}`,
    stored: { quarantined: 'Site__c_too_long' },
  },
  {
    what: 'an id with a wrong end',
    column: 'twin',
    given: '001000000000001AAB',
    stored: { quarantined: 'Twin__c_malformed_id' },
  },
  { what: 'no id', column: 'twin', given: 'C-1', stored: { quarantined: 'Twin__c_malformed_id' } },
]

const keyOf = (index: number) => `k${String(index).padStart(2, '0')}`

/** Requests of some rows each, and jobs. */
const WRITE_PATHS = { collections: 'limits: {batch_size: 200}', bulk: 'limits: {bulk_above: 1}' } as const

const syncOf = (path: keyof typeof WRITE_PATHS) => `  - name: values
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: salesforce, object: Account}
    mode: upsert
    match: {field: Key__c, from: id, strategy: external_id}
    fields:
      - {to: Name, value: made, write: on_create}
${Object.entries(COLUMNS)
  .map(([column, { to }]) => `      - {to: ${to}, from: ${column}}`)
  .join('\n')}
    ${WRITE_PATHS[path]}
    ${openGuards}
`

const each = warehousesUnderTest().flatMap(({ name }) => [
  { name, path: 'collections' as const },
  { name, path: 'bulk' as const },
])

describe.each(each)('values on $name, sent by $path', ({ name, path }) => {
  const sync = syncOf(path)
  const VALUES = ALL.filter(({ on }) => on === undefined || on === name)
  let lab: SyncLab
  let parent = ''
  const names = Object.keys(COLUMNS)
  const tuple = (id: string, filled: Readonly<Record<string, string | null>>, more = 'null') =>
    `(${[quoted(id), more, ...names.map((column) => `cast(${quoted(filled[column])} as ${COLUMNS[column as Column].type})`)].join(', ')})`
  const fill = (tuples: readonly string[]) =>
    lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${tuples.join(', ')}`)
  const corpus = (more = 'null') => [
    ...VALUES.map(({ column, given }, index) => tuple(keyOf(index), { [column]: given }, more)),
    tuple('id15', { twin: parent.slice(0, 15) }, more),
    tuple('id18', { twin: parent }, more),
  ]
  const records = async () =>
    new Map((await lab.emulator.control.records('salesforce', 'Account')).map((record) => [record.Key__c, record]))

  beforeAll(async () => {
    lab = await openLab(name)
    const fields = Object.values(COLUMNS).map(({ to, field }) => ({ name: to, ...field }))
    await lab.emulator.control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 40, externalId: true, unique: true },
        { name: 'Note__c', type: 'string', length: 40 },
        ...fields,
      ],
    })
    const [id = ''] = await lab.emulator.control.putRecords('salesforce', 'Account', [{ Name: 'Parent' }])
    parent = id
    const columns = names.map((column) => `${column} ${COLUMNS[column as Column].type}`)
    await lab.exec(`create table backfeed.rows_given (id varchar(40), note varchar(40), ${columns.join(', ')})`)
    lab.syncs(sync)
    await fill(corpus())
    const result = await lab.execute('run', 'values')
    expect(result).toMatchObject({ exitCode: 0 })
    expect(result.error?.message).toBeUndefined()
  }, 120_000)
  afterAll(() => lab.close())

  test('F87 F88 what is stored is what the documentation says, or the row waits with a reason', async () => {
    const stored = await records()
    const waiting = new Map(
      (await lab.query("select row_key, rule from backfeed_audit.quarantine where sync_name = 'values'")).map(
        ([key, rule]) => [key, rule],
      ),
    )
    const found = VALUES.map(({ what, column }, index) => {
      const key = keyOf(index)
      const record = stored.get(key)
      const value = record === undefined ? { quarantined: waiting.get(key) } : (record[COLUMNS[column].to] ?? null)
      return { what, stored: value }
    })
    expect(found).toEqual(VALUES.map(({ what, stored: value }) => ({ what, stored: value })))
    expect(stored.get('id15')).toMatchObject({ Twin__c: parent })
    expect(stored.get('id18')).toMatchObject({ Twin__c: parent })
  })

  test('a second run plans nothing and sends nothing', async () => {
    await lab.writes()
    const again = await lab.execute('run', 'values')
    expect(again).toMatchObject({ planned: 0, exitCode: 0 })
    expect(await lab.writes()).toEqual([])
  })

  test('rows that are looked at again for another reason show neither a change nor drift', async () => {
    lab.syncs(sync.replace('    limits', '      - {to: Note__c, from: note}\n    limits'))
    await fill(corpus("'changed'"))
    const result = await lab.execute('run', 'values')
    expect(result.error?.message).toBeUndefined()
    expect(result.plan?.counts).toMatchObject({ drift: 0, clears: 0 })
    const kept = VALUES.filter(({ stored }) => stored === null || typeof stored !== 'object').length + 2
    const noted = [...(await records()).values()].filter((record) => record.Note__c === 'changed')
    expect([noted.length, result.totals?.succeeded]).toEqual([kept, kept])
    if (path === 'bulk') return
    const names = (await lab.sent()).flatMap((element) => Object.keys(element))
    expect([...new Set(names)].sort()).toEqual(['Key__c', 'Note__c', 'attributes'])
  }, 60_000)
})
