import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type {
  CrmRecord,
  Destination,
  Outcome,
  ReadRequest,
  WritePath,
  WriteRequest,
} from '../../runner/destination/destination.ts'
import { asWire, sha256, startTestEmulator, type TestEmulator } from '../support/emulator.ts'
import { NEVER } from '../support/open-for-test.ts'
import { SUBJECTS, type Subject } from './destination-subject.ts'

let emulator: TestEmulator
beforeAll(async () => {
  emulator = await startTestEmulator()
})
afterAll(() => emulator.close())

interface Row {
  changeId: string
  id?: string
  values: Readonly<Record<string, string | null>>
}

function request(subject: Subject, path: WritePath, rows: readonly Row[]): WriteRequest {
  const changes = rows.map((row) => ({ changeId: row.changeId, body: subject.fragment({ path, ...row }) }))
  return { object: subject.object, path, ...(path === 'upsert' ? { matchField: subject.key } : {}), changes }
}

async function readAll(destination: Destination, readRequest: ReadRequest): Promise<CrmRecord[]> {
  const records: CrmRecord[] = []
  for await (const page of destination.read(readRequest, NEVER)) records.push(...page)
  return records
}

const HOSTILE_KEYS = [
  "O'Brien",
  'say "hi"',
  "x' OR Name LIKE '%",
  'back\\slash',
  "\\' OR Id != '",
  'line\nbreak',
  'tab\there',
  '🙂🙃',
  'ünïcödé',
  '%',
  '_____',
  '00123',
  '123',
  '{"a":1}',
  'a,b;c',
  '#N/A',
]

