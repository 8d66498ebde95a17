import { describe, expect, test } from 'vitest'
import { asWire, sha256 } from '../support/emulator.ts'
import { NEVER } from '../support/open-for-test.ts'
import { type Row, useDestination } from './destination-harness.ts'
import { SUBJECTS } from './destination-subject.ts'

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

describe.each(SUBJECTS)('$title', (subject) => {
  const open = useDestination(subject)
  const { fields, key } = subject

  test('upsert creates, then updates; read by key and by id gives canonical text', async () => {
    const { write, read } = open()
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
    const found = await read({
      by: { field: key, unique: true },
      values: ['K-1', 'K-2'],
      fields: wanted,
    })
    expect(found).toEqual([{ recordId: created.recordId, fields: expected }])
    const again = await read({ by: 'id', values: [created.recordId], fields: [...wanted, key] })
    expect(again).toEqual(found)
  })

  test('a cleared field reads as null, a field that is left out stays', async () => {
    const { write, read, emulator } = open()
    const [id = ''] = await subject.seed(emulator, [
      { [key]: 'K-1', [fields.choice]: 'power', [fields.date]: '2024-01-01' },
    ])
    expect((await write('update', [{ changeId: 'c1', id, values: { [fields.choice]: null } }]))[0]?.status).toBe(
      'succeeded',
    )
    const [record] = await read({
      by: 'id',
      values: [id],
      fields: [fields.choice, fields.date],
    })
    expect(record?.fields).toEqual({ [fields.choice]: null, [fields.date]: '2024-01-01' })
  })

  test('hostile keys are written and found exactly, each as itself', async () => {
    const { write, read } = open()
    const rows = HOSTILE_KEYS.map((id, index) => ({
      changeId: `c${index}`,
      id,
      values: { [fields.text]: `row ${index}` },
    }))
    const outcomes = await write('upsert', rows)
    expect(outcomes.map(({ status }) => status)).toEqual(HOSTILE_KEYS.map(() => 'succeeded'))
    for (const [index, value] of HOSTILE_KEYS.entries()) {
      const found = await read({
        by: { field: key, unique: true },
        values: [value],
        fields: [fields.text],
      })
      expect(
        found.map((record) => record.fields),
        value,
      ).toEqual([{ [key]: value, [fields.text]: `row ${index}` }])
    }
    const all = await read({
      by: { field: key, unique: true },
      values: HOSTILE_KEYS,
      fields: [],
    })
    expect(all.map((record) => record.fields[key]).toSorted()).toEqual(HOSTILE_KEYS.toSorted())
  })

  test('create always makes a record', async () => {
    const { write, stored } = open()
    const outcomes = await write('create', [
      { changeId: 'c1', values: { [fields.text]: 'One', [key]: 'K-1' } },
      { changeId: 'c2', values: { [fields.text]: 'Two', [key]: 'K-2' } },
    ])
    expect(outcomes).toMatchObject([
      { changeId: 'c1', status: 'succeeded', created: true },
      { changeId: 'c2', status: 'succeeded', created: true },
    ])
    expect((await stored('K-2'))?.[fields.text]).toBe('Two')
  })

  test('bad rows are rejected one by one, good rows of the same request are written', async () => {
    const { write, requests, stored } = open()
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
      expect((await stored(`K-${index}`))?.[fields.text]).toBe(index % 5 === 3 ? undefined : `row ${index}`)
    }
    expect(JSON.stringify(outcomes)).not.toContain(secret)
    expect(await requests()).toBe(1)
  })

  test('an update of a record that is gone is rejected, its neighbours are written', async () => {
    const { write, stored, emulator } = open()
    const [first = '', second = ''] = await subject.seed(emulator, [{ [key]: 'K-1' }, { [key]: 'K-2' }])
    const gone = first.replace(/.{4}$/, subject.type === 'hubspot' ? '9999' : 'zAAA')
    const outcomes = await write('update', [
      { changeId: 'c1', id: first, values: { [fields.text]: 'A' } },
      { changeId: 'c2', id: gone, values: { [fields.text]: 'B' } },
      { changeId: 'c3', id: second, values: { [fields.text]: 'C' } },
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['succeeded', 'rejected', 'succeeded'])
    expect([(await stored('K-1'))?.[fields.text], (await stored('K-2'))?.[fields.text]]).toEqual(['A', 'C'])
  })

  test('two rows with one key in one request: neither takes a good row with it', async () => {
    const { write, stored } = open()
    const outcomes = await write('upsert', [
      { changeId: 'c1', id: 'K-1', values: { [fields.text]: 'A' } },
      { changeId: 'c2', id: 'K-dup', values: { [fields.text]: 'B' } },
      { changeId: 'c3', id: 'K-dup', values: { [fields.text]: 'C' } },
      { changeId: 'c4', id: 'K-4', values: { [fields.text]: 'D' } },
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['succeeded', 'rejected', 'rejected', 'succeeded'])
    expect(await stored('K-dup')).toBeUndefined()
  })

  test('the journal holds what wire() predicted, byte for byte, and nothing else', async () => {
    const { destination, emulator, request } = open()
    const ids = await subject.seed(emulator, [{ [key]: 'K-1' }])
    const batches = [
      request('upsert', [{ changeId: 'c1', id: 'ключ "1"\n', values: { [fields.text]: '🙂 \\ é' } }]),
      request('update', [{ changeId: 'c2', id: ids[0] ?? '', values: { [fields.text]: 'B' } }]),
      request('create', [{ changeId: 'c3', values: { [fields.text]: 'C' } }]),
    ]
    for (const batch of batches) await destination.write(batch, NEVER)
    const predicted = batches.map((batch) => destination.wire(batch))
    expect((await emulator.control.journal()).map(asWire)).toEqual(
      predicted.map(({ method, path, body }) => ({ method, path, bodyHash: sha256(body) })),
    )
    expect(destination.calls).toEqual({ reads: 0, writes: 3 })
  })
})
