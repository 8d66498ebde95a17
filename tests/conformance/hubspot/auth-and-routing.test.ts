import { describe, expect, test } from 'vitest'
import { contact, useAccount, VERSIONS } from './hubspot-account.ts'

describe.each(VERSIONS)('%s', (version) => {
  const account = useAccount(version)
  const app = { client_id: 'app', client_secret: 's', refresh_tokens: ['r1'] }
  const refresh = { grant_type: 'refresh_token', client_id: 'app', client_secret: 's', refresh_token: 'r1' }
  const list = (token: string | null) => account.call('GET', account.path('objects', 'contacts'), { token })

  test('case 1: a request without a token is a 401 in JSON', async () => {
    const answer = await list(null)
    expect(answer.status).toBe(401)
    expect(answer.body).toMatchObject({ status: 'error', category: 'INVALID_AUTHENTICATION' })
    expect(answer.body.correlationId).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('case 1: a token that nobody issued is a 401 where tokens are checked', async () => {
    await account.control.putPolicies('hubspot', { auth: { require_issued_tokens: true, tokens: ['pat-na1-known'] } })
    expect((await list('pat-na1-known')).status).toBe(200)
    expect((await list('made-up')).status).toBe(401)
  })

  test('case 2: a token without the scope is a 403 that names it in errors[0].context', async () => {
    await account.control.putPolicies('hubspot', { auth: { scopes: ['crm.objects.deals.read'] } })
    const answer = await account.objects('deals/batch/create', { inputs: [{ properties: { dealname: 'D' } }] })
    expect(answer).toMatchObject({ status: 403, body: { category: 'MISSING_SCOPES' } })
    expect(answer.body.errors[0].context.requiredGranularScopes).toEqual(['crm.objects.deals.write'])
    expect((await account.objects('deals/search', {})).status).toBe(200)
    expect((await account.objects('deals/batch/read', { inputs: [], properties: [] })).status).toBe(200)
  })

  test('case 3: the same with the scopes in the top-level context', async () => {
    await account.control.putPolicies('hubspot', { auth: { scopes: [], missing_scopes_in: 'context' } })
    const { status, body } = await account.objects('deals/batch/create', { inputs: [] })
    expect([status, body.context.requiredGranularScopes, body.errors]).toEqual([
      403,
      ['crm.objects.deals.write'],
      undefined,
    ])
  })

  test('case 2: each area has scopes of its own, and a scope can be taken away between two requests', async () => {
    const scopes = ['crm.objects.contacts.read', 'crm.objects.contacts.write']
    await account.control.putPolicies('hubspot', { auth: { scopes } })
    const missing = async (answer: Promise<{ body?: { errors: { context: Record<string, string[]> }[] } }>) =>
      (await answer).body?.errors?.[0]?.context.requiredGranularScopes
    const definition = { name: 'p', label: 'P', type: 'string', fieldType: 'text', groupName: 'contactinformation' }
    expect(await missing(account.properties('contacts', definition))).toEqual(['crm.schemas.contacts.write'])
    expect((await account.properties('contacts')).status).toBe(200)
    expect(await missing(account.objects('tickets'))).toEqual(['tickets', 'crm.objects.tickets.read'])
    expect(await missing(account.call('GET', account.path('owners')))).toEqual(['crm.objects.owners.read'])
    const pair = { inputs: [{ from: { id: '1' }, to: { id: '2' } }] }
    const associate = account.associations('contacts/companies/batch/associate/default', pair)
    expect(await missing(associate)).toEqual(['crm.objects.companies.write'])
    expect((await account.objects('contacts', contact('a@x.example'))).status).toBe(201)
    await account.control.putPolicies('hubspot', { auth: { scopes: ['crm.objects.contacts.read'] } })
    expect(await missing(account.objects('contacts', contact('b@x.example')))).toEqual(['crm.objects.contacts.write'])
  })

  test('case 4: an OAuth token ends after its time, and a refreshed one works', async () => {
    await account.control.putPolicies('hubspot', { auth: { require_issued_tokens: true, oauth: app } })
    const first = await account.oauth(refresh)
    expect(first).toMatchObject({ status: 200, body: { expires_in: 1800, token_type: 'bearer', refresh_token: 'r1' } })
    expect((await list(first.body.access_token)).status).toBe(200)
    await account.control.advanceClock(1_800_000)
    const late = await list(first.body.access_token)
    expect([late.status, late.body.category]).toEqual([401, 'EXPIRED_AUTHENTICATION'])
    const second = await account.oauth(refresh)
    expect((await list(second.body.access_token)).status).toBe(200)
  })

  test('case 4: a token can be looked at, and an OAuth app is told nothing about the day', async () => {
    await account.control.putPolicies('hubspot', { auth: { oauth: app, scopes: ['crm.objects.contacts.read'] } })
    const { access_token } = (await account.oauth(refresh)).body
    expect((await list(access_token)).headers.get('x-hubspot-ratelimit-daily')).toBeNull()
    const form = { client_id: 'app', client_secret: 's', token: access_token }
    const looked = await account.oauth(form, 'introspect')
    expect(looked.body).toMatchObject({
      active: true,
      scopes: ['crm.objects.contacts.read'],
      token_use: 'access_token',
    })
    await account.control.act('hubspot', 'expire-tokens', { token: access_token })
    expect((await account.oauth(form, 'introspect')).body).toEqual({ active: false })
    expect((await list(access_token)).status).toBe(401)
  })

  test('case 5: two refreshes leave two tokens that both work; the journal shows how many there were', async () => {
    await account.control.putPolicies('hubspot', { auth: { require_issued_tokens: true, oauth: app } })
    const [a, b] = await Promise.all([account.oauth(refresh), account.oauth(refresh)])
    expect(a.body.access_token).not.toBe(b.body.access_token)
    expect([(await list(a.body.access_token)).status, (await list(b.body.access_token)).status]).toEqual([200, 200])
    const refreshes = (await account.control.journal()).filter((entry) => entry.path.startsWith('/oauth/'))
    expect(refreshes).toHaveLength(2)
    expect(JSON.stringify(refreshes)).not.toContain(a.body.access_token)
  })

  test('case 6: a revoked grant answers invalid_grant, and the access tokens end', async () => {
    await account.control.putPolicies('hubspot', { auth: { oauth: app } })
    const { body } = await account.oauth(refresh)
    await account.control.act('hubspot', 'revoke-grant')
    const refused = await account.oauth(refresh)
    expect(refused.status).toBe(400)
    expect(refused.body).toMatchObject({ status: 'BAD_REFRESH_TOKEN', error: 'invalid_grant' })
    expect((await list(body.access_token)).status).toBe(401)
    expect((await account.oauth({ ...refresh, refresh_token: 'other' })).status).toBe(400)
    expect((await account.oauth({ ...refresh, client_secret: 'wrong' })).body.error).toBe('invalid_client')
  })

  test('case 7: an unknown object type is a 400 without a category', async () => {
    const { status, body } = await account.objects('butterflies/search', {})
    expect([status, body.message]).toEqual([400, 'Unable to infer object type from: butterflies'])
    expect(body).not.toHaveProperty('category')
  })

  test('case 8: name, type id, upper case and a custom object by each of its names', async () => {
    const { body } = await account.objects('contacts', contact('a@x.example'))
    for (const spelling of ['contacts', 'contact', '0-1', 'CONTACT', 'CONTACTS']) {
      expect([spelling, (await account.objects(`${spelling}/${body.id}`)).body.id]).toEqual([spelling, body.id])
    }
    const made = await account.call('POST', `/crm-object-schemas/${version}/schemas`, {
      body: {
        name: 'plans',
        labels: { singular: 'Plan', plural: 'Plans' },
        requiredProperties: ['code'],
        properties: [{ name: 'code', label: 'Code', type: 'string', fieldType: 'text', hasUniqueValue: true }],
        associatedObjects: ['CONTACT'],
      },
    })
    expect([made.status, made.body.objectTypeId]).toEqual([201, '2-1004'])
    expect(
      (await account.objects('plans/batch/upsert', { inputs: [{ id: 'P', idProperty: 'code', properties: {} }] }))
        .status,
    ).toBe(200)
    const names = ['plans', 'plan', '2-1004', made.body.fullyQualifiedName]
    const totals = await Promise.all(names.map((name) => account.objects(`${name}/search`, {})))
    expect(totals.map((answer) => answer.body.total)).toEqual([1, 1, 1, 1])
    const listed = await account.call('GET', `/crm-object-schemas/${version}/schemas`)
    expect(listed.body.results.map((one: { name: string }) => one.name)).toEqual(['plans'])
    expect((await account.objects('plans', { properties: {} })).body.errors[0].code).toBe('MISSING_REQUIRED_PROPERTY')
  })

  test('case 9: account-info says which portal this is, and the portal can be another one', async () => {
    const before = (await account.account()).body
    expect(before).toMatchObject({ portalId: expect.any(Number), accountType: 'DEVELOPER_TEST', timeZone: 'UTC' })
    await account.control.putPolicies('hubspot', { account: { portal_id: 4711, time_zone: 'Asia/Kolkata' } })
    const after = (await account.account()).body
    expect(after).toMatchObject({ portalId: 4711, timeZone: 'Asia/Kolkata', utcOffset: '+05:30' })
    expect(after.utcOffsetMilliseconds).toBe(19_800_000)
  })
})
