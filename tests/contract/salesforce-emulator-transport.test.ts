import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { useEmulator } from './emulator-support.ts'

const emulator = useEmulator()
const TOKEN = '/services/oauth2/token'
const token = (fields: Record<string, string>, headers = {}) =>
  emulator.raw(TOKEN, { method: 'POST', body: new URLSearchParams(fields).toString(), headers })

describe('tokens', () => {
  const JWT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  const client = { client_id: 'app', client_secret: 's' }

  test('client credentials, refresh token and JWT bearer are granted in the usual shape', async () => {
    const grants = [
      { grant_type: 'client_credentials', ...client },
      { grant_type: 'refresh_token', client_id: 'app', refresh_token: 'r' },
      { grant_type: JWT, assertion: 'a.b.c' },
    ]
    for (const fields of grants) {
      const { status, body } = await token(fields)
      expect(status).toBe(200)
      expect(Object.keys(body).sort()).toEqual([
        'access_token',
        'id',
        'instance_url',
        'issued_at',
        'scope',
        'signature',
        'token_type',
      ])
      expect(body).toMatchObject({
        instance_url: emulator.url,
        token_type: 'Bearer',
        issued_at: expect.stringMatching(/^\d{13}$/),
      })
      expect(body.access_token).toMatch(/^00D[0-9A-Za-z]{12}!/)
      expect(body.id).toMatch(/\/id\/00D.{15}\/005.{15}$/)
    }
  })

  test('the client may come as basic authentication', async () => {
    expect((await token({ grant_type: 'client_credentials' }, { authorization: 'Basic YTpi' })).status).toBe(200)
  })

  const refused: [what: string, fields: Record<string, string>, error: string][] = [
    ['a password', { grant_type: 'password', ...client, username: 'u', password: 'p' }, 'invalid_grant'],
    ['no secret', { grant_type: 'client_credentials', client_id: 'app' }, 'invalid_client'],
    ['no client', { grant_type: 'client_credentials' }, 'invalid_client_id'],
    ['no refresh token', { grant_type: 'refresh_token', client_id: 'app' }, 'invalid_grant'],
    ['an assertion that is none', { grant_type: JWT, assertion: 'abc' }, 'invalid_grant'],
    ['another grant', { grant_type: 'magic' }, 'unsupported_grant_type'],
    ['nothing', {}, 'unsupported_grant_type'],
  ]
  test.each(refused)('%s is refused', async (_what, fields, error) => {
    expect(await token(fields)).toMatchObject({ status: 400, body: { error, error_description: expect.any(String) } })
  })

  test('who am I: userinfo and the identity address agree', async () => {
    const { body } = await token({ grant_type: 'client_credentials', ...client })
    const headers = { authorization: `Bearer ${body.access_token}` }
    const info = (await emulator.raw('/services/oauth2/userinfo', { headers })).body
    const identity = (await emulator.raw(new URL(body.id).pathname, { headers })).body
    expect(identity).toMatchObject({
      user_id: info.user_id,
      organization_id: info.organization_id,
      username: info.preferred_username,
    })
    const user = (await emulator.api(`/sobjects/User/${info.user_id}`)).body
    expect(user.Username).toBe(info.preferred_username)
    expect((await emulator.raw('/services/oauth2/userinfo')).status).toBe(403)
  })
})

describe('every call', () => {
  test('the list of versions needs no token and is not counted', async () => {
    const answer = await emulator.raw('/services/data')
    expect(answer.body[0]).toEqual({ label: "Spring '24", url: '/services/data/v60.0', version: '60.0' })
    expect(answer.body.map((one: { version: string }) => one.version)).toEqual([
      '60.0',
      '61.0',
      '62.0',
      '63.0',
      '64.0',
      '65.0',
      '66.0',
      '67.0',
      '68.0',
    ])
    expect(answer.body[6].label).toBe("Spring '26")
    expect(answer.headers.get('sforce-limit-info')).toBe(null)
  })

  test('without a token: 401 and nothing is done', async () => {
    for (const headers of [{}, { authorization: 'Bearer ' }, { authorization: 'Basic YTpi' }]) {
      const answer = await emulator.raw('/services/data/v66.0/sobjects/Account', {
        method: 'POST',
        body: { Name: 'x' },
        headers,
      })
      expect(answer).toMatchObject({
        status: 401,
        body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
      })
    }
    expect(await emulator.control.records('salesforce', 'Account')).toEqual([])
  })

  test('the usage header is on every answer, errors too, and grows by one', async () => {
    const used = async (path: string) => (await emulator.api(path)).headers.get('sforce-limit-info')
    expect(await used('/limits')).toBe('api-usage=1/100000')
    expect(await used('/sobjects/Nope/describe')).toBe('api-usage=2/100000')
    expect(await used('/query?q=broken')).toBe('api-usage=3/100000')
  })

  test('slashes are forgiven: doubled ones, one at the end', async () => {
    const headers = { authorization: 'Bearer x' }
    for (const path of ['//services/data/v66.0/limits', '/services/data/v66.0//limits/', '/services//data']) {
      expect((await emulator.raw(path, { headers })).status).toBe(200)
    }
  })

  test('old versions are gone, later ones and other paths are not there', async () => {
    const headers = { authorization: 'Bearer x' }
    const status = async (path: string) => (await emulator.raw(path, { headers })).status
    expect(await status('/services/data/v30.0/limits')).toBe(410)
    expect(await status('/services/data/v21.0')).toBe(410)
    expect(await status('/services/data/v51.0/limits')).toBe(200)
    expect(await status('/services/data/v69.0/limits')).toBe(404)
    expect(await status('/services/data/66.0/limits')).toBe(404)
    expect(await emulator.api('/nope')).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] })
    expect(await emulator.api('/limits', { method: 'PUT' })).toMatchObject({
      status: 405,
      body: [{ errorCode: 'METHOD_NOT_ALLOWED' }],
    })
    expect(await status('/services/apexrest/x')).toBe(404)
  })

  test('an address beyond 16,384 bytes is 414', async () => {
    const fits = await emulator.api(`/query?q=${'x'.repeat(16_000)}`)
    expect(fits.status).toBe(400)
    expect((await emulator.api(`/query?q=${'x'.repeat(17_000)}`)).status).toBe(414)
  })

  test('long answers are compressed for those who ask, and the same after', async () => {
    const path = `${emulator.url}/services/data/v66.0/sobjects/Account/describe`
    const plain = await bytes(path, {})
    const zipped = await bytes(path, { 'accept-encoding': 'gzip' })
    expect(plain.encoding).toBe(undefined)
    expect(zipped.encoding).toBe('gzip')
    expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true)
  })

  test('a day of calls is limited and starts anew with the clock', async () => {
    const used = async () => (await emulator.api('/limits')).body.DailyApiRequests.Remaining
    expect(await used()).toBe(99_999)
    expect(await used()).toBe(99_998)
    await emulator.control.advanceClock(86_400_000)
    expect(await used()).toBe(99_999)
  })

  test('record counts of several objects in one call', async () => {
    await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'a' }, { Name: 'b' }])
    const answer = await emulator.api('/limits/recordCount?sObjects=account,Contact')
    expect(answer.body).toEqual({
      sObjects: [
        { count: 2, name: 'Account' },
        { count: 0, name: 'Contact' },
      ],
    })
  })
})

