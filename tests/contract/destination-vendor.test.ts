/** What only one of the CRMs has. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CrmRecord, Destination, ReadRequest } from '../../runner/destination/destination.ts'
import { startTestEmulator, type TestEmulator } from '../support/emulator.ts'
import { NEVER, openForTest, realTarget } from '../support/open-for-test.ts'

let emulator: TestEmulator
beforeAll(async () => {
  emulator = await startTestEmulator()
})
afterAll(() => emulator.close())
beforeEach(() => emulator.control.reset())

async function readAll(destination: Destination, request: ReadRequest): Promise<CrmRecord[]> {
  const records: CrmRecord[] = []
  for await (const page of destination.read(request, NEVER)) records.push(...page)
  return records
}

describe('salesforce', () => {
  const open = (): Promise<Destination> =>
    openForTest({ type: 'salesforce', target: { emulator: true }, emulatorUrl: emulator.url })

  test('F72 assignment rules never give a record away', async () => {
    const [id = ''] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'Acme' }])
    const ownerOf = async (): Promise<unknown> =>
      (await emulator.control.records('salesforce', 'Account')).find((record) => record.Id === id)?.OwnerId
    const before = await ownerOf()
    const destination = await open()
    const body = JSON.stringify({ attributes: { type: 'Account' }, id, Site: 'HQ' })
    const { outcomes } = await destination.write(
      { object: 'Account', path: 'update', changes: [{ changeId: 'c1', body }] },
      NEVER,
    )
    expect(outcomes[0]?.status).toBe('succeeded')
    expect(await ownerOf()).toBe(before)
    const [entry] = await emulator.control.journal()
    expect(entry?.headers).toMatchObject({
      'sforce-auto-assign': 'FALSE',
      'sforce-call-options': 'client=backfeed/0.1.0',
    })
  })

  test('the emulator would give it away without the header, so the test above can fail', async () => {
    const [id = ''] = await emulator.control.putRecords('salesforce', 'Account', [{ Name: 'Acme' }])
    const before = (await emulator.control.records('salesforce', 'Account'))[0]?.OwnerId
    await fetch(`${emulator.url}/services/data/v66.0/composite/sobjects`, {
      method: 'PATCH',
      headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
      body: JSON.stringify({ allOrNone: false, records: [{ attributes: { type: 'Account' }, id, Site: 'HQ' }] }),
    })
    expect((await emulator.control.records('salesforce', 'Account'))[0]?.OwnerId).not.toBe(before)
  })

  test('contacts are found by e-mail whatever its case, and updated by id', async () => {
    await emulator.control.putRecords('salesforce', 'Contact', [{ LastName: 'Lovelace', Email: 'Ada@Example.com' }])
    const destination = await open()
    const found = await readAll(destination, {
      object: 'Contact',
      by: { field: 'Email', unique: false },
      values: ['ada@example.com', "o'brien@example.com"],
      fields: ['LastName'],
    })
    expect(found.map(({ fields }) => fields.LastName)).toEqual(['Lovelace'])
  })

  test('required fields, integers and descriptions of real fields', async () => {
    const described = new Map((await (await open()).describe('Account', NEVER)).map((field) => [field.name, field]))
    expect(described.get('Name')).toMatchObject({
      requiredOnCreate: true,
      length: 255,
      kind: 'string',
      caseSensitive: false,
    })
    expect(described.get('NumberOfEmployees')).toMatchObject({ kind: 'number', precision: 8, scale: 0 })
    expect(described.get('ParentId')?.kind).toBe('reference')
    expect(described.get('BillingAddress')).toMatchObject({ createable: false, updateable: false })
    expect(described.get('Industry')?.allowedValues).toBeUndefined()
    const required = [...described.values()].filter((field) => field.requiredOnCreate).map((field) => field.name)
    expect(required).toEqual(['Name'])
  })

  test('ordinary credentials on a loopback address: the org is what it says it is', async () => {
    const settings = { instance_url: emulator.url, access_token: 'any', api_version: '67.0' }
    const destination = await openForTest({ type: 'salesforce', target: realTarget('access_token', settings) })
    expect((await destination.identify(NEVER)).environment).not.toBe('emulator')
    const wire = destination.wire({ object: 'Account', path: 'create', changes: [{ changeId: 'c', body: '{}' }] })
    expect(wire).toEqual({
      method: 'POST',
      path: '/services/data/v67.0/composite/sobjects',
      body: '{"allOrNone":false,"records":[{}]}',
    })
  })
})

describe('hubspot', () => {
  const open = (): Promise<Destination> =>
    openForTest({ type: 'hubspot', target: { emulator: true }, emulatorUrl: emulator.url })
  const contact = (changeId: string, email: string, properties: object): { changeId: string; body: string } => ({
    changeId,
    body: JSON.stringify({
      objectWriteTraceId: changeId,
      id: email,
      idProperty: 'email',
      properties: { email, ...properties },
    }),
  })

  test('contacts: e-mail is the key, case ignored, the stored value comes back', async () => {
    const destination = await open()
    const changes = [
      contact('c1', 'Ada@Example.com', { firstname: 'Ada' }),
      contact('c2', 'grace@example.com', { firstname: 'Grace' }),
    ]
    const { outcomes } = await destination.write(
      { object: 'contacts', path: 'upsert', matchField: 'email', changes },
      NEVER,
    )
    expect(outcomes).toMatchObject([
      { changeId: 'c1', status: 'succeeded', created: true, stored: { email: 'ada@example.com', firstname: 'Ada' } },
      {
        changeId: 'c2',
        status: 'succeeded',
        created: true,
        stored: { email: 'grace@example.com', firstname: 'Grace' },
      },
    ])
    const found = await readAll(destination, {
      object: 'contacts',
      by: { field: 'email', unique: true },
      values: ['ADA@example.com', 'ada@example.com', 'nobody@example.com'],
      fields: ['firstname'],
    })
    expect(found.map(({ fields }) => fields)).toEqual([{ email: 'ada@example.com', firstname: 'Ada' }])
  })

  test('a hundred rows come back in another order and still meet their own result', async () => {
    const destination = await open()
    const emails = Array.from({ length: 100 }, (_, index) => `p${index}@example.com`)
    const changes = emails.map((email, index) => contact(`c${index}`, email, { firstname: `n${index}` }))
    const { outcomes } = await destination.write(
      { object: 'contacts', path: 'upsert', matchField: 'email', changes },
      NEVER,
    )
    for (const [index, outcome] of outcomes.entries()) {
      expect(outcome).toMatchObject({ changeId: `c${index}`, stored: { email: `p${index}@example.com` } })
    }
    const [entry] = await emulator.control.journal()
    const answered = Object(entry?.response).results.map(
      (row: { objectWriteTraceId: string }) => row.objectWriteTraceId,
    )
    expect(answered).not.toEqual(changes.map(({ changeId }) => changeId))
  })

  test('F45 a refusal that names no row is narrowed down: good rows once each, the bad one by its own request', async () => {
    const destination = await open()
    const changes = Array.from({ length: 16 }, (_, index) => contact(`c${index}`, `p${index}@example.com`, {}))
    const refusal = (email: string): object => ({
      status: 'error',
      category: 'VALIDATION_ERROR',
      message: `Property values were not valid: ${JSON.stringify([{ isValid: false, message: `${email} is odd`, error: 'INVALID_EMAIL', name: 'email' }])}`,
    })
    // Requests with p5 are 1 (all), 2 (first half), 4 (second quarter), 5 (its first half), 7 (alone).
    // The message quotes another spelling of the value, so that it gives nobody away.
    const faults = [1, 2, 4, 5, 7].map((nth) => ({
      match: { path: '/crm/objects/2026-09/contacts/batch/upsert', nth },
      action: { status: 400, body: refusal('p5(at)example') },
    }))
    await emulator.control.addFault(faults)
    const { outcomes } = await destination.write(
      { object: 'contacts', path: 'upsert', matchField: 'email', changes },
      NEVER,
    )
    await emulator.control.clearFaults()
    expect(outcomes[5]).toEqual({
      changeId: 'c5',
      status: 'rejected',
      code: 'INVALID_EMAIL',
      field: 'email',
      reason: 'p5(at)example is odd',
    })
    expect(outcomes.filter(({ status }) => status === 'succeeded')).toHaveLength(15)
    const stored = await emulator.control.records('hubspot', 'contacts')
    expect(stored).toHaveLength(15)
    for (const { id } of stored)
      expect(await emulator.control.history('hubspot', 'contacts', String(id))).toHaveLength(1)
    expect(destination.calls.writes).toBe(9)
  })

  test('rows without trace ids are delivered, but nobody can say which result is whose', async () => {
    const destination = await open()
    const body = JSON.stringify({ id: 'a@example.com', idProperty: 'email', properties: { email: 'a@example.com' } })
    const { outcomes } = await destination.write(
      { object: 'contacts', path: 'upsert', matchField: 'email', changes: [{ changeId: 'c1', body }] },
      NEVER,
    )
    expect(outcomes).toEqual([{ changeId: 'c1', status: 'unknown', code: 'NO_RESULT' }])
  })

  test('a batch that HubSpot refuses for a reason of the call is not taken apart', async () => {
    const destination = await open()
    const changes = ['a.io', 'b.io'].map((domain, index) => ({
      changeId: `c${index}`,
      body: JSON.stringify({
        objectWriteTraceId: `c${index}`,
        id: domain,
        idProperty: 'domain',
        properties: { domain },
      }),
    }))
    const { outcomes } = await destination.write(
      { object: 'companies', path: 'upsert', matchField: 'domain', changes },
      NEVER,
    )
    expect(outcomes).toMatchObject([
      { status: 'retryable', stops: 'mapping' },
      { status: 'retryable', stops: 'mapping' },
    ])
    expect(destination.calls.writes).toBe(1)
  })

  test('creates: an existing e-mail is a rejected row', async () => {
    await emulator.control.putRecords('hubspot', 'contacts', [{ properties: { email: 'ada@example.com' } }])
    const destination = await open()
    const create = (changeId: string, email: string): { changeId: string; body: string } => ({
      changeId,
      body: JSON.stringify({ objectWriteTraceId: changeId, properties: { email } }),
    })
    const changes = [create('c1', 'ada@example.com'), create('c2', 'new@example.com')]
    const { outcomes } = await destination.write({ object: 'contacts', path: 'create', changes }, NEVER)
    expect(outcomes).toMatchObject([
      { changeId: 'c1', status: 'rejected', code: 'CONFLICT' },
      { changeId: 'c2', status: 'succeeded', created: true },
    ])
    expect(JSON.stringify(outcomes[0])).not.toContain('ada@')
  })

  test('what HubSpot keeps for itself is not writable, what deals need is required', async () => {
    const destination = await open()
    const contacts = new Map((await destination.describe('contacts', NEVER)).map((field) => [field.name, field]))
    expect(contacts.get('email')).toMatchObject({ unique: true, matchable: true, caseSensitive: false })
    expect(contacts.get('num_associated_deals')).toMatchObject({ createable: false, updateable: false })
    expect(contacts.get('hubspot_owner_id')?.allowedValues).toBeUndefined()
    const deals = await destination.describe('deals', NEVER)
    expect(
      deals
        .filter((field) => field.requiredOnCreate)
        .map((field) => field.name)
        .toSorted(),
    ).toEqual(['dealname', 'dealstage'])
    const companies = new Map((await destination.describe('companies', NEVER)).map((field) => [field.name, field]))
    expect(companies.get('domain')).toMatchObject({ unique: false, matchable: false })
  })
})
