/** A Salesforce connection from project.yml to the org: logins, the pinned org, limits and budget, and what each failure ends in. */
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { CUSTOMERS, smallSync } from '../promises/small-sync.ts'
import { type LiveProject, projectYaml } from '../support/live-project.ts'
import { stubServer } from '../support/stub-server.ts'

const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

let project: LiveProject
afterEach(() => project.close())

/** One row per request, so that a run can end between two of them. */
const ONE_BY_ONE = ['guards: {max_creates: 100%}']

const open = async (limits = ''): Promise<void> => {
  const more = [...ONE_BY_ONE, `limits: {batch_size: 1, concurrency: 1${limits}}`]
  project = await smallSync(CUSTOMERS, { more })
}

/** The login of Salesforce, as lines of flow YAML. */
function loginWith(entry: string): void {
  const text = projectYaml(project.crmUrl)
  const line = /test: \{auth: access_token, .*\}/.exec(text)?.[0] ?? ''
  project.write('project.yml', text.replace(line, `test: {${entry}}`))
}

const token = (): string =>
  `auth: access_token, instance_url: "${project.crmUrl}", access_token: "{{ env_var('SF_TEST_TOKEN') }}"`
const accounts = () => project.control.records('salesforce', 'Account')

describe('the JWT login', () => {
  const jwt = async (publicKey: string): Promise<void> => {
    await open()
    const app = { client_id: 'backfeed-app', public_key: publicKey }
    await project.control.putPolicies('salesforce', { auth: { require_issued_tokens: true, apps: [app] } })
    project.write('secrets/app.key', rsa.privateKey)
    const user = 'api@emulator.example'
    loginWith(
      `auth: jwt_bearer, client_id: backfeed-app, username: ${user}, private_key_file: secrets/app.key, login_url: "${project.crmUrl}"`,
    )
  }

  test('with a registered key runs, and the session that ends in the middle is renewed with one assertion', async () => {
    await jwt(rsa.publicKey)
    const usernames = await project.control.records('salesforce', 'User')
    const username = String(usernames.find(({ Username }) => String(Username).includes('@'))?.Username)
    project.write('project.yml', projectText().replace('api@emulator.example', username))
    const ended = [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]
    const action = { status: 401, body: ended }
    await project.control.addFault([{ match: { crm: 'salesforce', path: '/composite.sobjects/', nth: 2 }, action }])
    const told = await project.cli('run')
    expect(told.stderr).not.toContain('E-CRM')
    expect(told.exit).toBe(0)
    expect(await accounts()).toHaveLength(3)
    const logins = (await project.control.journal()).filter(({ path }) => path === '/services/oauth2/token')
    expect(logins).toHaveLength(2)
  })

  test('with a key the org does not know ends with what to do, exit 2, and shows no key', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' })
    await jwt(String(other))
    const told = await project.cli('run')
    expect(told.exit).toBe(2)
    expect(told.stderr).toContain('E-CRM-AUTH')
    expect(told.stderr).toContain('invalid_grant')
    expect(told.stderr).toContain('certificate that the app holds')
    expect(told.stderr + told.stdout).not.toContain(rsa.privateKey.split('\n')[1])
  })

  function projectText(): string {
    const user = 'api@emulator.example'
    const entry = `auth: jwt_bearer, client_id: backfeed-app, username: ${user}, private_key_file: secrets/app.key, login_url: "${project.crmUrl}"`
    return projectYaml(project.crmUrl).replace(/test: \{auth: access_token, .*\}/, `test: {${entry}}`)
  }
})

describe('a token', () => {
  test('that was revoked ends the run with exit 2 and nothing written', async () => {
    await open()
    await project.control.putPolicies('salesforce', { auth: { require_issued_tokens: true } })
    const told = await project.cli('run')
    expect(told.exit).toBe(2)
    expect(told.stderr).toContain('E-CRM-AUTH')
    expect(told.stderr).toContain('project.yml:')
    expect(await accounts()).toEqual([])
  })
})