describe.each(SUBJECTS)('$type', (subject) => {
  let destination: Destination
  const { fields, key, shared, object } = subject

  beforeEach(async () => {
    await emulator.control.reset()
    await emulator.control.clearFaults()
    await subject.prepare(emulator)
    destination = await subject.open(emulator)
    await emulator.control.clearJournal()
  })

  const write = async (path: WritePath, rows: readonly Row[]): Promise<readonly Outcome[]> =>
    (await destination.write(request(subject, path, rows), NEVER)).outcomes
  const requests = async (): Promise<number> => (await emulator.control.journal()).length
  const byKey = async (value: string): Promise<Readonly<Record<string, unknown>> | undefined> =>
    (await subject.stored(emulator)).find((row) => row[key] === value)

  test('identify says which org this is', async () => {
    const identity = await destination.identify(NEVER)
    expect(identity.orgId).toMatch(subject.orgId)
    expect(identity.environment).toBe('emulator')
    expect(identity.label).toContain(identity.orgId)
  })

  test('describe names kinds, keys, sizes and what cannot be written', async () => {
    const described = new Map((await destination.describe(object, NEVER)).map((field) => [field.name, field]))
    const kinds = Object.fromEntries(Object.entries(fields).map(([kind, name]) => [kind, described.get(name)?.kind]))
    expect(kinds).toEqual({
      text: 'string',
      number: 'number',
      boolean: 'boolean',
      date: 'date',
      datetime: 'datetime',
      choice: 'enumeration',
    })
    expect(described.get(key)).toMatchObject({ unique: true, matchable: true, createable: true, updateable: true })
    expect(described.get(shared)).toMatchObject({ unique: false, matchable: false })
    expect(described.get(fields.choice)?.allowedValues).toEqual(['power', 'light'])
    expect(described.get(subject.readOnly)).toMatchObject({ createable: false, updateable: false })
    expect(described.get(fields.text)?.length).toBeGreaterThan(0)
  })

  test('an unknown object is refused with the nearest name', async () => {
    const wrong = object.slice(0, -1).concat('x')
    await expect(destination.describe(wrong, NEVER)).rejects.toMatchObject({
      code: 'E-MAP-OBJECT',
      problems: [{ hint: `did you mean "${object}"?` }],
    })
  })

  test('upsert creates, then updates; read by key and by id gives canonical text', async () => {
    const values = {
      [fields.text]: 'Acme',
      [fields.number]: '1234.50',
      [fields.boolean]: 'true',
      [fields.date]: '2024-02-29',
      [fields.datetime]: '2024-03-01T10:20:30.000Z',
      [fields.choice]: 'power',
    }
    const [created] = await write('upsert', [{ changeId: 'c1', id: 'K-1', values }])
    expect(created).toMatchObject({ changeId: 'c1', status: 'succeeded', created: true })
    const [updated] = await write('upsert', [{ changeId: 'c2', id: 'K-1', values: { [fields.choice]: 'light' } }])
    expect(updated).toMatchObject({ status: 'succeeded', created: false })
    if (created?.status !== 'succeeded' || updated?.status !== 'succeeded') throw new TypeError('unreachable')
    expect(updated.recordId).toBe(created.recordId)

    const expected = { ...values, [key]: 'K-1', [fields.number]: '1234.5', [fields.choice]: 'light' }
    const wanted = Object.keys(values)
    const found = await readAll(destination, {
      object,
      by: { field: key, unique: true },
      values: ['K-1', 'K-2'],
      fields: wanted,
    })
    expect(found).toEqual([{ recordId: created.recordId, fields: expected }])
    const again = await readAll(destination, { object, by: 'id', values: [created.recordId], fields: [...wanted, key] })
    expect(again).toEqual(found)
  })

  test('an empty field reads as null, a field the CRM does not have is absent', async () => {
    const [id = ''] = await subject.seed(emulator, [{ [key]: 'K-1' }])
    const [record] = await readAll(destination, {
      object,
      by: 'id',
      values: [id],
      fields: [fields.choice, 'no_such_field__c'],
    })
    expect(record).toEqual({ recordId: id, fields: { [fields.choice]: null } })
  })

  test('a cleared field reads as null, a field that is left out stays', async () => {
    const [id = ''] = await subject.seed(emulator, [
      { [key]: 'K-1', [fields.choice]: 'power', [fields.date]: '2024-01-01' },
    ])
    expect((await write('update', [{ changeId: 'c1', id, values: { [fields.choice]: null } }]))[0]?.status).toBe(
      'succeeded',
    )
    const [record] = await readAll(destination, {
      object,
      by: 'id',
      values: [id],
      fields: [fields.choice, fields.date],
    })
    expect(record?.fields).toEqual({ [fields.choice]: null, [fields.date]: '2024-01-01' })
  })

  test('several records may answer to one value of a field that is not unique', async () => {
    const ids = await subject.seed(emulator, [
      { [key]: 'K-1', [shared]: 'acme.io' },
      { [key]: 'K-2', [shared]: 'acme.io' },
      { [key]: 'K-3', [shared]: 'other.io' },
      { [key]: 'K-4', [shared]: 'acme.io.example' },
    ])
    const found = await readAll(destination, {
      object,
      by: { field: shared, unique: false },
      values: ['ACME.io', 'nobody.io'],
      fields: [key],
    })
    expect(found.map(({ recordId }) => recordId).sort()).toEqual(ids.slice(0, 2).toSorted())
    expect(found.map((record) => record.fields[shared])).toEqual(['acme.io', 'acme.io'])
  })

  test('hostile keys are written and found exactly, each as itself', async () => {
    const rows = HOSTILE_KEYS.map((id, index) => ({
      changeId: `c${index}`,
      id,
      values: { [fields.text]: `row ${index}` },
    }))
    const outcomes = await write('upsert', rows)
    expect(outcomes.map(({ status }) => status)).toEqual(HOSTILE_KEYS.map(() => 'succeeded'))
    for (const [index, value] of HOSTILE_KEYS.entries()) {
      const found = await readAll(destination, {
        object,
        by: { field: key, unique: true },
        values: [value],
        fields: [fields.text],
      })
      expect(
        found.map((record) => record.fields),
        value,
      ).toEqual([{ [key]: value, [fields.text]: `row ${index}` }])
    }
    const all = await readAll(destination, {
      object,
      by: { field: key, unique: true },
      values: HOSTILE_KEYS,
      fields: [],
    })
    expect(all.map((record) => record.fields[key]).toSorted()).toEqual(HOSTILE_KEYS.toSorted())
  })

  test('no key, no record: injected conditions find nothing', async () => {
    await subject.seed(emulator, [{ [key]: 'K-1' }])
    const values = ["' OR Name LIKE '%", "nothing') OR (Id != '", '*', '%']
    for (const unique of [true, false]) {
      const field = unique ? key : shared
      expect(await readAll(destination, { object, by: { field, unique }, values, fields: [] })).toEqual([])
    }
  })

  test('long reads come in pages, every record once', async () => {
    const keys = Array.from({ length: 450 }, (_, index) => `K-${index}`)
    await subject.seed(
      emulator,
      keys.map((value) => ({ [key]: value, [shared]: 'same.io' })),
    )
    const found = await readAll(destination, { object, by: { field: key, unique: true }, values: keys, fields: [] })
    expect(found.map((record) => record.fields[key]).toSorted()).toEqual(keys.toSorted())
    const sharing = await readAll(destination, {
      object,
      by: { field: shared, unique: false },
      values: ['same.io'],
      fields: [key],
    })
    expect(new Set(sharing.map((record) => record.fields[key]))).toEqual(new Set(keys))
    expect(sharing).toHaveLength(450)
  })

  test('create always makes a record', async () => {
    const outcomes = await write('create', [
      { changeId: 'c1', values: { [fields.text]: 'One', [key]: 'K-1' } },
      { changeId: 'c2', values: { [fields.text]: 'Two', [key]: 'K-2' } },
    ])
    expect(outcomes).toMatchObject([
      { changeId: 'c1', status: 'succeeded', created: true },
      { changeId: 'c2', status: 'succeeded', created: true },
    ])
    expect((await byKey('K-2'))?.[fields.text]).toBe('Two')
  })

  test('bad rows are rejected one by one, good rows of the same request are written', async () => {
    const secret = 'Secret-Value-0815'
    const rows: Row[] = Array.from({ length: 20 }, (_, index) => ({
      changeId: `c${index}`,
      id: `K-${index}`,
      values: { [fields.text]: `row ${index}`, [fields.choice]: index % 5 === 3 ? secret : 'power' },
    }))
    const outcomes = await write('upsert', rows)
    expect(outcomes.map(({ changeId }) => changeId)).toEqual(rows.map(({ changeId }) => changeId))
    for (const [index, outcome] of outcomes.entries()) {
      expect(outcome.status, outcome.changeId).toBe(index % 5 === 3 ? 'rejected' : 'succeeded')
      if (outcome.status === 'rejected')
        expect(outcome).toMatchObject({ field: fields.choice, code: expect.stringMatching(/^[A-Z_]+$/) })
      expect((await byKey(`K-${index}`))?.[fields.text]).toBe(index % 5 === 3 ? undefined : `row ${index}`)
    }
    expect(JSON.stringify(outcomes)).not.toContain(secret)
    expect(await requests()).toBe(1)
  })

  test('an update of a record that is gone is rejected, its neighbours are written', async () => {
    const [first = '', second = ''] = await subject.seed(emulator, [{ [key]: 'K-1' }, { [key]: 'K-2' }])
    const gone = first.replace(/.{4}$/, subject.type === 'hubspot' ? '9999' : 'zAAA')
    const outcomes = await write('update', [
      { changeId: 'c1', id: first, values: { [fields.text]: 'A' } },
      { changeId: 'c2', id: gone, values: { [fields.text]: 'B' } },
      { changeId: 'c3', id: second, values: { [fields.text]: 'C' } },
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['succeeded', 'rejected', 'succeeded'])
    expect([(await byKey('K-1'))?.[fields.text], (await byKey('K-2'))?.[fields.text]]).toEqual(['A', 'C'])
  })

  test('two rows with one key in one request: neither takes a good row with it', async () => {
    const outcomes = await write('upsert', [
      { changeId: 'c1', id: 'K-1', values: { [fields.text]: 'A' } },
      { changeId: 'c2', id: 'K-dup', values: { [fields.text]: 'B' } },
      { changeId: 'c3', id: 'K-dup', values: { [fields.text]: 'C' } },
      { changeId: 'c4', id: 'K-4', values: { [fields.text]: 'D' } },
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['succeeded', 'rejected', 'rejected', 'succeeded'])
    expect(await byKey('K-dup')).toBeUndefined()
  })

  test('the journal holds what wire() predicted, byte for byte, and nothing else', async () => {
    const ids = await subject.seed(emulator, [{ [key]: 'K-1' }])
    const batches = [
      request(subject, 'upsert', [{ changeId: 'c1', id: 'ключ "1"\n', values: { [fields.text]: '🙂 \\ é' } }]),
      request(subject, 'update', [{ changeId: 'c2', id: ids[0] ?? '', values: { [fields.text]: 'B' } }]),
      request(subject, 'create', [{ changeId: 'c3', values: { [fields.text]: 'C' } }]),
    ]
    for (const batch of batches) await destination.write(batch, NEVER)
    const predicted = batches.map((batch) => destination.wire(batch))
    expect((await emulator.control.journal()).map(asWire)).toEqual(
      predicted.map(({ method, path, body }) => ({ method, path, bodyHash: sha256(body) })),
    )
    expect(destination.calls).toEqual({ reads: 0, writes: 3 })
  })

  describe('faults', () => {
    const row: Row = { changeId: 'c1', id: 'K-1', values: { [fields.text]: 'A' } }
    const fault = (action: object, more: object = {}): Promise<void> =>
      emulator.control.addFault({ match: { path: subject.writePath, ...more }, action })

    /** A request that reached the CRM's socket may have been applied: seen from here both resets are the same. */
    test.each<[string, object, object, boolean]>([
      ['reset before it is applied', { reset_before: true }, { status: 'unknown' }, false],
      ['reset after it was applied', { drop_after_apply: true }, { status: 'unknown' }, true],
      ['answer cut short', { truncate_bytes: 30 }, { status: 'unknown' }, true],
      ['503', { status: 503 }, { status: 'unknown', code: 'HTTP_503' }, false],
      ['500', { status: 500 }, { status: 'unknown', code: 'HTTP_500' }, false],
      ['200 with a login page', { status: 200, body: '<html>' }, { status: 'unknown', code: 'E-CRM-ANSWER' }, false],
      ['429', { status: 429 }, { status: 'retryable' }, false],
      ['no answer in time', { delay_ms: 2_000 }, { status: 'unknown', code: 'TIMEOUT' }, false],
    ])('%s: one request, no second try', async (_, action, expected, applied) => {
      await fault(action)
      const [outcome] = await write('upsert', [row])
      expect(outcome).toMatchObject({ changeId: 'c1', ...expected })
      expect(await requests()).toBeLessThanOrEqual(1)
      expect(destination.calls.writes).toBe(1)
      expect((await byKey('K-1')) !== undefined).toBe(applied)
    })

    test('the same batch once more after an unknown outcome changes nothing twice', async () => {
      await fault({ drop_after_apply: true }, { nth: 1 })
      await write('upsert', [row])
      expect((await write('upsert', [row]))[0]).toMatchObject({ status: 'succeeded', created: false })
      expect((await subject.stored(emulator)).filter((record) => record[key] === 'K-1')).toHaveLength(1)
    })

    test('a refused token is no failure of a row', async () => {
      await fault({ status: 401 })
      await expect(write('upsert', [row])).rejects.toMatchObject({ code: 'E-CRM-AUTH', exitCode: 2 })
    })

    test('reads pass over a short outage', async () => {
      await subject.seed(emulator, [{ [key]: 'K-1' }])
      await emulator.control.addFault({ match: { crm: subject.type, nth: 1 }, action: { status: 503 } })
      await emulator.control.addFault({ match: { crm: subject.type, nth: 2 }, action: { drop_after_apply: true } })
      const found = await readAll(destination, {
        object,
        by: { field: key, unique: true },
        values: ['K-1'],
        fields: [],
      })
      expect(found).toHaveLength(1)
    })
  })
})
