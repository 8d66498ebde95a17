/** Every value makes an exact round trip or waits in quarantine; a second run finds nothing to do. docs/destinations/hubspot.md. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

interface Value {
  what: string
  column: Column
  /** As the warehouse has it. */
  given: string | null
  /** What HubSpot holds afterwards; `quarantined` is the rule that keeps the row back. */
  stored: string | null | { quarantined: string }
  /** Only where a decimal can be it. */
  on?: 'postgres'
}
type Column = keyof typeof COLUMNS

const options = (...values: string[]) => values.map((value) => ({ value, label: `The ${value}` }))

/** Column of the model and property it is mapped to. */
const COLUMNS = {
  line: { type: 'varchar(70000)', to: 'line', property: { type: 'string' } },
  story: { type: 'varchar(4000)', to: 'story', property: { type: 'string', fieldType: 'textarea' } },
  code: { type: 'bigint', to: 'code', property: { type: 'string' } },
  amount: { type: 'decimal(18, 4)', to: 'amount', property: { type: 'number' } },
  big: { type: 'bigint', to: 'big', property: { type: 'number' } },
  wide: { type: 'decimal(38, 8)', to: 'wide', property: { type: 'number' } },
  is_open: { type: 'boolean', to: 'is_open', property: { type: 'bool' } },
  joined: { type: 'date', to: 'joined', property: { type: 'date' } },
  seen: { type: 'timestamp', to: 'seen', property: { type: 'datetime' } },
  seen_day: { type: 'date', to: 'seen_day', property: { type: 'datetime' } },
  zoned: { type: 'timestamp with time zone', to: 'zoned', property: { type: 'datetime' } },
  tier: {
    type: 'varchar(400)',
    to: 'tier',
    property: {
      type: 'enumeration',
      options: [...options('gold', 'A+B (x)', "O'Neil"), { value: 'old', hidden: true }],
    },
  },
  tags: {
    type: 'varchar(4000)',
    to: 'tags',
    property: { type: 'enumeration', fieldType: 'checkbox', options: options('a.b', 'c', 'd e', 'F') },
  },
  mail: { type: 'varchar(400)', to: 'email' },
  phone: { type: 'varchar(400)', to: 'phone' },
  stage: { type: 'varchar(400)', to: 'lifecyclestage' },
} as const satisfies Record<string, { type: string; to: string; property?: object }>

const MOST = 65_536
const clef = '\u{1D11E}'