describe('describe', () => {
  test('every field has every key of a real one', async () => {
    const { fields } = (await emulator.api('/sobjects/Account/describe')).body
    for (const field of fields) {
      expect(Object.keys(field).sort()).toEqual(FIELD_KEYS)
      if (field.type === 'string') expect(field).toMatchObject({ byteLength: field.length * 3, soapType: 'xsd:string' })
    }
  })

  test('the asymmetries that mappings stumble over', async () => {
    const field = async (object: string, name: string) => {
      const { fields } = (await emulator.api(`/sobjects/${object}/describe`)).body
      return fields.find((one: { name: string }) => one.name === name)
    }
    expect(await field('Lead', 'IsConverted')).toMatchObject({ createable: true, updateable: false })
    expect(await field('Lead', 'EmailBouncedReason')).toMatchObject({ createable: false, updateable: true })
    expect(await field('Opportunity', 'ContactId')).toMatchObject({ createable: true, updateable: false })
    expect(await field('Contact', 'Name')).toMatchObject({ createable: false, updateable: false, nameField: true })
    expect(await field('Contact', 'Email')).toMatchObject({
      idLookup: true,
      unique: false,
      externalId: false,
      length: 80,
    })
    expect(await field('Account', 'Name')).toMatchObject({ idLookup: false, nillable: false, defaultedOnCreate: false })
    expect(await field('Account', 'NumberOfEmployees')).toMatchObject({ type: 'int', digits: 8 })
    expect(await field('Case', 'CaseNumber')).toMatchObject({ autoNumber: true, createable: false, idLookup: true })
    expect(await field('Account', 'OwnerId')).toMatchObject({ referenceTo: ['User'], relationshipName: 'Owner' })
  })

  test('required on create is what the platform requires', async () => {
    const required = async (object: string) => {
      const { fields } = (await emulator.api(`/sobjects/${object}/describe`)).body
      return fields
        .filter((f: Record<string, boolean>) => !f.nillable && !f.defaultedOnCreate && f.createable)
        .map((f: { name: string }) => f.name)
    }
    expect(await required('Account')).toEqual(['Name'])
    expect(await required('Contact')).toEqual(['LastName'])
    expect(await required('Lead')).toEqual(['LastName', 'Company'])
    expect(await required('Opportunity')).toEqual(['Name', 'StageName', 'CloseDate'])
    expect(await required('Case')).toEqual([])
  })
})

const FIELD_KEYS = [
  'aggregatable',
  'aiPredictionField',
  'autoNumber',
  'byteLength',
  'calculated',
  'calculatedFormula',
  'cascadeDelete',
  'caseSensitive',
  'compoundFieldName',
  'controllerName',
  'createable',
  'custom',
  'defaultValue',
  'defaultValueFormula',
  'defaultedOnCreate',
  'dependentPicklist',
  'deprecatedAndHidden',
  'digits',
  'displayLocationInDecimal',
  'encrypted',
  'externalId',
  'extraTypeInfo',
  'filterable',
  'filteredLookupInfo',
  'formulaTreatNullNumberAsZero',
  'groupable',
  'highScaleNumber',
  'htmlFormatted',
  'idLookup',
  'inlineHelpText',
  'label',
  'length',
  'mask',
  'maskType',
  'name',
  'nameField',
  'namePointing',
  'nillable',
  'permissionable',
  'picklistValues',
  'polymorphicForeignKey',
  'precision',
  'queryByDistance',
  'referenceTargetField',
  'referenceTo',
  'relationshipName',
  'relationshipOrder',
  'restrictedDelete',
  'restrictedPicklist',
  'scale',
  'searchPrefilterable',
  'soapType',
  'sortable',
  'type',
  'unique',
  'updateable',
  'writeRequiresMasterRead',
].sort()

// fetch inflates by itself; this shows what was on the wire.
function bytes(url: string, headers: Record<string, string>): Promise<{ encoding: string | undefined; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers: { authorization: 'Bearer x', ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(chunks) }))
    })
    call.on('error', reject)
    call.end()
  })
}
