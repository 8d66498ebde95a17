import { describe, expect, test } from 'vitest'
import { traced, useAccount, VERSIONS } from './hubspot-account.ts'

describe.each(VERSIONS)('%s', (version) => {
  const account = useAccount(version)
  const enforced = version === '2026-09'
  const create = (object: string, properties: object) =>
    account.objects(`${object}/batch/create`, { inputs: [{ properties }] })

  test('case 48: the codes may be in the message alone', async () => {
    await account.control.putPolicies('hubspot', { writes: { refusal: 'message_only' } })
    const { status, body } = await create('companies', { name: 'A', nope: '1', industry: 'ART' })
    expect([status, body.errors]).toEqual([400, undefined])
    expect(body.message).toMatch(/^Property values were not valid: \[/)
    const listed = JSON.parse(body.message.slice(body.message.indexOf('[')))
    expect(listed.map((one: Record<string, unknown>) => [one.error, one.name])).toEqual([
      ['PROPERTY_DOESNT_EXIST', 'nope'],
      ['INVALID_OPTION', 'industry'],
    ])
  })

  test('case 49: required on create is a rule of 2026-09 only', async () => {
    await account.control.putPolicies('hubspot', { objects: { companies: { required_on_create: ['city'] } } })
    const { status, body } = await create('companies', { name: 'A' })
    expect([status, body.errors?.[0].code]).toEqual(enforced ? [400, 'MISSING_REQUIRED_PROPERTY'] : [201, undefined])
    expect((await create('companies', { name: 'A', city: 'Ulm' })).status).toBe(201)
    const [id = ''] = await account.seed('companies', [{ name: 'B' }])
    const update = { inputs: [{ id, properties: { name: 'C' } }] }
    expect((await account.objects('companies/batch/update', update)).status).toBe(200)
  })

  test('case 50: a conditional rule names both properties', async () => {
    const conditional = [{ property: 'type', values: ['PARTNER'], require: 'city' }]
    await account.control.putPolicies('hubspot', { objects: { companies: { conditional } } })
    const { status, body } = await create('companies', { name: 'A', type: 'PARTNER' })
    expect(status).toBe(enforced ? 400 : 201)
    if (enforced) {
      expect(body.errors).toMatchObject([
        { code: 'MISSING_CONDITIONAL_REQUIRED_PROPERTY', context: { propertyName: ['city', 'type'] } },
      ])
    }
    expect((await create('companies', { name: 'A', type: 'VENDOR' })).status).toBe(201)
    const [id = ''] = await account.seed('companies', [{ name: 'B', type: 'PARTNER', city: 'Ulm' }])
    const clear = { inputs: [{ id, properties: { city: '' } }] }
    expect((await account.objects('companies/batch/update', clear)).status).toBe(enforced ? 400 : 200)
  })

  test('case 50: with trace ids only the row that breaks a rule fails', async () => {
    await account.control.putPolicies('hubspot', { objects: { companies: { required_on_create: ['city'] } } })
    const rows = [{ properties: { name: 'A' } }, { properties: { name: 'B', city: 'Ulm' } }]
    const { status, body } = await account.objects('companies/batch/create', traced(rows))
    expect([status, body.results.length]).toEqual(enforced ? [207, 1] : [201, 2])
  })

  test('property validations can be read, and hold where rules are enforced', async () => {
    const validations = [
      { property: 'name', rule: 'MAX_LENGTH', arguments: ['5'] },
      { property: 'name', rule: 'REGEX', arguments: ['^[A-Z]'] },
      { property: 'annualrevenue', rule: 'MIN_NUMBER', arguments: ['10'] },
    ]
    await account.control.putPolicies('hubspot', { objects: { companies: { validations } } })
    const { body } = await account.call('GET', '/crm/property-validations/2026-09/0-2')
    expect(body.results).toEqual([
      {
        propertyName: 'name',
        propertyValidationRules: [
          { ruleType: 'MAX_LENGTH', ruleArguments: ['5'], shouldApplyNormalization: false },
          { ruleType: 'REGEX', ruleArguments: ['^[A-Z]'], shouldApplyNormalization: false },
        ],
      },
      {
        propertyName: 'annualrevenue',
        propertyValidationRules: [{ ruleType: 'MIN_NUMBER', ruleArguments: ['10'], shouldApplyNormalization: false }],
      },
    ])
    const statuses = []
    for (const properties of [
      { name: 'Longer' },
      { name: 'acme' },
      { name: 'Acme', annualrevenue: '9' },
      { name: 'Acme' },
    ]) {
      statuses.push((await create('companies', properties)).status)
    }
    expect(statuses).toEqual(enforced ? [400, 400, 400, 201] : [201, 201, 201, 201])
  })
})
