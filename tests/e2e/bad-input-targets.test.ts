/** Targets, connections and the CRM itself: who is reached, with which credentials, and what happens when nobody sensible answers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SECRETS } from '../support/live-project.ts'
import { type Changes, type MistakeProject, mistakeProject } from '../support/mistake-project.ts'
import { stubServer } from '../support/stub-server.ts'

const PROJECT = 'project.yml'
const SALESFORCE_TOKEN = `access_token: "{{ env_var('SF_TEST_TOKEN') }}"`

let project: MistakeProject
beforeAll(async () => {
  project = await mistakeProject()
})
afterAll(() => project.close())

/** The Salesforce connection leads elsewhere; HubSpot stays. */
const address = (url: string): Changes => ({
  [PROJECT]: [[`instance_url: "${project.crmUrl}"`, `instance_url: "${url}"`]],
})

describe('a target', () => {
  test('E-TGT-UNKNOWN: that nobody declared', async () => {
    const told = await project.tell({}, ['run', '-t', 'tset'])
    expect(told).toMatchObject({
      exit: 2,
      requests: 0,
      problems: [{ code: 'E-TGT-UNKNOWN', hint: 'did you mean "test"?' }],
    })
  })

  test('E-TGT-UNREACHABLE: that the connection does not list', async () => {
    const changed = project.change({ [PROJECT]: [['targets:\n', 'targets:\n  lab: {type: duckdb}\n']] })
    const told = await changed.tell('run', '-t', 'lab')
    expect(told).toMatchObject({
      exit: 2,
      requests: 0,
      problems: [
        { code: 'E-TGT-UNREACHABLE', ...project.change({}).at('syncs/accounts.yml', 'salesforce') },
        { code: 'E-TGT-UNREACHABLE', ...project.change({}).at('syncs/companies.yml', 'hubspot') },
      ],
    })
    expect(told.stderr).toContain('help: list the target under the connection')
  })

  test('E-TGT-ORG: that is another organisation than the pinned one', async () => {
    const changed = project.change({
      [PROJECT]: [[SALESFORCE_TOKEN, `${SALESFORCE_TOKEN}, expect: {org_id: 00D000000000XYZ}`]],
    })
    const told = await changed.tell()
    expect(told).toMatchObject({ exit: 3, problems: [{ code: 'E-TGT-ORG', ...changed.at(PROJECT, '{org_id') }] })
    expect(told.problems[0]?.message).toMatch(/reached 00D\w{15} \(\w+\), expected 00D000000000XYZ/)
    expect(told.stderr).toContain('no flag overrides this')
  })

  test.each([
    ['https://evil.example', 'is not an address of Salesforce'],
    ['http://acme.my.salesforce.com', 'must start with https://'],
    ['https://acme.lightning.force.com', 'is for browsers'],
  ])('E-TGT-HOST: %s', async (url, says) => {
    const changed = project.change(address(url))
    const told = await changed.tell()
    expect(told).toMatchObject({
      exit: 2,
      problems: [{ code: 'E-TGT-HOST', file: PROJECT, line: changed.at(PROJECT, url).line }],
    })
    expect(told.problems[0]?.message).toContain(says)
    expect(told.problems[0]?.help).toBeDefined()
  })

  test('E-ENV-MISSING: a variable that is not set', async () => {
    const changed = project.change({ [PROJECT]: [['SF_TEST_TOKEN', 'SF_NO_TOKEN']] })
    const told = await changed.tell()
    expect(told).toMatchObject({
      exit: 2,
      requests: 0,
      problems: [{ code: 'E-ENV-MISSING', ...changed.at(PROJECT, "{{ env_var('SF_NO") }],
    })
    expect(told.stderr).toContain('help: export SF_NO_TOKEN')
  })
})

