import { createVerify, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Destination } from '../../../runner/destination/destination.ts'
import { NEVER, openForTest, realTarget } from '../../support/open-for-test.ts'
import { json, type StubServer, stubServer } from '../../support/stub-server.ts'

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const EXPIRED = [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]
const saved = [{ id: '001000000000001AAA', success: true, errors: [] }]
const change = { changeId: 'c1', body: '{"id":"001000000000001AAA"}' }

let server: StubServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

interface TokenAnswer {
  status: number
  body: unknown
}

/** A token endpoint, and an org that takes only the token `good-<n>` of the n-th login that is wanted. */
async function org(
  wanted: number,
  answer?: (count: number) => TokenAnswer,
): Promise<{ url: string; forms: () => Record<string, string>[] }> {
  let count = 0
  const running = await stubServer((incoming, out) => {
    if (incoming.path !== '/services/oauth2/token') {
      return incoming.headers.authorization === `Bearer good-${wanted}`
        ? json(out, 200, saved)
        : json(out, 401, EXPIRED)
    }
    count += 1
    const given = answer?.(count) ?? { status: 200, body: { access_token: `good-${count}`, instance_url: running.url } }
    json(out, given.status, given.body)
  })
  server = running
  const forms = (): Record<string, string>[] =>
    running.requests
      .filter(({ path }) => path === '/services/oauth2/token')
      .map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
  return { url: running.url, forms }
}

const open = (auth: string, settings: Record<string, string>): Promise<Destination> =>
  openForTest({ type: 'salesforce', target: realTarget(auth, settings) })

const write = async (destination: Destination): Promise<string | undefined> =>
  (await destination.write({ object: 'Account', path: 'update', changes: [change] }, NEVER)).outcomes[0]?.status

const jwt = (settings: Record<string, string>): Record<string, string> => ({
  client_id: 'app',
  username: 'integration@acme.example',
  private_key: rsa.privateKey,
  ...settings,
})

function claimsOf(assertion: string): Record<string, unknown> {
  const [header = '', payload = '', signature = ''] = assertion.split('.')
  expect(createVerify('RSA-SHA256').update(`${header}.${payload}`).verify(rsa.publicKey, signature, 'base64url')).toBe(
    true,
  )
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'RS256', typ: 'JWT' })
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
}

describe('the JWT login', () => {
  test('signs who, for whom and until when; the org can check it with the certificate', async () => {
    const { url, forms } = await org(1)
    expect(await write(await open('jwt_bearer', jwt({ login_url: url })))).toBe('succeeded')
    const [form] = forms()
    expect(form?.grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const claims = claimsOf(form?.assertion ?? '')
    expect(claims).toMatchObject({ iss: 'app', sub: 'integration@acme.example', aud: url })
    const secondsLeft = Number(claims.exp) - Date.now() / 1000
    expect(secondsLeft).toBeGreaterThan(60)
    expect(secondsLeft).toBeLessThan(180)
  })

  test('every renewal has an assertion of its own, since there is no refresh token', async () => {
    const { url, forms } = await org(2)
    expect(await write(await open('jwt_bearer', jwt({ login_url: url })))).toBe('succeeded')
    expect(forms()).toHaveLength(2)
    for (const { assertion = '' } of forms()) claimsOf(assertion)
  })

  test('takes the key from a file, or on one line of the environment, and another audience', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'backfeed-key-'))
    const file = join(folder, 'app.key')
    writeFileSync(file, rsa.privateKey, { mode: 0o600 })
    const { private_key: _, ...rest } = jwt({})
    const first = await org(1)
    expect(await write(await open('jwt_bearer', { ...rest, private_key_file: file, login_url: first.url }))).toBe(
      'succeeded',
    )
    await server?.close()
    const second = await org(1)
    const oneLine = rsa.privateKey.replaceAll('\n', '\\n')
    const audience = 'https://test.salesforce.com'
    await write(await open('jwt_bearer', jwt({ private_key: oneLine, login_url: second.url, audience })))
    expect(claimsOf(second.forms()[0]?.assertion ?? '').aud).toBe(audience)
    rmSync(folder, { recursive: true })
  })

  const ec = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const locked = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' },
  })
  test.each([
    ['any text', 'hunter2-is-no-key', 'is not a private key'],
    ['a key that was cut', rsa.privateKey.slice(0, 400), 'is not a private key'],
    ['the public key', rsa.publicKey, 'public key'],
    ['a protected key', locked.privateKey, 'passphrase'],
    ['a key of another kind', ec.privateKey, 'type ec'],
  ])('%s instead of the key: says so before any request and never shows it', async (_, given, said) => {
    const failure: unknown = await open(
      'jwt_bearer',
      jwt({ private_key: given, instance_url: 'https://acme.my.salesforce.com' }),
    ).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'E-CFG-KEY', exitCode: 2 })
    expect(String(failure)).toContain(said)
    for (const secret of given.split('\n').filter((line) => line !== '' && !line.startsWith('---'))) {
      expect(JSON.stringify(failure) + String((failure as Error).stack)).not.toContain(secret)
    }
  })

  test('a key file that is not there is named by its setting', async () => {
    const { private_key: _, ...rest } = jwt({ instance_url: 'https://acme.my.salesforce.com' })
    const opening = open('jwt_bearer', { ...rest, private_key_file: '/nowhere/app.key' })
    await expect(opening).rejects.toMatchObject({ code: 'E-CFG-KEY', message: expect.stringContaining('ENOENT') })
  })
})

