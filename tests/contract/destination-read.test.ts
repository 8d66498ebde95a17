import { describe, expect, test } from 'vitest'
import { NEVER } from '../support/open-for-test.ts'
import { useDestination } from './destination-harness.ts'
import { SUBJECTS } from './destination-subject.ts'

describe.each(SUBJECTS)('$title', (subject) => {
  const open = useDestination(subject)
  const { fields, key, shared, object } = subject

  test('identify says which org this is', async () => {
    const { destination } = open()
    const identity = await destination.identify(NEVER)
    expect(identity.orgId).toMatch(subject.orgId)
    expect(identity.environment).toBe(subject.environment)
    expect(identity.label).toContain(identity.orgId)
  })

  test('describe names kinds, keys, sizes and what cannot be written', async () => {
    const { destination } = open()
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
    const { destination } = open()
    const wrong = object.slice(0, -1).concat('x')
    await expect(destination.describe(wrong, NEVER)).rejects.toMatchObject({
      code: 'E-MAP-OBJECT',
      problems: [{ hint: `did you mean "${object}"?` }],
    })
  })

  test('an empty field reads as null, a field the CRM does not have is absent', async () => {
    const { read, emulator } = open()
    const [id = ''] = await subject.seed(emulator, [{ [key]: 'K-1' }])
    const [record] = await read({
      by: 'id',
      values: [id],
      fields: [fields.choice, 'no_such_field__c'],
    })
    expect(record).toEqual({ recordId: id, fields: { [fields.choice]: null } })
  })

  test('several records may answer to one value of a field that is not unique', async () => {
    const { read, emulator } = open()
    const ids = await subject.seed(emulator, [
      { [key]: 'K-1', [shared]: 'acme.io' },
      { [key]: 'K-2', [shared]: 'acme.io' },
      { [key]: 'K-3', [shared]: 'other.io' },
      { [key]: 'K-4', [shared]: 'acme.io.example' },
    ])
    const found = await read({
      by: { field: shared, unique: false },
      values: ['ACME.io', 'nobody.io'],
      fields: [key],
    })
    expect(found.map(({ recordId }) => recordId).sort()).toEqual(ids.slice(0, 2).toSorted())
    expect(found.map((record) => record.fields[shared])).toEqual(['acme.io', 'acme.io'])
  })

  test('no key, no record: injected conditions find nothing', async () => {
    const { read, emulator } = open()
    await subject.seed(emulator, [{ [key]: 'K-1' }])
    const values = ["' OR Name LIKE '%", "nothing') OR (Id != '", '*', '%']
    for (const unique of [true, false]) {
      const field = unique ? key : shared
      expect(await read({ by: { field, unique }, values, fields: [] })).toEqual([])
    }
  })

  test('long reads come in pages, every record once', async () => {
    const { read, emulator } = open()
    const keys = Array.from({ length: 450 }, (_, index) => `K-${index}`)
    await subject.seed(
      emulator,
      keys.map((value) => ({ [key]: value, [shared]: 'same.io' })),
    )
    const found = await read({ by: { field: key, unique: true }, values: keys, fields: [] })
    expect(found.map((record) => record.fields[key]).toSorted()).toEqual(keys.toSorted())
    const sharing = await read({
      by: { field: shared, unique: false },
      values: ['same.io'],
      fields: [key],
    })
    expect(new Set(sharing.map((record) => record.fields[key]))).toEqual(new Set(keys))
    expect(sharing).toHaveLength(450)
  })
})