const ALL: readonly Value[] = [
  { what: 'quotes and braces', column: 'line', given: `O'Br "x" {{y}} \\n`, stored: `O'Br "x" {{y}} \\n` },
  { what: 'an emoji', column: 'line', given: 'up 🙂🚀', stored: 'up 🙂🚀' },
  { what: 'blanks around it', column: 'line', given: ' two words ', stored: ' two words ' },
  { what: 'nothing but blanks', column: 'line', given: ' \t ', stored: null },
  { what: 'an empty text', column: 'line', given: '', stored: null },
  { what: 'the word null', column: 'line', given: 'null', stored: 'null' },
  { what: 'as long as it may be', column: 'line', given: 'x'.repeat(MOST), stored: 'x'.repeat(MOST) },
  { what: 'too long', column: 'line', given: 'x'.repeat(MOST + 1), stored: { quarantined: 'line_too_long' } },
  { what: 'many bytes, few characters', column: 'line', given: 'ä'.repeat(MOST), stored: 'ä'.repeat(MOST) },
  {
    what: 'characters that count twice',
    column: 'line',
    given: clef.repeat(MOST / 2 + 1),
    stored: { quarantined: 'line_too_long' },
  },
  { what: 'lines that end in CR LF', column: 'story', given: 'a\r\nb\n\nc', stored: 'a\r\nb\n\nc' },
  { what: 'a leading semicolon', column: 'story', given: ';a,"b"\n;c', stored: ';a,"b"\n;c' },
  { what: 'an integer in a text', column: 'code', given: '1234567890123456789', stored: '1234567890123456789' },
  { what: 'zeros behind the point', column: 'amount', given: '24.0000', stored: '24.0000' },
  { what: 'a negative amount', column: 'amount', given: '-0.0500', stored: '-0.0500' },
  { what: 'a large amount', column: 'amount', given: '12345678901234.5678', stored: '12345678901234.5678' },
  { what: 'an integer beyond a double', column: 'big', given: '9223372036854775807', stored: '9223372036854775807' },
  {
    what: 'as many digits as pass',
    column: 'wide',
    given: '123456789012345678901234567.12345678',
    stored: '123456789012345678901234567.12345678',
  },
  {
    what: 'more digits before the point',
    column: 'wide',
    given: '1234567890123456789012345678.5',
    stored: { quarantined: 'wide_out_of_range' },
  },
  {
    what: 'not a number',
    column: 'amount',
    given: 'NaN',
    stored: { quarantined: 'amount_not_finite' },
    on: 'postgres',
  },
  { what: 'true', column: 'is_open', given: 'true', stored: 'true' },
  { what: 'false', column: 'is_open', given: 'false', stored: 'false' },
  { what: 'no answer', column: 'is_open', given: null, stored: null },
  { what: 'a leap day', column: 'joined', given: '2024-02-29', stored: '2024-02-29' },
  { what: 'a day before 1970', column: 'joined', given: '1901-12-31', stored: '1901-12-31' },
  {
    what: 'no day of four digits',
    column: 'joined',
    given: '0999-12-31',
    stored: { quarantined: 'joined_out_of_days' },
  },
  {
    what: 'a day without end',
    column: 'joined',
    given: 'infinity',
    stored: { quarantined: 'joined_out_of_days' },
    on: 'postgres',
  },
  { what: 'microseconds', column: 'seen', given: '2026-01-02 03:04:05.999999', stored: '2026-01-02T03:04:05.999Z' },
  { what: 'midnight', column: 'seen', given: '2026-01-02 00:00:00', stored: '2026-01-02T00:00:00Z' },
  { what: 'a day as a moment', column: 'seen_day', given: '2026-03-29', stored: '2026-03-29T00:00:00Z' },
  { what: 'a zone', column: 'zoned', given: '2026-07-01 01:30:00.25+05:30', stored: '2026-06-30T20:00:00.250Z' },
  { what: 'a value of the list', column: 'tier', given: 'gold', stored: 'gold' },
  { what: 'a value with signs and blanks around it', column: 'tier', given: ' A+B (x) ', stored: 'A+B (x)' },
  { what: 'a value with a quote', column: 'tier', given: "O'Neil", stored: "O'Neil" },
  { what: 'the same in capitals', column: 'tier', given: 'Gold', stored: { quarantined: 'tier_not_allowed' } },
  { what: 'the label', column: 'tier', given: 'The gold', stored: { quarantined: 'tier_not_allowed' } },
  { what: 'a hidden value', column: 'tier', given: 'old', stored: { quarantined: 'tier_not_allowed' } },
  { what: 'several values, any order', column: 'tags', given: 'F; c ;a.b;c;', stored: 'F;a.b;c' },
  { what: 'a semicolon in front', column: 'tags', given: ';d e', stored: 'd e' },
  { what: 'one of them unknown', column: 'tags', given: 'c;axb', stored: { quarantined: 'tags_part_not_allowed' } },
  { what: 'separators only', column: 'tags', given: ' ; ;', stored: null },
  { what: 'an address', column: 'mail', given: ' Ann.Lee+x@Example.co.UK ', stored: 'ann.lee+x@example.co.uk' },
  {
    what: 'an address without a top level',
    column: 'mail',
    given: 'a@b',
    stored: { quarantined: 'email_invalid_email' },
  },
  { what: 'a phone number', column: 'phone', given: '+49 (30) 1234-56 ext. 7', stored: '+49 (30) 1234-56 ext. 7' },
  { what: 'a stage', column: 'stage', given: 'customer', stored: 'customer' },
  {
    what: 'a stage in capitals',
    column: 'stage',
    given: 'Customer',
    stored: { quarantined: 'lifecyclestage_not_allowed' },
  },
]