describe('the refresh token', () => {
  test('is exchanged for a session, with the secret only when there is one', async () => {
    const { url, forms } = await org(2)
    await write(await open('refresh_token', { login_url: url, client_id: 'app', refresh_token: 'r-1' }))
    expect(forms()).toEqual(Array(2).fill({ grant_type: 'refresh_token', client_id: 'app', refresh_token: 'r-1' }))
  })

  test('that the org replaced is used from then on', async () => {
    const { url, forms } = await org(2, (count) => ({
      status: 200,
      body: { access_token: `good-${count}`, instance_url: server?.url, refresh_token: `r-${count + 1}` },
    }))
    const settings = { login_url: url, client_id: 'app', client_secret: 'shh', refresh_token: 'r-1' }
    expect(await write(await open('refresh_token', settings))).toBe('succeeded')
    expect(forms().map((form) => form.refresh_token)).toEqual(['r-1', 'r-2'])
    expect(forms()[0]).toMatchObject({ client_secret: 'shh' })
  })
})

test('beside a login_url, the instance_url says where the login must lead', async () => {
  const { url } = await org(2)
  const settings = { login_url: url, client_id: 'app', client_secret: 'shh' }
  const elsewhere = await open('client_credentials', { ...settings, instance_url: 'https://other.my.salesforce.com' })
  await expect(write(elsewhere)).rejects.toMatchObject({ code: 'E-TGT-HOST' })
  expect(await write(await open('client_credentials', { ...settings, instance_url: `${url}/` }))).toBe('succeeded')
})

describe('a login that is refused', () => {
  test.each([
    ['invalid_grant', "user hasn't approved this consumer", 'approval', 'permission set'],
    ['invalid_grant', 'invalid assertion', 'signature', 'certificate'],
    ['invalid_grant', 'audience is invalid', 'audience', 'login_url'],
    ['invalid_grant', 'expired access/refresh token', 'refresh token', 'authorise'],
    ['invalid_grant', 'request not supported on this domain', 'flow', 'my.salesforce.com'],
    ['invalid_grant', 'authentication failure', 'login server', 'login_url'],
    ['invalid_client_id', 'client identifier invalid', 'consumer key', 'ten minutes'],
    ['invalid_client', 'invalid client credentials', 'secret', 'client_secret'],
    ['inactive_user', 'user is inactive', 'deactivated', 'activate'],
    ['inactive_org', 'org XY is locked', 'locked', 'administrator'],
    ['app_not_found', 'External client app is not installed', 'not installed', 'administrator'],
  ])('%s (%s) says what it means and what to do', async (error, error_description, means, help) => {
    const { url } = await org(1, () => ({ status: 400, body: { error, error_description } }))
    const destination = await open('client_credentials', { login_url: url, client_id: 'app', client_secret: 'shh' })
    const failure: unknown = await destination.identify(NEVER).catch((reason: unknown) => reason)
    expect(failure).toMatchObject({
      code: 'E-CRM-AUTH',
      exitCode: 2,
      problems: [{ message: expect.stringContaining(error), help: expect.stringContaining(help) }],
    })
    expect(String(failure)).toContain(means)
    expect(String(failure)).not.toContain(error_description)
  })

  test.each([
    [503, '<html>maintenance</html>', 'E-CRM-UNAVAILABLE', 75],
    [200, '<html>log in</html>', 'E-CRM-ANSWER', 2],
    [302, '', 'E-CRM-ANSWER', 2],
  ])('a login server that answers %i %s', async (status, body, code, exitCode) => {
    server = await stubServer((_, out) => {
      out.writeHead(status, { 'content-type': 'text/html', location: 'https://elsewhere.example' })
      out.end(body)
    })
    const settings = { login_url: server.url, client_id: 'app', client_secret: 'shh' }
    await expect((await open('client_credentials', settings)).identify(NEVER)).rejects.toMatchObject({ code, exitCode })
  })
})
