import { beforeEach, describe, expect, test } from 'vitest'
import { KEY, traced, upsertOf, useAccount, VERSIONS } from './hubspot-account.ts'

describe.each(VERSIONS)('%s', (version) => {
  const account = useAccount(version)
  const update = (object: string, inputs: object[]) => account.objects(`${object}/batch/update`, { inputs })
  const upsert = (object: string, inputs: object[]) => account.objects(`${object}/batch/upsert`, { inputs })
  const city = (id: string, more: object = {}) => ({ id, properties: { city: 'Ulm' }, ...more })
  beforeEach(async () => {
    for (const object of ['contacts', 'companies', 'deals']) {
      await account.control.putSchema('hubspot', object, { properties: [KEY] })
    }
  })

  test('case 18: an update by id answers what changed', async () => {
    const [id = ''] = await account.seed('companies', [{ name: 'A', city: 'Bonn' }])
    const { status, body } = await update('companies', [city(id)])
    expect([status, body.results[0].properties.city, body.results[0].id]).toEqual([200, 'Ulm', id])
  })

  test('case 19: one unknown id of three is an item of a 207 that has no trace id', async () => {
    const [a = '', b = ''] = await account.seed('companies', [{ name: 'A' }, { name: 'B' }])
    const { status, body } = await account.objects('companies/batch/update', traced([city(a), city('999'), city(b)]))
    expect([status, body.results.length, body.errors.length]).toEqual([207, 2, 1])
    expect(body.errors[0]).toMatchObject({ category: 'OBJECT_NOT_FOUND', context: { ids: ['999'] } })
    expect(body.errors[0].context).not.toHaveProperty('objectWriteTraceId')
  })

  test('case 21: contacts cannot be updated by e-mail', async () => {
    await account.seed('contacts', [{ email: 'a@x.example' }])
    const { status, body } = await update('contacts', [city('a@x.example', { idProperty: 'email' })])
    expect([status, body.category]).toEqual([400, 'VALIDATION_ERROR'])
    expect(body.message).toContain('non-unique 0-1 property email')
  })

  test('case 21: by e-mail without idProperty nothing happens and nothing is said', async () => {
    await account.seed('contacts', [{ email: 'a@x.example' }])
    const { status, body } = await update('contacts', [city('a@x.example')])
    expect([status, body.results, body.errors]).toEqual([200, [], undefined])
    expect((await account.stored('contacts'))[0]).not.toHaveProperty('city')
  })

  test('case 22: hs_object_id is no idProperty', async () => {
    const [id = ''] = await account.seed('companies', [{ name: 'A' }])
    const { portalId } = (await account.account()).body
    for (const write of [update, upsert]) {
      const { status, body } = await write('companies', [city(id, { idProperty: 'hs_object_id' })])
      expect(status).toBe(400)
      expect(body.message).toContain(`non-unique 0-2 property hs_object_id in portal ID ${portalId}`)
    }
  })

  test('case 24: an id twice refuses the batch, with and without trace ids', async () => {
    const [id = ''] = await account.seed('companies', [{ name: 'A' }])
    for (const inputs of [[city(id), city(id)], traced([city(id), city(id)]).inputs]) {
      const { status, body } = await update('companies', inputs)
      expect([status, body.context.ids]).toEqual([400, [id]])
      expect(body.message).toContain(`Duplicate IDs found in batch input: [${id}]`)
    }
    const rows = [upsertOf('K', KEY.name), upsertOf('K', KEY.name)]
    expect((await upsert('companies', traced(rows).inputs)).body.context.ids).toEqual(['K'])
  })

  test('case 24: two keys of one contact are duplicates: case, secondary e-mail, merged id', async () => {
    const [a = '', b = ''] = await account.seed('contacts', [
      { email: 'a@x.example', hs_additional_emails: 'old@x.example' },
      { email: 'b@x.example' },
    ])
    const emails = (...list: string[]) => list.map((email) => upsertOf(email, 'email'))
    expect((await upsert('contacts', emails('new@x.example', 'NEW@x.example'))).status).toBe(400)
    expect((await upsert('contacts', emails('a@x.example', 'old@x.example'))).status).toBe(400)
    await account.control.act('hubspot', 'merge', { object: 'contacts', primary: a, merged: b, new_id: false })
    expect((await update('contacts', [city(a), city(b)])).status).toBe(400)
  })

  test('case 25: an unknown property without trace ids refuses the update', async () => {
    const [a = '', b = ''] = await account.seed('companies', [{ name: 'A' }, { name: 'B' }])
    const inputs = [city(a), { id: b, properties: { nope: '1' } }]
    const { status, body } = await update('companies', inputs)
    expect([status, body.errors[0].code]).toEqual([400, 'PROPERTY_DOESNT_EXIST'])
    expect((await account.stored('companies'))[0]).not.toHaveProperty('city')
    expect((await update('companies', traced(inputs).inputs)).status).toBe(207)
    await account.control.putPolicies('hubspot', { writes: { update_by_trace: false } })
    expect((await update('companies', traced(inputs).inputs)).status).toBe(400)
  })

  test('case 26 and 27: a new key makes a record, the same key again finds it', async () => {
    const rows = traced([upsertOf('K1', KEY.name, { name: 'One' })]).inputs
    const first = await upsert('companies', rows)
    expect([first.status, first.body.errors]).toEqual([200, undefined])
    expect(first.body.results).toMatchObject([{ new: true, objectWriteTraceId: 't0' }])
    const second = await upsert('companies', rows)
    expect(second.body.results).toMatchObject([{ new: false, id: first.body.results[0].id }])
  })

  test('case 26: results do not come in the order of the inputs', async () => {
    const rows = traced(Array.from({ length: 30 }, (_, n) => upsertOf(`K${n}`, KEY.name))).inputs
    const { results } = (await upsert('companies', rows)).body
    const traces = results.map((one: { objectWriteTraceId: string }) => one.objectWriteTraceId)
    expect(traces).not.toEqual(rows.map((row) => row.objectWriteTraceId))
    expect(new Set(traces).size).toBe(30)
  })

  test('case 26: a secondary e-mail finds its contact; sending it as `email` makes it the primary one', async () => {
    const [id] = await account.seed('contacts', [{ email: 'a@x.example', hs_additional_emails: 'old@x.example' }])
    const kept = await upsert('contacts', [{ id: 'OLD@x.example', idProperty: 'email', properties: { city: 'Ulm' } }])
    expect(kept.body.results).toMatchObject([{ id, new: false }])
    expect((await account.stored('contacts'))[0]).toMatchObject({ email: 'a@x.example', city: 'Ulm' })
    await upsert('contacts', [upsertOf('old@x.example', 'email')])
    expect((await account.stored('contacts'))[0]).toMatchObject({ email: 'old@x.example', hs_additional_emails: '' })
  })

  test.each([
    ['case 32', 'companies', 'domain', '0-2'],
    ['case 33', 'deals', 'dealname', '0-3'],
  ])('%s: %s cannot be upserted by %s', async (_, object, property, typeId) => {
    const { status, body } = await upsert(object, [upsertOf('x.example', property)])
    expect([status, body.message]).toEqual([400, expect.stringContaining(`non-unique ${typeId} property ${property}`)])
    expect(await account.stored(object)).toEqual([])
    const definition = await account.properties(`${object}/${property}`)
    expect(definition.body.hasUniqueValue).toBe(false)
  })

  test('case 34: an upsert without idProperty is refused', async () => {
    expect((await upsert('companies', [{ id: 'K1', properties: {} }])).status).toBe(400)
  })

  test('case 35: 00123 and 123 are two records', async () => {
    await upsert('companies', [upsertOf('00123', KEY.name), upsertOf('123', KEY.name)])
    expect((await account.stored('companies')).map((row) => row.customer_id).sort()).toEqual(['00123', '123'])
  })

  test('case 36: a unique value of another record is refused by name, in a batch and in one row', async () => {
    await account.control.putSchema('hubspot', 'companies', { properties: [{ ...KEY, name: 'vat_id' }] })
    await account.seed('companies', [{ customer_id: 'K1', vat_id: 'V1' }])
    const row = upsertOf('K2', KEY.name, { vat_id: 'V1' })
    const whole = await upsert('companies', [row])
    expect([whole.status, whole.body.errors[0].code]).toEqual([400, 'CONFLICTING_UNIQUE_VALUE'])
    const partial = await upsert('companies', traced([row, upsertOf('K3', KEY.name)]).inputs)
    expect(partial.status).toBe(207)
    expect(partial.body.errors[0]).toMatchObject({ context: { objectWriteTraceId: ['t0'] } })
    expect(partial.body.errors[0].message).toContain('CONFLICTING_UNIQUE_VALUE')
  })

  test('case 37: a batch that answers PENDING has no results, whatever it did', async () => {
    await account.control.putPolicies('hubspot', { writes: { status: 'PENDING' } })
    const { status, body } = await upsert('companies', traced([upsertOf('K1', KEY.name)]).inputs)
    expect([status, body.status, body.results]).toEqual([200, 'PENDING', []])
    expect(await account.stored('companies')).toHaveLength(1)
    await account.control.putPolicies('hubspot', { writes: { status: 'CANCELED' } })
    await upsert('companies', traced([upsertOf('K2', KEY.name)]).inputs)
    expect(await account.stored('companies')).toHaveLength(1)
    const read = await account.objects('companies/batch/read', {
      idProperty: KEY.name,
      inputs: [{ id: 'K1' }],
      properties: [],
    })
    expect([read.status, read.body.status, read.body.results.length]).toEqual([200, 'COMPLETE', 1])
  })

  test('case 37: a row can be passed over in silence', async () => {
    await account.control.putPolicies('hubspot', { writes: { silent: ['K2'] } })
    const { status, body } = await upsert(
      'companies',
      traced(['K1', 'K2'].map((key) => upsertOf(key, KEY.name))).inputs,
    )
    expect([status, body.results.length, body.errors]).toEqual([200, 1, undefined])
    expect(await account.stored('companies')).toHaveLength(1)
  })
})
