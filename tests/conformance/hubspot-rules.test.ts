/** What a portal's people have set up, checked on every row in SQL: owners, pipelines, rules of administrators, domains. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

const KEY = { name: 'ext_id', type: 'string', hasUniqueValue: true }
const COLUMNS = ['id', 'pipeline', 'stage', 'owner', 'domain', 'mail', 'note', 'code', 'seats'] as const
type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>

const SYNCS = `  - name: deals
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: deals}
    mode: upsert
    match: {field: ext_id, from: id, strategy: unique_property}
    fields:
      - {to: dealname, value: made, write: on_create}
      - {to: pipeline, from: pipeline}
      - {to: dealstage, from: stage}
      - {to: hubspot_owner_id, from: owner}
    ${openGuards}
  - name: companies
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: companies}
    mode: upsert
    match: {field: ext_id, from: id, strategy: unique_property}
    fields: [{to: domain, from: domain}]
    ${openGuards}
  - name: people
    model: source('app', 'rows_given')
    primary_key: id
    destination: {connection: hubspot, object: contacts}
    mode: upsert
    match: {field: ext_id, from: id, strategy: unique_property}
    fields:
      - {to: firstname, from: owner, write: on_create}
      - {to: email, from: mail}
      - {to: note, from: note}
      - {to: code, from: code}
      - {to: seats, from: seats}
    ${openGuards}
`

describe.each(warehousesUnderTest().map(({ name }) => name))('rules of the portal on %s', (name) => {
  let lab: SyncLab
  beforeAll(async () => {
    lab = await openLab(name)
    const { control } = lab.emulator
    await control.putSchema('hubspot', 'deals', { properties: [KEY] })
    await control.putSchema('hubspot', 'companies', { properties: [KEY] })
    const more = [
      { name: 'note', type: 'string' },
      { name: 'code', type: 'string' },
      { name: 'seats', type: 'number' },
    ]
    await control.putSchema('hubspot', 'contacts', { properties: [KEY, ...more] })
    await control.putPolicies('hubspot', {
      owners: [{ id: '77', email: 'ann@example.com' }],
      pipelines: {
        deals: [
          { id: 'p1', label: 'Sales', stages: [{ id: 's1', label: 'First' }] },
          { id: 'p2', label: 'Renewals', stages: [{ id: 's2', label: 'Second' }] },
        ],
      },
      objects: {
        contacts: {
          validations: [
            { property: 'note', rule: 'MIN_LENGTH', arguments: ['3'] },
            { property: 'note', rule: 'MAX_LENGTH', arguments: ['8'] },
            { property: 'code', rule: 'REGEX', arguments: ['^[A-Z]{2}-[0-9]+$'] },
            { property: 'seats', rule: 'MIN_NUMBER', arguments: ['-1.5'] },
            { property: 'seats', rule: 'MAX_NUMBER', arguments: ['99'] },
            { property: 'seats', rule: 'DECIMAL', arguments: ['1'] },
            { property: 'email', rule: 'EMAIL_ALLOWED_DOMAINS', arguments: ['example.com', 'example.org'] },
            { property: 'email', rule: 'EMAIL_BLOCKED_DOMAINS', arguments: ['spam.example'] },
          ],
        },
      },
    })
    const columns = COLUMNS.map((column) => `${column} ${column === 'seats' ? 'decimal(10, 3)' : 'varchar(80)'}`)
    await lab.exec(`create table backfeed.rows_given (${columns.join(', ')})`)
    lab.syncs(SYNCS)
  })
  afterAll(() => lab.close())

  /** Rule that keeps each row back, or `sent`. Nothing that is sent may be refused. */
  const verdicts = async (sync: string, rows: readonly Row[]): Promise<string[]> => {
    const tuples = rows.map((row, index) => {
      const cells = COLUMNS.map((column) => (column === 'id' ? quoted(`k${index}`) : quoted(row[column])))
      return `(${cells.join(', ')})`
    })
    await lab.exec('delete from backfeed.rows_given', `insert into backfeed.rows_given values ${tuples.join(', ')}`)
    const result = await lab.execute('run', sync)
    expect(result.error?.problems ?? []).toEqual([])
    expect(result.totals).toMatchObject({ rejected: 0, unknown: 0, retryable: 0 })
    const waiting = await lab.query(
      `select row_key, min(rule) from backfeed_audit.quarantine where sync_name = '${sync}' group by row_key`,
    )
    const byKey = new Map(waiting.map(([key, rule]) => [key, rule ?? '']))
    const found = rows.map((_, index) => byKey.get(`k${index}`) ?? 'sent')
    expect(result.totals?.succeeded).toBe(found.filter((verdict) => verdict === 'sent').length)
    return found
  }

  test('D45: owners by id, stages of their pipeline', async () => {
    const found = await verdicts('deals', [
      { pipeline: 'p1', stage: 's1', owner: '77' },
      { pipeline: 'p2', stage: 's2' },
      { pipeline: 'p2', stage: 's1' },
      { pipeline: 'Sales', stage: 's1' },
      { pipeline: 'p1', stage: 'First' },
      { pipeline: 'p1', stage: 's1', owner: 'ann@example.com' },
      { pipeline: 'p1', stage: 's1', owner: '1000077' },
      { pipeline: 'p1' },
    ])
    expect(found).toEqual([
      'sent',
      'sent',
      'dealstage_not_in_pipeline',
      'pipeline_not_allowed',
      'dealstage_not_allowed',
      'hubspot_owner_id_not_allowed',
      'hubspot_owner_id_not_allowed',
      'required_on_create',
    ])
  })

  test('domains are bare and in small letters', async () => {
    const given = ['Example.COM', 'https://example.com', 'example.com/a', 'localhost', ' shop.example.co.uk ']
    const found = await verdicts(
      'companies',
      given.map((domain) => ({ domain })),
    )
    const bad = 'domain_invalid_domain'
    expect(found).toEqual(['sent', bad, bad, bad, 'sent'])
    const stored = await lab.emulator.control.records('hubspot', 'companies')
    const domains = stored.map(({ properties }) => (properties as Record<string, string>).domain)
    expect(domains.sort()).toEqual(['example.com', 'shop.example.co.uk'])
    await lab.writes()
    await lab.execute('run', 'companies')
    expect(await lab.writes()).toEqual([])
  })

  test('rules of administrators, and one of three names of a contact', async () => {
    const found = await verdicts('people', [
      { mail: 'a@example.com', note: 'three', code: 'AB-12', seats: '-1.5' },
      { mail: 'b@EXAMPLE.org', note: '12345678', seats: '99' },
      { mail: 'c@other.com' },
      { mail: 'd@spam.example' },
      { mail: 'e@example.com', note: 'ab' },
      { mail: 'f@example.com', note: '123456789' },
      { mail: 'g@example.com', code: 'ab-12' },
      { mail: 'h@example.com', code: 'AB-12 ' },
      { mail: 'i@example.com', seats: '-1.6' },
      { mail: 'j@example.com', seats: '99.1' },
      { mail: 'k@example.com', seats: '1.25' },
      { note: 'no name at all' },
      { note: 'noname' },
      { owner: 'a name', note: 'named' },
    ])
    expect(found).toEqual([
      'sent',
      'sent',
      'email_other_domain',
      'email_blocked_domain',
      'note_too_short',
      'note_too_long',
      'code_not_matching',
      'code_not_matching',
      'seats_below_minimum',
      'seats_above_maximum',
      'seats_too_precise',
      'note_too_long',
      'required_on_create',
      'sent',
    ])
  })
})
