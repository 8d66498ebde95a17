import { expect, test } from 'vitest'
import type { OrgIdentity } from '../../../runner/destination/destination.ts'
import type { Connection, ConnectionTarget, ExpectedOrg } from '../../../runner/project/project.ts'
import { refuseOtherOrg } from '../../../runner/sync/refuse-other-org.ts'

const at = { file: 'project.yml', line: 1, column: 1 }
const connection: Connection = { name: 'crm', type: 'salesforce', targets: new Map(), at }

function refusal(expect: ExpectedOrg | undefined, org: Partial<OrgIdentity>): unknown {
  const target: ConnectionTarget = { emulator: true, ...(expect && { expect }) }
  try {
    refuseOtherOrg(connection, target, { orgId: '00D5g000000AbCdEAK', environment: 'production', label: '', ...org })
    return undefined
  } catch (error) {
    return error
  }
}

test.each<[string, ExpectedOrg | undefined, Partial<OrgIdentity>]>([
  ['nothing is pinned', undefined, {}],
  ['the same 18 characters', { orgId: '00D5g000000AbCdEAK' }, {}],
  ['its 15 characters', { orgId: '00D5g000000AbCd' }, {}],
  ['15 characters of the org, 18 in the pin', { orgId: '00D5g000000AbCdEAK' }, { orgId: '00D5g000000AbCd' }],
  ['a portal of HubSpot', { orgId: '123' }, { orgId: '123' }],
  ['the emulator where a sandbox is wanted', { isSandbox: true }, { environment: 'emulator' }],
  ['a sandbox of that id', { orgId: '00D5g000000AbCd', isSandbox: true }, { environment: 'sandbox' }],
])('passes: %s', (_, pinned, org) => {
  expect(refusal(pinned, org)).toBeUndefined()
})

test.each<[string, ExpectedOrg, Partial<OrgIdentity>, string]>([
  ['another org', { orgId: '00D5g000000ZZZZ' }, {}, 'correct the credentials'],
  ['an id that differs in case only', { orgId: '00D5g000000abcd' }, {}, 'correct the credentials'],
  ['a sandbox with another id', { orgId: '00D5g000000ZZZZ' }, { environment: 'sandbox' }, 'refreshed has a new id'],
  ['production where a sandbox is expected', { isSandbox: true }, {}, 'this is production'],
  ['a sandbox where production is expected', { isSandbox: false }, { environment: 'sandbox' }, 'this is a sandbox'],
  ['the emulator where production is expected', { isSandbox: false }, { environment: 'emulator' }, 'the emulator'],
  ['another portal', { orgId: '123' }, { orgId: '1234' }, 'correct the credentials'],
])('F79 refuses %s, with exit code 3', (_, pinned, org, help) => {
  expect(refusal(pinned, org)).toMatchObject({
    code: 'E-TGT-ORG',
    exitCode: 3,
    problems: [{ help: expect.stringContaining(help) }],
  })
})
