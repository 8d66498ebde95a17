/** The pipeline against an independent reference: many worlds as rows of a few runs, with edits, faults and lost answers in between. */
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { warehousesUnderTest } from '../support/warehouses.ts'
import {
  type CrmRecord,
  type Fault,
  type FieldRule,
  fold,
  isBlank,
  type Kind,
  type Mapping,
  Reference,
  type Row,
  type Sent,
} from './decisions-reference.ts'
import {
  changeWorld,
  columns,
  editOf,
  newWorld,
  pick,
  type Random,
  seededRandom,
  sortedByMatch,
} from './decisions-worlds.ts'
import { openGuards, openLab, quoted, type SyncLab } from './sync-lab.ts'

interface Case {
  crm: 'salesforce' | 'hubspot'
  mode: 'upsert' | 'update' | 'create'
  isLookup: boolean
  firstSync: Mapping['firstSync']
  hasTwoKeys: boolean
  steps: number
  seed: number
}

const names = {
  salesforce: {
    t: 'Plan__c',
    s: 'Churn__c',
    i: 'Seats__c',
    d: 'Ltv__c',
    b: 'Open__c',
    j: 'Joined__c',
    x: 'Seen__c',
    r: 'Twin__c',
  },
  hubspot: { t: 'plan', s: 'churn', i: 'seats', d: 'ltv', b: 'is_open', j: 'joined', x: 'seen_at', r: 'twin' },
} as const
const worldsPerCase = 40
const casesOn = { duckdb: 8, postgres: 3 } as const
const minute = 60_000

describe.each(warehousesUnderTest().map(({ name }) => name))('decisions on %s', (name) => {
  let lab: SyncLab | undefined
  afterEach(() => lab?.close())

  test('are those of the protocol, whatever happens', { timeout: 900_000 }, async () => {
    const cases: fc.Arbitrary<Case> = fc.record({
      crm: fc.constantFrom('salesforce', 'hubspot'),
      mode: fc.constantFrom('upsert', 'upsert', 'update', 'create'),
      isLookup: fc.boolean(),
      firstSync: fc.constantFrom('hold', 'fill_blank', 'overwrite'),
      hasTwoKeys: fc.boolean(),
      steps: fc.integer({ min: 2, max: 4 }),
      seed: fc.integer(),
    })
    const seed = Number(process.env.BACKFEED_ORACLE_SEED ?? 20_260_102)
    const numRuns = Number(process.env.BACKFEED_ORACLE_RUNS ?? casesOn[name])
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        await lab?.close()
        lab = await openLab(name)
        await play(lab, one)
      }),
      // A slow machine plays fewer cases rather than holding everybody up; one that has begun is played to its end.
      { seed, numRuns, endOnFailure: true, interruptAfterTimeLimit: 80_000 },
    )
  })
})

async function play(lab: SyncLab, one: Case): Promise<void> {
  const random = seededRandom(one.seed)
  const game = await openGame(lab, one, random)
  const worlds = Array.from({ length: worldsPerCase }, (_, index) => newWorld(random, index, game.domain))
  await game.seed(worlds.filter(() => random() < 0.5).map((world) => world.match))
  const noKey: Row[] = random() < 0.5 ? [{ id: random() < 0.5 ? null : '  ', id2: 'p', m: `nokey${game.domain}` }] : []
  for (let step = 0; step < one.steps; step += 1) {
    const rows = [...worlds.flatMap((world) => world.rows), ...noKey]
    await game.run(rows, pick<Fault>(random, ['none', 'none', 'none', 'lost', 'refused']))
    for (const world of worlds) changeWorld(random, world, worlds)
    await game.edit()
    if (random() < 0.6) lab.advance(10 * minute)
  }
  lab.advance(10 * minute)
  const rows = [...worlds.flatMap((world) => world.rows), ...noKey]
  const { claimed } = await game.run(rows, 'none')
  const again = await game.run(rows, 'none')
  expect(again.sent.filter((row) => !claimed.includes(row.match))).toEqual([])
  expect(await lab.query('select * from backfeed_audit.reconciliation')).toEqual([])
}

interface Game {
  domain: string
  seed(matches: readonly string[]): Promise<void>
  /** Runs both, compares, and returns what was sent and what another key stood in the way of. */
  run(rows: readonly Row[], fault: Fault): Promise<{ sent: Sent[]; claimed: string[] }>
  edit(): Promise<void>
}

