import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { useEmulator } from '../../contract/emulator-support.ts'

const emulator = useEmulator()
const JWT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const EXPIRED = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]
const registered = generateKeyPairSync('rsa', { modulusLength: 2048 })
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = registered.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const username = 'integration@backfeed-emulator.example'

const form = (path: string, fields: Record<string, string>) =>
  emulator.raw(path, {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
const token = (fields: Record<string, string>) => form('/services/oauth2/token', fields)

function assertion(claims: Record<string, unknown>, key: KeyObject = registered.privateKey, alg = 'RS256'): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const whole = { iss: 'app-1', sub: username, aud: emulator.url, exp: Math.floor(Date.now() / 1000) + 120, ...claims }
  const signed = `${part({ alg, typ: 'JWT' })}.${part(whole)}`
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`
}

const jwt = (claims: Record<string, unknown> = {}, key?: KeyObject) =>
  token({ grant_type: JWT, assertion: assertion(claims, key) })
const register = (app: Record<string, unknown> = {}, auth: Record<string, unknown> = {}) =>
  emulator.control.putPolicies('salesforce', {
    auth: { apps: [{ client_id: 'app-1', client_secret: 's-1', public_key: pem, ...app }], ...auth },
  })
const bearer = (text: string) => ({ authorization: `Bearer ${text}` })
const limits = (text: string) => emulator.raw('/services/data/v66.0/limits', { headers: bearer(text) })

describe('case 3: a bad token', () => {
  test('case 3: a token nobody issued is 401 and nothing is done, where the org is strict', async () => {
    await register({}, { require_issued_tokens: true })
    const refused = await emulator.raw('/services/data/v66.0/sobjects/Account', {
      method: 'POST',
      body: { Name: 'x' },
      headers: bearer('00D!nobody'),
    })
    expect(refused).toMatchObject({ status: 401, body: EXPIRED })
    expect(await emulator.control.records('salesforce', 'Account')).toEqual([])
    const { body } = await jwt()
    expect((await limits(body.access_token)).status).toBe(200)
  })

  test('case 3: revoked, expired by the control plane, or idle too long: the same 401, and a new token works', async () => {
    const granted = async () =>
      (await token({ grant_type: 'client_credentials', client_id: 'a', client_secret: 's' })).body
    const first = (await granted()).access_token
    expect((await form('/services/oauth2/revoke', { token: first })).status).toBe(200)
    expect(await limits(first)).toMatchObject({ status: 401, body: EXPIRED })
    expect((await form('/services/oauth2/revoke', { token: first })).body.error).toBe('invalid_token')
    const second = (await granted()).access_token
    expect((await limits(second)).status).toBe(200)
    await emulator.control.act('salesforce', 'expire-tokens')
    expect((await limits(second)).status).toBe(401)
    const third = (await granted()).access_token
    await emulator.control.advanceClock(7_000_000)
    expect((await limits(third)).status).toBe(200)
    await emulator.control.advanceClock(7_000_000)
    expect((await limits(third)).status).toBe(200)
    await emulator.control.advanceClock(7_300_000)
    expect(await limits(third)).toMatchObject({ status: 401, body: EXPIRED })
  })

  test.each([
    ['not_valid_for_rest', 'This session is not valid for use with the REST API'],
    ['app_not_attached', 'Connected app is not attached to Agent'],
  ])('case 3: the refusal %s has a text of its own', async (session_error, message) => {
    await emulator.control.putPolicies('salesforce', { auth: { session_error } })
    expect(await limits('any')).toMatchObject({ status: 401, body: [{ message, errorCode: 'INVALID_SESSION_ID' }] })
  })
})

describe('case 4: JWT bearer', () => {
  const audiences: [what: string, aud: (url: string) => string][] = [
    ['own address', (url) => url],
    ['own address with a slash', (url) => `${url}/`],
    ['log-in host', () => 'https://login.salesforce.com'],
    ['test host', () => 'https://test.salesforce.com'],
  ]
  test.each(audiences)('case 4: granted for the %s', async (_what, aud) => {
    await register()
    const answer = await jwt({ aud: aud(emulator.url) })
    expect(answer).toMatchObject({ status: 200, body: { instance_url: emulator.url, token_type: 'Bearer' } })
    expect(answer.body).not.toHaveProperty('expires_in')
    expect(answer.body).not.toHaveProperty('refresh_token')
  })

  test('case 4: an exp in milliseconds is taken as such', async () => {
    await register()
    expect((await jwt({ exp: Date.now() + 300 })).status).toBe(200)
    expect((await jwt({ exp: Date.now() - 300 })).body.error).toBe('invalid_grant')
  })

  test('case 4: another key, a past exp, another audience, no such user: invalid_grant', async () => {
    await register()
    const refusals = [
      await jwt({}, stranger.privateKey),
      await jwt({ exp: Math.floor(Date.now() / 1000) - 1 }),
      await jwt({ exp: undefined }),
      await jwt({ aud: 'https://elsewhere.example' }),
      await jwt({ sub: 'nobody@x.example' }),
      await token({ grant_type: JWT, assertion: 'a.b.c' }),
      await token({ grant_type: JWT, assertion: assertion({}, registered.privateKey, 'HS256') }),
    ]
    for (const refusal of refusals) {
      expect(refusal).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant', error_description: expect.any(String) },
      })
    }
    const changed = assertion({}).split('.')
    changed[1] = Buffer.from(JSON.stringify({ iss: 'app-1', sub: username, aud: emulator.url, exp: 9e9 })).toString(
      'base64url',
    )
    expect((await token({ grant_type: JWT, assertion: changed.join('.') })).body.error).toBe('invalid_grant')
  })

  test('case 4: an app nobody registered, one that is not installed, a user who left', async () => {
    await register()
    expect((await jwt({ iss: 'app-2' })).body.error).toBe('invalid_client_id')
    await register({ installed: false })
    expect((await jwt()).body.error).toBe('app_not_found')
    await register()
    const { access_token } = (await jwt()).body
    await emulator.control.putRecords('salesforce', 'User', [{ Username: username, IsActive: false }])
    expect((await jwt()).body.error).toBe('inactive_user')
    expect((await limits(access_token)).status).toBe(401)
  })

  test('case 4: the user the assertion names is the one who writes', async () => {
    await register()
    const { body } = await jwt({ sub: 'Colleague@backfeed-emulator.example' })
    const call = { method: 'POST', body: { Name: 'x' }, headers: bearer(body.access_token) }
    const { id } = (await emulator.raw('/services/data/v66.0/sobjects/Account', call)).body
    const row = (await emulator.api(`/sobjects/Account/${id}`)).body
    expect(`${emulator.url}/id/${row.LastModifiedById}`).toBe(`${emulator.url}/id/${body.id.split('/').at(-1)}`)
    const { user_id } = (await emulator.raw('/services/oauth2/userinfo', { headers: bearer(body.access_token) })).body
    expect(user_id).toBe(row.CreatedById)
  })
})

describe('case 5: client credentials and refresh tokens', () => {
  test('case 5: the registered secret is granted, another is 400 invalid_client', async () => {
    await register()
    const grant = { grant_type: 'client_credentials', client_id: 'app-1' }
    expect((await token({ ...grant, client_secret: 's-1' })).status).toBe(200)
    expect(await token({ ...grant, client_secret: 's-2' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_client' },
    })
    expect((await token({ ...grant, client_id: 'app-9', client_secret: 's-1' })).body.error).toBe('invalid_client_id')
  })

  test('case 5: a refresh token that was handed out is granted, another is invalid_grant', async () => {
    await register({ refresh_tokens: ['r-1'] })
    const grant = { grant_type: 'refresh_token', client_id: 'app-1' }
    const granted = await token({ ...grant, refresh_token: 'r-1' })
    expect(granted.status).toBe(200)
    expect(granted.body).not.toHaveProperty('refresh_token')
    expect(await token({ ...grant, refresh_token: 'r-2' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
  })

  test('case 5: introspection knows what is left of a token, and says nothing of others', async () => {
    await register()
    const { body } = await jwt()
    const known = (await form('/services/oauth2/introspect', { token: body.access_token })).body
    expect(known).toMatchObject({ active: true, username, client_id: 'app-1', token_type: 'access_token' })
    expect(known.exp - known.iat).toBe(7200)
    await emulator.control.act('salesforce', 'expire-tokens', { token: body.access_token })
    expect((await form('/services/oauth2/introspect', { token: body.access_token })).body).toEqual({ active: false })
  })

  test('case 5: userinfo and identity refuse a token that ended', async () => {
    const { body } = await token({ grant_type: 'client_credentials', client_id: 'a', client_secret: 's' })
    const identity = new URL(body.id).pathname
    expect((await emulator.raw(identity, { headers: bearer(body.access_token) })).body.username).toBe(username)
    await emulator.control.act('salesforce', 'expire-tokens')
    for (const path of [identity, '/services/oauth2/userinfo']) {
      expect(await emulator.raw(path, { headers: bearer(body.access_token) })).toMatchObject({
        status: 403,
        text: 'Bad_OAuth_Token',
      })
    }
  })
})
