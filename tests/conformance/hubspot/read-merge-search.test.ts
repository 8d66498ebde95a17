import { beforeEach, describe, expect, test } from 'vitest'
import { contact, KEY, useAccount, VERSIONS } from './hubspot-account.ts'

describe.each(VERSIONS)('%s', (version) => {
  const account = useAccount(version)
  beforeEach(() => account.control.putSchema('hubspot', 'companies', { properties: [KEY] }))
  const read = (object: string, ids: string[], more: object = {}) =>
    account.objects(`${object}/batch/read`, { inputs: ids.map((id) => ({ id })), properties: [], ...more })
  const search = (object: string, body: object) => account.objects(`${object}/search`, body)
  const idsOf = (results: { id: string }[]) => results.map((one) => one.id)

  test('case 51: three ids of a hundred that are not there', async () => {
    const ids = await account.seed(
      'companies',
      Array.from({ length: 97 }, (_, n) => ({ customer_id: `K${n}` })),
    )
    const { status, body } = await read('companies', [...ids, '7', '8', '9'])
    expect([status, body.results.length, body.numErrors]).toEqual([207, 97, 1])
    expect(body.errors[0]).toMatchObject({ category: 'OBJECT_NOT_FOUND', context: { ids: ['7', '8', '9'] } })
    const byKey = await read('companies', ['K5', 'nope'], { idProperty: 'customer_id' })
    expect([byKey.status, idsOf(byKey.body.results), byKey.body.errors[0].context.ids]).toEqual([
      207,
      [ids[5]],
      ['nope'],
    ])
    expect((await read('companies', [...ids, '1', '2', '3', '4'])).status).toBe(400)
  })

  test('case 53: fifty inputs with history', async () => {
    const ids = Array.from({ length: 51 }, (_, n) => String(n))
    const { status, body } = await read('companies', ids, { propertiesWithHistory: ['name'] })
    expect([status, body.category, body.message]).toEqual([
      400,
      'VALIDATION_ERROR',
      'The maximum number of inputs supported in a batch request for property histories is 50. Please reduce the number of items and try again',
    ])
    expect((await read('companies', ids.slice(1), { propertiesWithHistory: ['name'] })).status).toBe(207)
  })

  test('case 54: a property without a value is null, one that does not exist is left out', async () => {
    const ids = await account.seed('companies', [{ name: 'A' }])
    const { properties } = (await read('companies', ids, { properties: ['name', 'city', 'nope'] })).body.results[0]
    expect([properties.name, properties.city]).toEqual(['A', null])
    expect(properties).not.toHaveProperty('nope')
  })

  test('case 55: an archived record is read by archived=true only, and not written', async () => {
    const [id = ''] = await account.seed('companies', [{ name: 'A', customer_id: 'K' }])
    expect((await account.objects('companies/batch/archive', { inputs: [{ id }, { id: '404' }] })).status).toBe(204)
    expect((await account.objects(`companies/${id}`)).status).toBe(404)
    expect((await account.objects(`companies/${id}?archived=true`)).body).toMatchObject({ id, archived: true })
    expect((await read('companies', [id])).body.errors[0].context.ids).toEqual([id])
    const update = await account.objects('companies/batch/update', { inputs: [{ id, properties: { name: 'B' } }] })
    expect([update.status, update.body.errors[0].category]).toEqual([207, 'OBJECT_NOT_FOUND'])
    expect((await search('companies', {})).body.total).toBe(0)
    const upsert = { inputs: [{ id: 'K', idProperty: 'customer_id', properties: {} }] }
    expect((await account.objects('companies/batch/upsert', upsert)).body.results[0].new).toBe(true)
  })

  test('case 55: a merged id answers with the survivor, in reads and writes', async () => {
    const [a = '', b = ''] = await account.seed('contacts', [
      { email: 'a@x.example', firstname: 'Ann' },
      { email: 'b@x.example', city: 'Ulm' },
    ])
    const merged = await account.control.act('hubspot', 'merge', { object: 'contacts', primary: a, merged: b })
    const { id } = merged as { id: string }
    expect([a, b]).not.toContain(id)
    const both = await read('contacts', [a, b], {
      properties: ['email', 'city', 'hs_additional_emails', 'hs_merged_object_ids'],
    })
    expect([both.status, idsOf(both.body.results)]).toEqual([200, [id]])
    expect(both.body.results[0].properties).toMatchObject({
      email: 'a@x.example',
      city: 'Ulm',
      hs_additional_emails: 'b@x.example',
      hs_merged_object_ids: `${a};${b}`,
    })
    expect((await account.objects(`contacts/${b}`)).body.id).toBe(id)
    const update = { inputs: [{ id: b, properties: { city: 'Bonn' } }] }
    expect(idsOf((await account.objects('contacts/batch/update', update)).body.results)).toEqual([id])
    expect((await account.objects('contacts', contact('b@x.example'))).status).toBe(409)
    expect(await account.stored('contacts')).toHaveLength(1)
  })

  test('case 55: an account that preserves ids keeps the primary one', async () => {
    const [a = '', b = ''] = await account.seed('companies', [{ name: 'A' }, { name: 'B' }])
    await account.control.act('hubspot', 'merge', { object: 'companies', primary: a, merged: b, new_id: false })
    expect((await account.objects(`companies/${b}`)).body.id).toBe(a)
  })

  test('case 57: paging ends at 10,000 results', async () => {
    expect((await search('companies', { limit: 100, after: '9900' })).status).toBe(200)
    expect((await search('companies', { limit: 100, after: '9901' })).status).toBe(400)
    expect((await search('companies', { limit: 201 })).status).toBe(400)
  })

  test('case 58: the sixth search of a second is a 429 of its own shape', async () => {
    await account.control.putPolicies('hubspot', { limits: { search_per_second: 5 } })
    const answers = await Promise.all(Array.from({ length: 6 }, () => search('companies', {})))
    const refused = answers.filter((answer) => answer.status === 429)
    expect(refused).toHaveLength(1)
    const [answer] = refused
    expect(answer?.body).toMatchObject({ category: 'RATE_LIMITS', message: 'You have reached your secondly limit.' })
    expect(answer?.body).not.toHaveProperty('policyName')
    for (const name of ['x-hubspot-ratelimit-max', 'x-hubspot-ratelimit-remaining', 'retry-after']) {
      expect([name, answer?.headers.get(name)]).toEqual([name, null])
    }
    await account.control.advanceClock(1000)
    expect((await search('companies', {})).status).toBe(200)
  })

  test('case 59: five groups, six filters each, eighteen in all, 3,000 characters', async () => {
    const filter = { propertyName: 'name', operator: 'HAS_PROPERTY' }
    const groups = (...counts: number[]) =>
      search('companies', { filterGroups: counts.map((count) => ({ filters: Array(count).fill(filter) })) })
    const status = async (...counts: number[]) => (await groups(...counts)).status
    expect([await status(1, 1, 1, 1, 1), await status(1, 1, 1, 1, 1, 1)]).toEqual([200, 400])
    expect([await status(6, 6, 6), await status(6, 6, 6, 1), await status(7)]).toEqual([200, 400, 400])
    const values = Array.from({ length: 400 }, (_, n) => `value ${n}`)
    const long = { filterGroups: [{ filters: [{ propertyName: 'name', operator: 'IN', values }] }] }
    expect((await search('companies', long)).status).toBe(400)
  })

  test('case 60: a record deleted between two pages of a list leaves no gap and no repetition', async () => {
    const ids = await account.seed(
      'companies',
      Array.from({ length: 9 }, (_, n) => ({ name: `N${n}` })),
    )
    const first = (await account.objects('companies?limit=3')).body
    await account.call('DELETE', account.path('objects', `companies/${ids[1]}`))
    const second = (await account.objects(`companies?limit=3&after=${first.paging.next.after}`)).body
    await account.call('DELETE', account.path('objects', `companies/${second.paging.next.after}`))
    const third = (await account.objects(`companies?limit=3&after=${second.paging.next.after}`)).body
    expect([first, second, third].flatMap((page) => idsOf(page.results))).toEqual([...ids.slice(0, 6), ...ids.slice(7)])
  })

  test('search lags behind writes by as much as the policy says, with the values it knew', async () => {
    await account.control.putPolicies('hubspot', { search: { index_lag_ms: 5_000 } })
    const [id = ''] = await account.seed('companies', [{ name: 'Old', customer_id: 'K' }])
    const by = (value: string) =>
      search('companies', { filterGroups: [{ filters: [{ propertyName: 'name', operator: 'EQ', value }] }] })
    expect((await by('Old')).body.total).toBe(0)
    await account.control.advanceClock(5_000)
    expect((await by('Old')).body.total).toBe(1)
    await account.objects('companies/batch/update', { inputs: [{ id, properties: { name: 'New' } }] })
    expect([(await by('Old')).body.total, (await by('New')).body.total]).toEqual([1, 0])
    expect((await read('companies', [id], { properties: ['name'] })).body.results[0].properties.name).toBe('New')
    await account.control.advanceClock(5_000)
    expect([(await by('Old')).body.total, (await by('New')).body.total]).toEqual([0, 1])
  })
})