describe('the pinned org', () => {
  test.each([
    ['is_sandbox: true', false, 'this is production'],
    ['is_sandbox: false', true, 'this is a sandbox'],
    ['org_id: 00D000000000XYZ', true, 'expected 00D000000000XYZ'],
  ])('expect: {%s} is refused with exit 3 before the first write', async (pin, isSandbox, said) => {
    await open()
    const org = { Id: '00D5g000000AbCdEAK', Name: 'Acme', IsSandbox: isSandbox }
    const answer = { status: 200, body: { totalSize: 1, done: true, records: [org] } }
    await project.control.addFault([{ match: { crm: 'salesforce', path: '/Organization/' }, action: answer }])
    loginWith(`${token()}, expect: {${pin}}`)
    const told = await project.cli('run')
    expect(told.exit).toBe(3)
    expect(told.stderr).toContain('E-TGT-ORG')
    expect(told.stderr).toContain(said)
    expect(await project.takeWrites()).toEqual([])
  })

  test('passes by its 15 characters', async () => {
    await open()
    const [org] = await project.control.records('salesforce', 'Organization')
    loginWith(`${token()}, expect: {org_id: ${String(org?.Id).slice(0, 15)}, is_sandbox: true}`)
    expect((await project.cli('run')).exit).toBe(0)
  })
})

describe('an API version', () => {
  test('the org does not have ends with exit 2, the place in project.yml, and the versions it has', async () => {
    await open()
    loginWith(`${token()}, api_version: "99.0"`)
    const told = await project.cli('plan')
    expect(told.exit).toBe(2)
    expect(told.stderr).toMatch(
      /E-CRM-VERSION {2}project\.yml:\d+:\d+ {2}Salesforce at .* has no API version 99\.0; it has \d\d\.0 to \d\d\.0/,
    )
  })
})

describe('the calls of the day', () => {
  test('F40 used up in the middle: exit 75, what was sent is recorded, the rest stays planned and goes later', async () => {
    await open(', daily_api_budget: 100%')
    await project.control.putPolicies('salesforce', { limits: { daily_api_requests: 1000, used: 0 } })
    await project.cli('plan')
    const usedByPlan = 1000 - (await remaining())
    await project.control.putPolicies('salesforce', { limits: { used: 1000 - usedByPlan - 1 } })
    const told = await project.cli('run')
    expect(told.exit).toBe(75)
    expect(told.stderr).toContain('E-CRM-QUOTA')
    expect(told.stderr).toContain('the calls of the last 24 hours are used up')
    expect(await accounts()).toHaveLength(1)
    await project.control.putPolicies('salesforce', { limits: { used: 0 } })
    expect((await project.cli('run')).exit).toBe(0)
    expect(await accounts()).toHaveLength(3)
  })

  test('a budget: the call beyond it is not made, exit 75, and a raised one finishes without a duplicate', async () => {
    await open(', daily_api_budget: 400')
    await project.control.putPolicies('salesforce', { limits: { daily_api_requests: 1000, used: 0 } })
    await project.cli('plan')
    const usedByPlan = 1000 - (await remaining())
    await project.control.putPolicies('salesforce', { limits: { used: 400 - usedByPlan - 2 } })
    const told = await project.cli('run')
    expect(told.exit).toBe(75)
    expect(told.stderr).toContain('E-CRM-QUOTA')
    expect(told.stderr).toContain(
      '400 of 1000 API calls of the last 24 hours are used, and daily_api_budget 400 ends at 400',
    )
    expect(told.stderr).toContain('raise limits.daily_api_budget')
    expect(await accounts()).toHaveLength(2)
    await project.control.putPolicies('salesforce', { limits: { used: 0 } })
    expect((await project.cli('run')).exit).toBe(0)
    expect(await accounts()).toHaveLength(3)
  })

  test('a plan shows them, refuses nothing, and says when the run would not fit', async () => {
    await open(', daily_api_budget: 40%')
    await project.control.putPolicies('salesforce', { limits: { daily_api_requests: 100, used: 30 } })
    const roomy = await project.cli('plan')
    expect(roomy.exit).toBe(0)
    expect(roomy.stdout).toMatch(
      /API calls of the org: \d+ of 100 used in 24 hours, \d left for this sync, which stops at 40 \(daily_api_budget\)/,
    )
    expect(roomy.stdout).not.toContain('API calls are needed')
    await project.control.putPolicies('salesforce', { limits: { used: 34 } })
    const tight = await project.cli('plan')
    expect(tight.exit).toBe(0)
    expect(tight.stdout).toMatch(/warning: \d API calls are needed and \d are left within daily_api_budget/)
  })
})