const keyOf = (index: number) => `k${String(index).padStart(2, '0')}`

const sync = `  - name: values
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: contacts}
    mode: upsert
    match: {field: ext_id, from: id, strategy: unique_property}
    fields:
      - {to: firstname, value: made, write: on_create}
${Object.entries(COLUMNS)
  .map(([column, { to }]) => `      - {to: ${to}, from: ${column}}`)
  .join('\n')}
    ${openGuards}
`

/** Where the machine stands must not show in any value. */
const each = warehousesUnderTest().flatMap(({ name }) =>
  ['America/Los_Angeles', 'Pacific/Auckland'].map((zone) => ({ name, zone })),
)

describe.each(each)('values on $name in $zone', ({ name, zone }) => {
  const VALUES = ALL.filter(({ on }) => on === undefined || on === name)
  const names = Object.keys(COLUMNS)
  const home = process.env.TZ
  let lab: SyncLab
  const tuple = (id: string, filled: Readonly<Record<string, string | null>>, more = 'null') =>
    `(${[quoted(id), more, ...names.map((column) => `cast(${quoted(filled[column])} as ${COLUMNS[column as Column].type})`)].join(', ')})`
  const fill = (tuples: readonly string[]) =>
    lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${tuples.join(', ')}`)
  const corpus = (more = 'null') =>
    VALUES.map(({ column, given }, index) => tuple(keyOf(index), { [column]: given }, more))
  const records = async () => {
    const list = await lab.emulator.control.records('hubspot', 'contacts')
    const properties = list.map((record) => record.properties as Record<string, string>)
    return new Map(properties.map((record) => [record.ext_id, record]))
  }

  beforeAll(async () => {
    process.env.TZ = zone
    lab = await openLab(name)
    const properties = Object.values(COLUMNS).flatMap((column) =>
      'property' in column ? [{ name: column.to, ...column.property }] : [],
    )
    await lab.emulator.control.putSchema('hubspot', 'contacts', {
      properties: [
        { name: 'ext_id', type: 'string', hasUniqueValue: true },
        { name: 'note', type: 'string' },
        ...properties,
      ],
    })
    const columns = names.map((column) => `${column} ${COLUMNS[column as Column].type}`)
    await lab.exec(`create table backfeed.rows_given (id varchar(40), note varchar(40), ${columns.join(', ')})`)
    lab.syncs(sync)
    await fill(corpus())
    const result = await lab.execute('run', 'values')
    expect(result.error?.problems ?? []).toEqual([])
    expect(result).toMatchObject({ exitCode: 0, totals: { rejected: 0, unknown: 0, retryable: 0 } })
  }, 120_000)
  afterAll(async () => {
    process.env.TZ = home
    await lab.close()
  })

  test('F87 F88 D38 D42 D43: what is stored is what the documentation says, or the row waits with a reason', async () => {
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
  })

  test('a second run plans nothing and sends nothing', async () => {
    await lab.writes()
    const again = await lab.execute('run', 'values')
    expect(again).toMatchObject({ planned: 0, exitCode: 0 })
    expect(await lab.writes()).toEqual([])
  })

  test('rows that are looked at again for another reason show neither a change nor drift', async () => {
    lab.syncs(sync.replace('    guards', '      - {to: note, from: note}\n    guards'))
    await fill(corpus("'changed'"))
    const result = await lab.execute('run', 'values')
    expect(result.error?.problems ?? []).toEqual([])
    expect(result.plan?.counts).toMatchObject({ drift: 0, clears: 0 })
    const kept = VALUES.filter(({ stored }) => stored === null || typeof stored !== 'object').length
    const noted = [...(await records()).values()].filter((record) => record.note === 'changed')
    expect([noted.length, result.totals?.succeeded]).toEqual([kept, kept])
    const sent = (await lab.sent()).flatMap(({ properties }) => Object.keys(properties as object))
    expect([...new Set(sent)].sort()).toEqual(['ext_id', 'note'])
  }, 60_000)
})