async function openGame(lab: SyncLab, one: Case, random: Random): Promise<Game> {
  const { crm } = one
  const mode = one.isLookup && crm === 'salesforce' ? 'update' : one.mode
  const isLookup = mode === 'update' && one.isLookup && crm === 'salesforce'
  const object = crm === 'salesforce' ? 'Account' : 'contacts'
  const matchField = crm === 'hubspot' ? 'email' : isLookup ? 'Loose__c' : 'Key__c'
  const domain = crm === 'hubspot' ? '@x.io' : ''
  const fields = columns.map((column) => fieldRule(random, { crm, mode }, column))
  const mapping: Mapping = { crm, mode, firstSync: one.firstSync, fields }
  const reference = new Reference(mapping)
  await putSchema(lab, crm)
  await lab.exec(
    'create table backfeed.rows_given (id varchar(400), id2 varchar(40), m varchar(200), flag boolean, t varchar(200), s varchar(200), i bigint, d decimal(18,2), b boolean, j date, x timestamp, r varchar(40))',
  )
  lab.syncs(
    syncYaml({
      one,
      mode,
      fields,
      object,
      matchField,
      strategy: isLookup ? 'lookup' : crm === 'hubspot' ? 'unique_property' : 'external_id',
    }),
  )

  const records = async (): Promise<CrmRecord[]> => {
    const raw = await lab.emulator.control.records(crm, object)
    return raw.flatMap((record) => crmRecord(record, { crm, matchField, fields }))
  }
  const write = (record: Record<string, unknown>) => lab.emulator.control.putRecords(crm, object, [record])
  const idField = crm === 'salesforce' ? 'Id' : 'id'
  return {
    domain,
    async seed(matches) {
      for (const match of matches) {
        const copies = isLookup && random() < 0.15 ? 2 : 1
        for (let copy = 0; copy < copies; copy += 1) {
          const edits = [editOf(random, fields), editOf(random, fields), editOf(random, fields)]
          const base = crm === 'salesforce' ? { Name: 'by hand' } : {}
          await write({ ...base, [matchField]: match, ...forControl(Object.assign({}, ...edits), { crm, fields }) })
        }
      }
    },
    async edit() {
      for (const record of await records()) {
        if (random() > 0.2) continue
        const gone = crm === 'salesforce' && random() < 0.1 ? { [matchField]: null } : {}
        await write({ [idField]: record.id, ...forControl(editOf(random, fields), { crm, fields }), ...gone })
      }
    },
    async run(rows, fault) {
      await fill(lab, rows)
      if (fault !== 'none') await addFault(lab, crm, fault)
      const before = await records()
      await lab.writes()
      const given = one.hasTwoKeys ? rows : rows.map(({ id2: _, ...row }) => row)
      const nowMs = lab.nowMs()
      const result = await lab.execute('run', 'decisions')
      await lab.emulator.control.clearFaults()
      const expected = reference.run({ rows: given, records: before, fault, nowMs })
      const after = await records()
      const sent = (await lab.sent()).map((element) => sentRow(element, { crm, mode, matchField, fields, before }))
      const { send, create, update, clears, noop, held, skipped, quarantined, removed } =
        result.plan?.counts ?? ({} as never)
      const what = {
        error: result.error?.message,
        counts: { send, create, update, clears, noop, held, skipped, quarantined, removed },
      }
      expect(what).toEqual({ error: undefined, counts: expected.counts })
      expect(bySent(sent)).toEqual(
        bySent(expected.sent.map((row) => ({ ...row, values: canonicalValues(row.values, { crm, fields }) }))),
      )
      expect(comparable(after)).toEqual(
        comparable(
          expected.records.map((record) => ({ ...record, values: storedValues(record.values, { crm, fields }) })),
        ),
      )
      const totals = result.totals
      expect(result.planned).toBe(
        (totals?.succeeded ?? 0) +
          (totals?.rejected ?? 0) +
          (totals?.retryable ?? 0) +
          (totals?.unknown ?? 0) +
          result.held,
      )
      reference.learnIds(after)
      return { sent, claimed: expected.claimed }
    },
  }
}