describe('faults on the way', () => {
  test('HTML with 503 on every call: exit 75 before anything is written', async () => {
    await open()
    const stub = await stubServer((_, out) => {
      out.writeHead(503, { 'content-type': 'text/html' })
      out.end('<html>maintenance</html>')
    })
    loginWith(token().replace(project.crmUrl, stub.url))
    const told = await project.cli('run')
    await stub.close()
    expect(told.exit).toBe(75)
    expect(told.stderr).toContain('E-CRM-UNAVAILABLE')
    expect(told.stderr).not.toContain('maintenance')
  })

  test('HTML with 503 on a write: the row is unknown, the other rows go on, exit 5', async () => {
    await open()
    const html = { status: 503, body: '<html>maintenance</html>', headers: { 'content-type': 'text/html' } }
    await project.control.addFault([
      { match: { crm: 'salesforce', path: '/composite.sobjects/', nth: 1 }, action: html },
    ])
    const told = await project.cli('run')
    expect(told.exit).toBe(5)
    expect(await accounts()).toHaveLength(2)
    expect(told.stderr + told.stdout).not.toContain('maintenance')
  })

  test('F43 a permission taken away in the middle: every row would meet it, so the run stops, exit 1', async () => {
    await open()
    const refusal = [{ errorCode: 'INVALID_TYPE', message: "sObject type 'Account' is not supported." }]
    await project.control.addFault([
      { match: { crm: 'salesforce', path: '/composite.sobjects/' }, action: { status: 400, body: refusal } },
    ])
    const told = await project.cli('run')
    expect(told.exit).toBe(1)
    expect(told.stderr).toContain('E-CRM-MAPPING')
    expect(told.stderr).toContain('INVALID_TYPE')
    expect(await project.takeWrites()).toHaveLength(1)
    await project.control.clearFaults()
    expect((await project.cli('run')).exit).toBe(0)
    expect(await accounts()).toHaveLength(3)
  })
})

describe('debug', () => {
  test('shows org, environment, version, calls and what the login may do with each mapped object', async () => {
    await open()
    const told = await project.cli('debug')
    expect(told.exit).toBe(0)
    expect(told.stdout).toMatch(/salesforce salesforce: login +\[OK\] .* \(00D\w{15}\), sandbox, API 66\.0/)
    expect(told.stdout).toMatch(/salesforce salesforce: API calls +\[OK\] \d+ of 100,000 used in 24 hours/)
    expect(told.stdout).toMatch(/salesforce salesforce: Account +\[OK\] may read, create, update, delete/)
    await project.control.putPolicies('salesforce', { objects: { Account: { permissions: { create: false } } } })
    const lacking = await project.cli('debug')
    expect(lacking.exit).toBe(2)
    expect(lacking.stdout).toContain('the login may not create Account records')
    expect(lacking.stderr).toContain('permission set of the integration user')
  })
})

async function remaining(): Promise<number> {
  const answer = await fetch(`${project.crmUrl}/services/data/v66.0/limits`, { headers: { authorization: 'Bearer t' } })
  const limits = (await answer.json()) as { DailyApiRequests: { Remaining: number } }
  return limits.DailyApiRequests.Remaining + 1
}
