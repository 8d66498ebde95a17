import { describe, expect, test } from 'vitest'
import { type Json, traced, useAccount, VERSIONS } from './hubspot-account.ts'

interface Shown {
  category: string
  typeId: number
  label?: string
}

describe.each(VERSIONS)('%s', (version) => {
  const account = useAccount(version)
  const pair = (from: string, to: string, typeId?: number, category = 'HUBSPOT_DEFINED') => ({
    from: { id: from },
    to: { id: to },
    ...(typeId === undefined ? {} : { types: [{ associationCategory: category, associationTypeId: typeId }] }),
  })
  const post = (path: string, inputs: object[]) => account.associations(path, { inputs })
  const seeded = async () => {
    const [person = ''] = await account.seed('contacts', [{ email: 'a@x.example' }])
    const companies = await account.seed('companies', [{ name: 'A' }, { name: 'B' }])
    return { person, a: companies[0] ?? '', b: companies[1] ?? '' }
  }
  /** Companies of the contact with their type ids. */
  const companiesOf = async (person: string): Promise<Record<string, number[]>> => {
    const { body } = await post('contacts/companies/batch/read', [{ id: person }])
    const to: { toObjectId: string; associationTypes: Shown[] }[] = body.results[0]?.to ?? []
    return Object.fromEntries(to.map((one) => [one.toObjectId, one.associationTypes.map((type) => type.typeId).sort()]))
  }

  test('case 71: 2,000 inputs are taken, 2,001 are not; reads take 1,000', async () => {
    const { person, a } = await seeded()
    const inputs = Array<object>(2_000).fill(pair(person, a, 279))
    expect((await post('contacts/companies/batch/create', [...inputs, pair(person, a, 279)])).status).toBe(400)
    expect(await companiesOf(person)).toEqual({})
    expect((await post('contacts/companies/batch/create', inputs)).status).toBe(version === 'v3' ? 201 : 200)
    const ids = Array<object>(1_000).fill({ id: person })
    expect((await post('contacts/companies/batch/read', ids)).status).toBe(200)
    expect((await post('contacts/companies/batch/read', [...ids, { id: person }])).status).toBe(400)
    const froms = Array<object>(101).fill({ from: { id: person }, to: [{ id: a }] })
    expect((await post('contacts/companies/batch/archive', froms)).status).toBe(400)
  })

  test('case 72: the default association twice is one association, seen from both sides', async () => {
    const { person, a } = await seeded()
    const associate = () => post('contacts/companies/batch/associate/default', [pair(person, a)])
    const first = await associate()
    expect([first.status, first.body.status]).toEqual([200, 'COMPLETE'])
    expect(first.body.results).toEqual([
      {
        from: { id: person },
        to: { id: a },
        associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 },
      },
      {
        from: { id: a },
        to: { id: person },
        associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 280 },
      },
    ])
    expect((await associate()).status).toBe(200)
    expect(Object.keys(await companiesOf(person))).toEqual([a])
    const { body } = await post('companies/contacts/batch/read', [{ id: a }])
    expect(body.results[0].to.map((one: Json) => one.toObjectId)).toEqual([person])
  })

  test('case 73: 279 leaves the primary alone, 1 moves it; the first company becomes it by itself', async () => {
    const { person, a, b } = await seeded()
    const [c = ''] = await account.seed('companies', [{ name: 'C' }])
    await post('contacts/companies/batch/create', [pair(person, a, 279)])
    expect(await companiesOf(person)).toEqual({ [a]: [1, 279] })
    await post('contacts/companies/batch/create', [pair(person, b, 279)])
    expect(await companiesOf(person)).toEqual({ [a]: [1, 279], [b]: [279] })
    await post('contacts/companies/batch/create', [pair(person, c, 1)])
    expect(await companiesOf(person)).toEqual({ [a]: [279], [b]: [279], [c]: [1, 279] })
  })

  test('case 74: a record that is not there fails alone', async () => {
    const { person, a, b } = await seeded()
    const inputs = [pair(person, a, 279), pair(person, '999', 279), pair(person, b, 279)]
    const { status, body } = await post('contacts/companies/batch/create', inputs)
    expect([status, body.results.length, body.numErrors]).toEqual([207, 2, 1])
    expect(body.errors[0].context).toMatchObject({ objectId: ['999'], objectType: ['COMPANY'] })
    expect(Object.keys(await companiesOf(person)).sort()).toEqual([a, b].sort())
    const byDefault = await post('contacts/companies/batch/associate/default', [pair(person, '999')])
    expect([byDefault.status, byDefault.body.results, byDefault.body.numErrors]).toEqual([200, [], 1])
  })

  test('case 75: a type of the other direction is refused, and so is one of another pair', async () => {
    const { person, a } = await seeded()
    const wrong = await post('contacts/companies/batch/create', [pair(person, a, 280)])
    expect([wrong.status, wrong.body.message]).toEqual([400, expect.stringContaining('invalid from object type')])
    expect((await post('contacts/companies/batch/create', [pair(person, a, 4)])).status).toBe(400)
    expect((await post('contacts/companies/batch/create', [pair(person, a, 99_999)])).status).toBe(400)
    expect(await companiesOf(person)).toEqual({})
  })

  test('labels: made, used with the unlabelled type, taken away one by one', async () => {
    const { person, a } = await seeded()
    const made = await account.associations('contacts/companies/labels', {
      label: 'Buyer',
      name: 'buyer',
      inverseLabel: 'Buys for',
    })
    const [type, inverse]: Shown[] = made.body.results
    expect([type?.category, type?.label, inverse?.label]).toEqual(['USER_DEFINED', 'Buyer', 'Buys for'])
    const typeId = type?.typeId ?? 0
    const created = await post('contacts/companies/batch/create', [pair(person, a, typeId, 'USER_DEFINED')])
    expect(created.body.results).toMatchObject([{ fromObjectId: person, toObjectId: a, labels: ['Buyer'] }])
    expect((await companiesOf(person))[a]).toEqual([1, 279, typeId].sort())
    const listed = await account.associations('contacts/companies/labels')
    expect(listed.body.results.map((one: Shown) => one.typeId).sort()).toEqual([1, 279, typeId].sort())
    const gone = await post('contacts/companies/batch/labels/archive', [pair(person, a, typeId, 'USER_DEFINED')])
    expect(gone.status).toBe(version === 'v3' ? 204 : 200)
    expect((await companiesOf(person))[a]).toEqual([1, 279])
  })

  test('archive: what is gone is answered as nothing found', async () => {
    const { person, a, b } = await seeded()
    await post('contacts/companies/batch/create', [pair(person, a, 279), pair(person, b, 279)])
    const archived = await post('contacts/companies/batch/archive', [
      { from: { id: person }, to: [{ id: a }, { id: '999' }] },
    ])
    expect(archived.status).toBe(version === 'v3' ? 204 : 200)
    expect(Object.keys(await companiesOf(person))).toEqual([b])
    await account.objects('companies/batch/archive', { inputs: [{ id: b }] })
    const { status, body } = await post('contacts/companies/batch/read', [{ id: person }])
    expect([status, body.results]).toEqual([207, []])
    expect(body.errors[0]).toMatchObject({
      category: 'OBJECT_NOT_FOUND',
      subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
      context: { fromObjectId: [person] },
    })
  })

  test('one record at a time, with pages', async () => {
    const { person, a, b } = await seeded()
    const root = version === 'v3' ? '/crm/v4/objects' : account.path('objects')
    const one = (method: string, rest: string, body?: unknown) =>
      account.call(method, `${root}/contacts/${person}/associations/${rest}`, { body })
    expect((await one('PUT', `default/companies/${a}`)).status).toBe(200)
    const specs = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }]
    const made = await one('PUT', `companies/${b}`, specs)
    expect([made.status, made.body]).toMatchObject([
      201,
      { fromObjectTypeId: '0-1', toObjectTypeId: '0-2', toObjectId: b },
    ])
    expect((await one('PUT', 'companies/999', specs)).status).toBe(400)
    const first = (await one('GET', 'companies?limit=1')).body
    const second = (await one('GET', `companies?limit=1&after=${first.paging.next.after}`)).body
    expect([...first.results, ...second.results].map((found) => found.toObjectId)).toEqual([a, b])
    expect(second.paging).toBeUndefined()
    expect((await one('DELETE', `companies/${a}`)).status).toBe(204)
    expect((await one('GET', 'companies')).body.results).toHaveLength(1)
  })

  test('a custom object has an unlabelled type with every other, and merged records keep their associations', async () => {
    await account.control.putSchema('hubspot', 'plans', { properties: [{ name: 'code', hasUniqueValue: true }] })
    const [plan = ''] = await account.seed('plans', [{ code: 'P' }])
    const { person, a, b } = await seeded()
    await post('plans/contacts/batch/associate/default', [pair(plan, person)])
    const labels = (await account.associations('plans/contacts/labels')).body.results
    expect(labels).toMatchObject([{ category: 'USER_DEFINED', typeId: expect.any(Number) }])
    await post('contacts/companies/batch/create', [pair(person, a, 279)])
    const merged = await account.control.act('hubspot', 'merge', { object: 'companies', primary: b, merged: a })
    expect(Object.keys(await companiesOf(person))).toEqual([(merged as { id: string }).id])
  })

  test('a record made with associations has them, is read with them, and is not made where one cannot be', async () => {
    const { a, b } = await seeded()
    const to = (id: string, typeId = 279) => [
      { to: { id }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: typeId }] },
    ]
    const row = (email: string, associations: object[]) => ({ properties: { email }, associations })
    const made = await account.objects('contacts', row('n1@x.example', to(a)))
    expect(await companiesOf(made.body.id)).toEqual({ [a]: [1, 279] })
    const read = (await account.objects(`contacts/${made.body.id}?associations=companies`)).body
    expect(read.associations).toEqual({
      companies: {
        results: [
          { id: a, type: 'contact_to_company_unlabeled' },
          { id: a, type: 'contact_to_company' },
        ],
      },
    })
    const rows = [row('n2@x.example', to('999')), row('n3@x.example', to(b))]
    expect((await account.objects('contacts/batch/create', { inputs: rows })).status).toBe(400)
    const { status, body } = await account.objects('contacts/batch/create', traced(rows))
    expect([status, body.errors[0].context]).toMatchObject([207, { objectWriteTraceId: ['t0'], objectId: ['999'] }])
    expect(await companiesOf(body.results[0].id)).toEqual({ [b]: [1, 279] })
    expect((await account.objects('contacts', row('n4@x.example', to(a, 280)))).status).toBe(400)
    expect((await account.objects('contacts', row('n4@x.example', to('999')))).status).toBe(400)
    expect(await account.stored('contacts')).toHaveLength(3)
  })
})