function fieldRule(
  random: Random,
  { crm, mode }: Pick<Mapping, 'crm' | 'mode'>,
  { name, kind }: (typeof columns)[number],
): FieldRule {
  // Salesforce refuses to blank a checkbox.
  const canClear = !(crm === 'salesforce' && kind === 'bool')
  return {
    to: names[crm][name as keyof (typeof names)['hubspot']],
    column: name,
    kind,
    onNull: pick(
      random,
      canClear ? ['ignore', 'ignore', 'clear', 'clear', 'reject'] : ['ignore', 'ignore', 'ignore', 'reject'],
    ),
    // What could have no effect is refused: nothing is made in mode update.
    write: pick(random, ['always', 'always', 'always', 'if_empty', mode === 'update' ? 'always' : 'on_create']),
    clearWhen: canClear && name !== 's' && random() < 0.3,
    sentinel: name === 's',
    ...(kind === 'text' && crm === 'salesforce' ? { maxLength: 40 } : {}),
    stored: crm === 'salesforce' ? inSalesforce[kind] : asIs,
  }
}

const asIs = (value: string): string => value

/** Trimmed, and cut to seconds. */
const inSalesforce: Record<Kind, (value: string) => string> = {
  text: (value) => value.replace(/^[ \t\r\n\f\v]+|[ \t\r\n\f\v]+$/g, ''),
  timestamp: (value) => `${value.slice(0, 19)}.000Z`,
  number: asIs,
  bool: asIs,
  date: asIs,
}

interface SyncText {
  one: Case
  mode: string
  fields: readonly FieldRule[]
  object: string
  matchField: string
  strategy: string
}

function syncYaml({ one, mode, fields, object, matchField, strategy }: SyncText): string {
  const mapped = fields.map(
    (field) =>
      `      - {to: ${field.to}, from: ${field.column}, on_null: ${field.onNull}, write: ${field.write}${field.clearWhen ? ', clear_when: flag' : ''}${field.sentinel ? ', sentinel: "__CLEAR__"' : ''}}`,
  )
  const required =
    one.crm === 'salesforce' && mode !== 'update' ? ['      - {to: Name, value: made, write: on_create}'] : []
  return `  - name: decisions
    model: source('app', 'rows_given')
    primary_key: ${one.hasTwoKeys ? '[id, id2]' : 'id'}
    destination: {connection: ${one.crm}, object: ${object}}
    mode: ${mode}
    match: {field: ${matchField}, from: m, strategy: ${strategy}}
    first_sync: ${one.firstSync}
    fields:
${[...required, ...mapped].join('\n')}
    ${openGuards}
`
}

async function putSchema(lab: SyncLab, crm: Mapping['crm']): Promise<void> {
  const { control } = lab.emulator
  const own = names[crm]
  if (crm === 'salesforce') {
    await control.putSchema('salesforce', 'Account', {
      fields: [
        { name: 'Key__c', type: 'string', length: 60, externalId: true, unique: true },
        { name: 'Loose__c', type: 'string', length: 60 },
        { name: own.t, type: 'string', length: 40 },
        { name: own.s, type: 'string', length: 40 },
        { name: own.i, type: 'double', precision: 18, scale: 0 },
        { name: own.d, type: 'currency', precision: 18, scale: 2 },
        { name: own.b, type: 'boolean' },
        { name: own.j, type: 'date' },
        { name: own.x, type: 'datetime' },
        { name: own.r, type: 'reference', referenceTo: ['Account'] },
      ],
    })
    return
  }
  const options = ['true', 'false'].map((value) => ({ value, label: value }))
  await control.putSchema('hubspot', 'contacts', {
    properties: [
      { name: own.t, type: 'string', fieldType: 'text' },
      { name: own.s, type: 'string', fieldType: 'text' },
      { name: own.i, type: 'number', fieldType: 'number' },
      { name: own.d, type: 'number', fieldType: 'number' },
      { name: own.b, type: 'bool', fieldType: 'booleancheckbox', options },
      { name: own.j, type: 'date', fieldType: 'date' },
      { name: own.x, type: 'datetime', fieldType: 'date' },
      { name: own.r, type: 'string', fieldType: 'text' },
    ],
  })
}

async function addFault(lab: SyncLab, crm: Mapping['crm'], fault: Fault): Promise<void> {
  const path = crm === 'salesforce' ? '/composite.sobjects/' : '/batch.(upsert|update|create)/'
  const action = fault === 'lost' ? { drop_after_apply: true } : { status: 502 }
  await lab.emulator.control.addFault({ match: { crm, path }, action })
}

const casts: Readonly<Record<string, string>> = {
  flag: 'boolean',
  i: 'bigint',
  d: 'decimal(18,2)',
  b: 'boolean',
  j: 'date',
  x: 'timestamp',
}

