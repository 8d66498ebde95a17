import { beforeEach, describe, expect, test } from 'vitest'
import { type Json, useAccount, VERSIONS } from './hubspot-account.ts'

describe.each(VERSIONS)('%s', (version) => {
  const account = useAccount(version)
  beforeEach(() =>
    account.control.putSchema('hubspot', 'contacts', {
      properties: [
        { name: 'score', type: 'number' },
        { name: 'born_on', type: 'date' },
        { name: 'seen_at', type: 'datetime' },
        { name: 'vip', type: 'bool' },
        { name: 'plan', type: 'enumeration', options: [{ value: 'pro' }, { value: 'old', hidden: true }] },
        {
          name: 'tags',
          type: 'enumeration',
          fieldType: 'checkbox',
          options: [{ value: 'A' }, { value: 'B' }, { value: 'C' }],
        },
      ],
    }),
  )
  const create = async (properties: Json): Promise<string> => {
    const { status, body } = await account.objects('contacts', { properties: { lastname: 'Lee', ...properties } })
    expect([status, body.errors]).toEqual([201, undefined])
    return body.id
  }
  const patch = (id: string, properties: Json) =>
    account.call('PATCH', account.path('objects', `contacts/${id}`), { body: { properties } })
  const read = async (id: string, name: string): Promise<string | null> =>
    (await account.objects(`contacts/${id}?properties=${name}`)).body.properties[name]
  const codeOf = async (properties: Json): Promise<[number, string | undefined]> => {
    const { status, body } = await account.objects('contacts/batch/create', {
      inputs: [{ properties: { lastname: 'L', ...properties } }],
    })
    return [status, body.errors?.[0]?.code]
  }

  test('case 38: each kind of bad value has its code, and the error names the property', async () => {
    expect(await codeOf({ score: 'abc' })).toEqual([400, 'INVALID_INTEGER'])
    expect(await codeOf({ plan: 'Foo' })).toEqual([400, 'INVALID_OPTION'])
    expect(await codeOf({ plan: 'Pro' })).toEqual([400, 'INVALID_OPTION'])
    expect(await codeOf({ vip: 'yes' })).toEqual([400, 'INVALID_OPTION'])
    expect(await codeOf({ email: 'a@b' })).toEqual([400, 'INVALID_EMAIL'])
    expect(await codeOf({ num_associated_deals: '1' })).toEqual([400, 'READ_ONLY_VALUE'])
    expect(await codeOf({ firstname: 'x'.repeat(65_537) })).toEqual([400, 'INVALID_LENGTH'])
    expect(await codeOf({ firstname: 'x'.repeat(65_536) })).toEqual([201, undefined])
    const { body } = await account.objects('contacts/batch/create', {
      inputs: [{ properties: { lastname: 'L', plan: 'Foo' } }],
    })
    expect(body.errors[0].context.propertyName).toEqual(['plan'])
    expect(body.errors[0].message).toContain('pro')
    expect(await account.stored('contacts')).toHaveLength(1)
  })

  test('case 40: "" clears, and the next read says null', async () => {
    const id = await create({ born_on: '2001-05-01', score: '24.00', plan: 'pro', seen_at: '2001-05-01T00:00:00Z' })
    expect(await read(id, 'score')).toBe('24.00')
    const cleared = (await patch(id, { born_on: '', score: '', plan: '', seen_at: '' })).body.properties
    expect([cleared.born_on, cleared.score, cleared.plan, cleared.seen_at]).toEqual(['', '', '', ''])
    for (const name of ['born_on', 'score', 'plan', 'seen_at'])
      expect([name, await read(id, name)]).toEqual([name, null])
    expect((await account.stored('contacts'))[0]).toMatchObject({ born_on: '', score: '' })
  })

  test('case 40: null is taken with success and changes nothing', async () => {
    const id = await create({ score: '7' })
    expect((await patch(id, { score: null })).status).toBe(200)
    expect(await read(id, 'score')).toBe('7')
  })

  test('case 42: a date is a day or midnight UTC; a time of day is refused on v3 and normalised on 2026-09', async () => {
    const id = await create({ born_on: '2001-05-01' })
    expect((await patch(id, { born_on: String(Date.UTC(2002, 0, 2)) })).status).toBe(200)
    expect(await read(id, 'born_on')).toBe('2002-01-02')
    const { status, body } = await patch(id, { born_on: '2003-01-02T10:00:00Z' })
    if (version === 'v3') {
      expect([status, body.errors[0].code]).toEqual([400, 'INVALID_DATE'])
      expect(await read(id, 'born_on')).toBe('2002-01-02')
    } else {
      expect(status).toBe(200)
      expect(body.warnings).toMatchObject([
        {
          category: 'PROPERTY_VALUE_NORMALIZED',
          context: { propertyName: 'born_on', rawValue: '2003-01-02T10:00:00Z', normalizedValue: '2003-01-02' },
        },
      ])
      expect(await read(id, 'born_on')).toBe('2003-01-02')
    }
    expect((await patch(id, { born_on: '02.01.2003' })).status).toBe(400)
  })

  test('case 43: a datetime with an offset is stored and read as the same instant in UTC', async () => {
    const id = await create({ seen_at: '2026-10-01T14:00:00+02:00' })
    expect(await read(id, 'seen_at')).toBe('2026-10-01T12:00:00Z')
    await patch(id, { seen_at: String(Date.UTC(2026, 0, 1, 2, 3, 4, 567)) })
    expect(await read(id, 'seen_at')).toBe('2026-01-01T02:03:04.567Z')
    expect((await patch(id, { seen_at: '2026-10-01T14:00:00' })).status).toBe(400)
    // Seconds are taken for milliseconds: that they are wrong only the sender can know.
    await patch(id, { seen_at: '1790000000' })
    expect(await read(id, 'seen_at')).toBe('1970-01-21T17:13:20Z')
  })

  test('case 45: owners have ids; an e-mail or a user id is refused', async () => {
    await account.control.putPolicies('hubspot', {
      owners: [
        { id: '71', email: 'pat@x.example', first_name: 'Pat' },
        { id: '72', email: 'gone@x.example', archived: true },
      ],
    })
    const { body } = await account.call('GET', account.path('owners'))
    expect(body.results).toMatchObject([{ id: '71', email: 'pat@x.example', archived: false }])
    expect(body.results[0].userId).not.toBe(71)
    const archived = await account.call('GET', `${account.path('owners')}?archived=true`)
    expect(archived.body.results).toMatchObject([{ id: '72' }])
    expect((await account.call('GET', `${account.path('owners')}/71`)).body.email).toBe('pat@x.example')
    expect((await codeOf({ hubspot_owner_id: '71' }))[0]).toBe(201)
    for (const wrong of ['pat@x.example', '72', '1000071']) {
      expect([wrong, (await codeOf({ hubspot_owner_id: wrong }))[0]]).toEqual([wrong, 400])
    }
  })

  test('case 46: hidden options and archived properties are visible to whoever asks before writing', async () => {
    const plan = (await account.properties('contacts/plan')).body
    expect(plan.options.map((option: Json) => [option.value, option.hidden])).toEqual([
      ['pro', false],
      ['old', true],
    ])
    const dead = await account.call('DELETE', account.path('properties', 'contacts/plan'))
    expect(dead.status).toBe(204)
    const listed = async (query: string) =>
      (await account.properties(`contacts${query}`)).body.results.map((one: Json) => one.name)
    expect(await listed('')).not.toContain('plan')
    expect(await listed('?archived=true')).toEqual(['plan'])
    expect(await codeOf({ plan: 'pro' })).toEqual([400, 'PROPERTY_DOESNT_EXIST'])
    const again = { name: 'plan', label: 'Plan', type: 'string', fieldType: 'text', groupName: 'contactinformation' }
    expect((await account.properties('contacts', again)).status).toBe(201)
    expect(await listed('')).toContain('plan')
    expect((await account.properties('contacts', again)).body.subCategory).toBe('Properties.PROPERTY_WITH_NAME_EXISTS')
  })

  test('case 46: a unique property is made once and works as a key at once; none becomes unique later', async () => {
    const unique = {
      name: 'ext_id',
      label: 'X',
      type: 'string',
      fieldType: 'text',
      groupName: 'contactinformation',
      hasUniqueValue: true,
    }
    expect((await account.properties('contacts', unique)).body.hasUniqueValue).toBe(true)
    const row = { id: 'E1', idProperty: 'ext_id', properties: { ext_id: 'E1', lastname: 'Lee' } }
    expect((await account.objects('contacts/batch/upsert', { inputs: [row] })).status).toBe(200)
    const changed = await account.call('PATCH', account.path('properties', 'contacts/score'), {
      body: { hasUniqueValue: true },
    })
    expect(changed.body.hasUniqueValue).toBe(false)
    const more = Array.from({ length: 9 }, (_, n) => ({ ...unique, name: `ext_${n}` }))
    const statuses = []
    for (const one of more) statuses.push((await account.properties('contacts', one)).status)
    expect(statuses).toEqual([...Array(8).fill(201), 400])
  })

  test('boxes: A;B replaces, ;C appends', async () => {
    const id = await create({ tags: 'A;B' })
    await patch(id, { tags: ';C' })
    expect(await read(id, 'tags')).toBe('A;B;C')
    await patch(id, { tags: 'C' })
    expect(await read(id, 'tags')).toBe('C')
    expect((await patch(id, { tags: 'C;Z' })).status).toBe(400)
  })

  test('lifecycle: a step back answers success and changes nothing; cleared first, it is set', async () => {
    const id = await create({ lifecyclestage: 'customer' })
    const answer = await patch(id, { lifecyclestage: 'lead' })
    expect([answer.status, answer.body.properties.lifecyclestage]).toEqual([200, 'customer'])
    await patch(id, { lifecyclestage: '' })
    await patch(id, { lifecyclestage: 'lead' })
    expect(await read(id, 'lifecyclestage')).toBe('lead')
  })

  test('pipelines: a stage belongs to one of them, and is refused in another', async () => {
    await account.control.putPolicies('hubspot', {
      pipelines: {
        deals: [
          { id: 'new', label: 'New', stages: [{ id: 'n1', label: 'One' }, { id: 'n2' }] },
          { id: 'renewal', stages: [{ id: 'r1' }] },
        ],
      },
      account: { currencies: ['EUR', 'CHF'] },
    })
    const { body } = await account.call('GET', account.path('pipelines', 'deals'))
    expect(body.results).toMatchObject([
      { id: 'new', label: 'New', stages: [{ id: 'n1', label: 'One' }, { id: 'n2' }] },
      { id: 'renewal', stages: [{ id: 'r1' }] },
    ])
    const deal = async (properties: Json) =>
      (await account.objects('deals', { properties: { dealname: 'D', ...properties } })).status
    expect(await deal({ pipeline: 'renewal', dealstage: 'r1' })).toBe(201)
    expect(await deal({ pipeline: 'renewal', dealstage: 'n1' })).toBe(400)
    expect(await deal({ dealstage: 'n2' })).toBe(201)
    expect(await deal({ dealstage: 'closedwon' })).toBe(400)
    expect(await deal({ dealstage: 'n1', deal_currency_code: 'CHF' })).toBe(201)
    expect(await deal({ dealstage: 'n1', deal_currency_code: 'USD' })).toBe(400)
  })
})