describe('a CRM', () => {
  const answering = async (
    status: number,
    body: string,
    type = 'text/html',
  ): Promise<{ url: string; close(): Promise<void>; asked(): number }> => {
    const stub = await stubServer((_, out) => {
      out.writeHead(status, { 'content-type': type })
      out.end(body)
    })
    return { url: stub.url, close: stub.close, asked: () => stub.requests.length }
  }

  test('E-CRM-AUTH: a token that it refuses, told once for all syncs of the connection', async () => {
    const refusal = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]
    await project.control.addFault([
      { match: { crm: 'salesforce' }, action: { status: 401, body: refusal } },
      {
        match: { crm: 'hubspot' },
        action: {
          status: 401,
          body: { status: 'error', category: 'INVALID_AUTHENTICATION', message: SECRETS.HS_TEST_TOKEN },
        },
      },
    ])
    const second = project.change({})
    const told = await project.tell({ 'syncs/more.yml': moreSync() })
    await project.control.clearFaults()
    expect(told).toMatchObject({
      exit: 2,
      problems: [
        { code: 'E-CRM-AUTH', ...second.at(PROJECT, `"{{ env_var('SF_TEST`) },
        { code: 'E-CRM-AUTH', ...second.at(PROJECT, `"{{ env_var('HS_TEST`) },
      ],
    })
    expect(told.stderr).toContain('INVALID_SESSION_ID')
    expect(told.stderr).toContain('help: check that the token is complete')
  })

  test('E-CRM-UNREACHABLE: nobody listens', async () => {
    const stub = await answering(200, '')
    await stub.close()
    const changed = project.change(address(stub.url))
    const told = await changed.tell()
    expect(told).toMatchObject({
      exit: 75,
      problems: [{ code: 'E-CRM-UNREACHABLE', ...changed.at(PROJECT, `"${stub.url}"`) }],
    })
    expect(told.problems[0]?.message).toContain('ECONNREFUSED')
    expect(told.problems[0]?.help).toContain('check the address')
  })

  test.each([
    ['E-CRM-ANSWER', 200, 2, 'status 200 without JSON', 'login pages answer like this'],
    ['E-CRM-ANSWER', 404, 2, 'status 404', 'check the address'],
    ['E-CRM-UNAVAILABLE', 503, 75, 'answered 503', 'run again later'],
  ])('%s: HTML with status %i', async (code, status, exit, says, instead) => {
    const stub = await answering(status, '<html><body>Zanzibar Widgets: sign in</body></html>')
    const changed = project.change(address(stub.url))
    const told = await changed.tell()
    expect(stub.asked()).toBeGreaterThan(0)
    await stub.close()
    expect(told).toMatchObject({ exit, problems: [{ code, file: PROJECT }] })
    expect(told.problems[0]?.message).toContain(says)
    expect(told.problems[0]?.help).toContain(instead)
  })

  test('E-CRM-QUOTA: the daily limit is used up', async () => {
    const refusal = [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]
    await project.control.addFault({ match: { crm: 'salesforce' }, action: { status: 403, body: refusal } })
    const told = await project.tell({})
    await project.control.clearFaults()
    expect(told).toMatchObject({ exit: 75, problems: [{ code: 'E-CRM-QUOTA', file: PROJECT }] })
    expect(told.stderr).toContain('help: run again when earlier calls have dropped out of the count')
  })
})

/** A second sync of the Salesforce connection. */
function moreSync(): string {
  return `version: 1
syncs:
  - name: tiers
    model: ref('accounts')
    primary_key: customer_id
    destination: {connection: salesforce, object: Account}
    mode: update
    match: {field: Customer_Id__c, from: customer_id, strategy: external_id}
    fields:
      - {to: Tier__c, from: segment}
`
}

describe('a command line', () => {
  test.each([
    ['E-CLI-SELECT', ['run', '-s', 'acounts'], 'no resource matches "acounts"', 'did you mean "accounts"?'],
    ['E-CLI-OPTION', ['run', '--alow', 'creates=2'], 'unknown option', 'backfeed run --help'],
    ['E-CLI-OPTION', ['run', '--allow', 'creates=2'], '--allow needs --reason', '--allow creates=2000 --reason'],
    [
      'E-CLI-OPTION',
      ['run', '--allow', 'crates=2', '--reason', 'x'],
      'unknown guard "crates"',
      'did you mean "creates"?',
    ],
    [
      'E-CLI-OPTION',
      ['run', '--allow', 'creates=many', '--reason', 'x'],
      '"many" is not a number of rows',
      '--allow creates=2000',
    ],
    ['E-CLI-OPTION', ['run', '--reason', 'x'], '--reason without --allow has no effect', '--allow'],
  ])('%s: %j', async (code, argv, says, instead) => {
    const told = await project.tell({}, argv)
    expect(told).toMatchObject({ exit: 2, requests: 0, problems: [{ code }] })
    const [problem] = told.problems
    expect(problem?.message).toContain(says)
    expect(`${problem?.hint} ${problem?.help}`).toContain(instead)
  })
})
