import { describe, expect, test } from 'vitest'
import { contact, traced, useAccount, VERSIONS } from './hubspot-account.ts'

describe.each(VERSIONS)('%s', (version) => {
  const account = useAccount(version)

  test('case 10: a created contact answers 201 with an id and text values', async () => {
    const { status, body } = await account.objects('contacts/batch/create', {
      inputs: [contact('Ann@X.example', { firstname: 'Ann' })],
    })
    expect([status, body.status, body.errors, body.numErrors]).toEqual([201, 'COMPLETE', undefined, undefined])
    const [{ id, properties }] = body.results
    expect(id).toMatch(/^\d+$/)
    expect(properties).toMatchObject({ email: 'ann@x.example', firstname: 'Ann', hs_object_id: id })
    expect(Date.parse(properties.createdate)).not.toBeNaN()
  })

  const rows = [contact('a@x.example'), contact('b@x.example', { nope: '1' })]

  test('case 11: one unknown property without trace ids refuses the batch', async () => {
    const { status, body } = await account.objects('contacts/batch/create', { inputs: rows })
    expect([status, body.category]).toEqual([400, 'VALIDATION_ERROR'])
    expect(body.errors).toMatchObject([{ code: 'PROPERTY_DOESNT_EXIST', context: { propertyName: ['nope'] } }])
    expect(await account.stored('contacts')).toEqual([])
  })

  test('case 12: with trace ids the good row is written and the bad one named', async () => {
    const { status, body } = await account.objects('contacts/batch/create', traced(rows))
    expect([status, body.numErrors, body.results.length]).toEqual([207, 1, 1])
    const [error] = body.errors
    expect(error).toMatchObject({ status: 'error', context: { objectWriteTraceId: ['t1'] } })
    expect(Object.keys(error)).not.toContain('errors')
    expect(Object.keys(error)).not.toContain('links')
    expect(await account.stored('contacts')).toHaveLength(1)
  })

  test('case 12: the errors of a partial batch may sit in a 201', async () => {
    await account.control.putPolicies('hubspot', { writes: { partial: 'in_2xx' } })
    const { status, body } = await account.objects('contacts/batch/create', traced(rows))
    expect([status, body.numErrors, body.errors[0].context.objectWriteTraceId]).toEqual([201, 1, ['t1']])
  })

  test('case 12: a trace id used twice is as good as none', async () => {
    const inputs = rows.map((row) => ({ ...row, objectWriteTraceId: 'same' }))
    expect((await account.objects('contacts/batch/create', { inputs })).status).toBe(400)
  })

  test('case 13: an e-mail that exists refuses the batch with a 409', async () => {
    await account.seed('contacts', [{ email: 'a@x.example' }])
    const answer = await account.objects('contacts/batch/create', {
      inputs: [contact('new@x.example'), contact('A@X.example')],
    })
    expect(answer).toMatchObject({ status: 409, body: { category: 'CONFLICT' } })
    expect(await account.stored('contacts')).toHaveLength(1)
  })

  test('case 14: with trace ids the conflict names the record there is', async () => {
    const [id] = await account.seed('contacts', [{ email: 'a@x.example', hs_additional_emails: 'old@x.example' }])
    const inputs = [contact('a@x.example'), contact('old@x.example'), contact('new@x.example')]
    const { status, body } = await account.objects('contacts/batch/create', traced(inputs))
    expect([status, body.results.length]).toEqual([207, 1])
    expect(body.errors.map((error: { category: string }) => error.category)).toEqual(['CONFLICT', 'CONFLICT'])
    expect(body.errors.map((error: { context: object }) => error.context)).toEqual([
      { objectWriteTraceId: ['t0'], existingId: [id] },
      { objectWriteTraceId: ['t1'], existingId: [id] },
    ])
  })

  test('case 15: a company with a domain that exists is a second company', async () => {
    await account.seed('companies', [{ domain: 'x.example', name: 'One' }])
    const { status } = await account.objects('companies/batch/create', {
      inputs: [{ properties: { domain: 'x.example', name: 'Two' } }],
    })
    expect([status, (await account.stored('companies')).length]).toEqual([201, 2])
  })

  test('case 16: 101 inputs are refused and nothing is stored; 100 are taken', async () => {
    const inputs = Array.from({ length: 101 }, (_, n) => contact(`c${n}@x.example`))
    expect((await account.objects('contacts/batch/create', traced(inputs))).status).toBe(400)
    expect(await account.stored('contacts')).toEqual([])
    expect((await account.objects('contacts/batch/create', traced(inputs.slice(1)))).status).toBe(201)
  })

  test('case 17: a contact needs e-mail or a name, a deal a name and a stage', async () => {
    const properties = async (object: string, given: object) => {
      const { status, body } = await account.objects(`${object}/batch/create`, { inputs: [{ properties: given }] })
      return [
        status,
        ...(body.errors ?? []).map((error: { context: Record<string, string[]> }) => error.context.propertyName?.[0]),
      ]
    }
    expect(await properties('contacts', { phone: '1' })).toEqual([400, 'email'])
    expect(await properties('contacts', { lastname: 'Lee' })).toEqual([201])
    expect(await properties('deals', { amount: '1' })).toEqual([400, 'dealname', 'dealstage'])
    expect(await properties('deals', { dealname: 'D', dealstage: 'closedwon' })).toEqual([201])
  })
})