async function fill(lab: SyncLab, rows: readonly Row[]): Promise<void> {
  const order = ['id', 'id2', 'm', 'flag', ...columns.map(({ name }) => name)]
  const cell = (name: string, value: string | null | undefined) =>
    casts[name] ? `cast(${quoted(value?.replace(/Z$/, ''))} as ${casts[name]})` : quoted(value)
  const tuples = rows.map((row) => `(${order.map((name) => cell(name, row[name])).join(', ')})`)
  const insert = tuples.length > 0 ? [`insert into backfeed.rows_given values ${tuples.join(', ')}`] : []
  await lab.exec('delete from backfeed.rows_given', ...insert)
}

interface Shape {
  crm: Mapping['crm']
  fields: readonly FieldRule[]
}

/** One spelling per meaning, so that a stored, a sent and a wanted value can be compared. */
function canonical(field: FieldRule, value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  if (field.kind === 'number') return String(Number(value))
  if (field.kind === 'timestamp') return new Date(String(value).replace(/([+-]\d{2})(\d{2})$/, '$1:$2')).toISOString()
  return field.kind === 'text' ? String(value).replace(/^[ \t]+|[ \t]+$/g, '') : String(value)
}

function canonicalValues(values: Record<string, unknown>, { fields }: Shape): Record<string, string | null> {
  const byName = new Map(fields.map((field) => [field.to, field]))
  return Object.fromEntries(
    Object.entries(values).flatMap(([to, value]) => {
      const field = byName.get(to)
      return field ? [[to, canonical(field, value)] as const] : []
    }),
  )
}

/** As the CRM keeps it: Salesforce cuts to seconds and has no empty checkbox. */
function storedValues(values: Record<string, string | null>, shape: Shape): Record<string, string | null> {
  const all = Object.fromEntries(shape.fields.map((field) => [field.to, values[field.to] ?? null]))
  const stored = canonicalValues(all, shape)
  if (shape.crm === 'hubspot') return stored
  for (const field of shape.fields) {
    const value = stored[field.to]
    if (field.kind === 'timestamp' && value) stored[field.to] = `${value.slice(0, 19)}.000Z`
    if (field.kind === 'bool') stored[field.to] = value ?? 'false'
  }
  return stored
}

function crmRecord(
  record: Record<string, unknown>,
  { crm, matchField, fields }: Shape & { matchField: string },
): CrmRecord[] {
  const cells = crm === 'salesforce' ? record : (record.properties as Record<string, unknown>)
  const match = cells[matchField]
  const id = String(crm === 'salesforce' ? record.Id : record.id)
  if (typeof match !== 'string' || isBlank(match)) return []
  return [{ id, match, values: storedValues(canonicalValues(cells, { crm, fields }), { crm, fields }) }]
}

function sentRow(
  element: Record<string, unknown>,
  shape: Shape & { mode: string; matchField: string; before: readonly CrmRecord[] },
): Sent {
  const { crm, mode, matchField, fields, before } = shape
  const cells = crm === 'salesforce' ? element : (element.properties as Record<string, unknown>)
  const byId = mode === 'update' ? before.find((record) => record.id === element.id)?.match : undefined
  const allowed = new Set(['attributes', 'id', 'Name', matchField, ...fields.map((field) => field.to)])
  expect(Object.keys(cells).filter((name) => !allowed.has(name))).toEqual([])
  return { match: fold(byId ?? String(cells[matchField])), values: canonicalValues(cells, { crm, fields }) }
}

function bySent(sent: readonly Sent[]): Sent[] {
  return [...sent].sort((a, b) => (a.match < b.match ? -1 : 1))
}

/** Ids of new records are the CRM's business. */
function comparable(records: readonly CrmRecord[]): Omit<CrmRecord, 'id'>[] {
  const plain = sortedByMatch(records.map((record) => ({ ...record, match: fold(record.match) })))
  return plain
    .map(({ match, values }) => ({ match, values }))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function forControl(values: Record<string, string | null>, { crm, fields }: Shape): Record<string, unknown> {
  const byName = new Map(fields.map((field) => [field.to, field]))
  return Object.fromEntries(
    Object.entries(values).map(([to, value]) => {
      const kind = byName.get(to)?.kind
      if (crm === 'hubspot') return [to, value ?? '']
      if (kind === 'bool') return [to, value === 'true']
      return [to, kind === 'number' && value !== null ? Number(value) : value]
    }),
  )
}
