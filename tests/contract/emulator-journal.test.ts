import { describe, expect, test } from 'vitest'
import { Journal } from '../../emulator/core/journal.ts'
import { useEmulator } from './emulator-support.ts'

const emulator = useEmulator()

describe('the journal', () => {
  test('has every request in order, with path, body, status and response', async () => {
    const body = { Name: 'Ä' }
    const created = await emulator.api('/sobjects/Account', { method: 'POST', body })
    await emulator.api('/query?q=SELECT+Id+FROM+Account')
    await emulator.raw('/nowhere', { method: 'PUT', body: 'plain text' })
    const [first, second, third] = await emulator.control.journal()
    expect(first).toMatchObject({
      crm: 'salesforce',
      method: 'POST',
      path: '/services/data/v66.0/sobjects/Account',
      body,
      status: 201,
      response: created.body,
    })
    expect(first?.headers).toMatchObject({ 'content-type': 'application/json', 'sforce-auto-assign': 'FALSE' })
    expect(second).toMatchObject({
      path: '/services/data/v66.0/query?q=SELECT+Id+FROM+Account',
      body: null,
      status: 200,
    })
    expect(third).toMatchObject({ crm: null, body: 'plain text', status: 404 })
    expect([second, third].map((one) => Number(one?.seq) - Number(first?.seq))).toEqual([1, 2])
  })

  test('shows no credential: not in headers, not in token requests, not in their answers, not in addresses', async () => {
    const secrets = [
      'top-secret-token',
      'cookie-value',
      'client-secret-value',
      'refresh-value',
      'aaa.bbb.ccc',
      'key-in-query',
    ]
    await emulator.raw('/services/data/v66.0/limits?hapikey=key-in-query', {
      headers: {
        authorization: 'Bearer top-secret-token',
        cookie: 'sid=cookie-value',
        'x-api-key': 'top-secret-token',
      },
    })
    const form = (fields: Record<string, string>) =>
      emulator.raw('/services/oauth2/token', {
        method: 'POST',
        body: new URLSearchParams(fields).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    const granted = await form({
      grant_type: 'client_credentials',
      client_id: 'app',
      client_secret: 'client-secret-value',
    })
    await form({ grant_type: 'refresh_token', client_id: 'app', refresh_token: 'refresh-value' })
    await form({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'aaa.bbb.ccc' })
    await emulator.raw('/services/oauth2/revoke?token=top-secret-token')
    const text = JSON.stringify(await emulator.control.journal())
    for (const secret of [...secrets, granted.body.access_token, granted.body.signature])
      expect(text).not.toContain(secret)
    expect(text).toContain('"grant_type":"client_credentials"')
    expect(text).toContain('"token_type":"Bearer"')
  })

  test('DELETE empties it and numbers go on', async () => {
    await emulator.raw('/services/data')
    const [before] = await emulator.control.journal()
    expect((await emulator.plane('/journal', { method: 'DELETE' })).status).toBe(200)
    await emulator.raw('/services/data')
    const after = await emulator.control.journal()
    expect(after).toHaveLength(1)
    expect(after[0]?.seq).toBe(Number(before?.seq) + 1)
  })
})

describe('bounds of the journal', () => {
  const request = (seq: number, bytes = 10) => ({
    seq,
    timeMs: 0,
    crm: null,
    method: 'POST',
    path: '/x',
    headers: {},
    status: 200,
    body: Buffer.from('1'.repeat(bytes)),
    response: null,
  })
  const fill = (journal: Journal, count: number, bytes?: number) => {
    for (let n = 0; n < count; n += 1) journal.add(request(journal.nextSeq(), bytes))
    return [...journal.entries()]
  }

  test('the oldest entries go first', () => {
    const entries = fill(new Journal({ maxEntries: 10 }), 95)
    expect(entries.map((entry) => entry.seq)).toEqual([86, 87, 88, 89, 90, 91, 92, 93, 94, 95])
    expect(entries.every((entry) => entry.body !== null)).toBe(true)
  })

  test('the oldest bodies go first, their entries stay', () => {
    const entries = fill(new Journal({ maxBodyBytes: 1000, maxEntries: 30 }), 95, 100)
    expect(entries).toHaveLength(30)
    expect(entries.map((entry) => entry.body !== null)).toEqual([...Array(20).fill(false), ...Array(10).fill(true)])
  })

  test('a load test can do without bodies', () => {
    const entries = fill(new Journal({ journalBodies: 'none' }), 3)
    expect(entries.map((entry) => [entry.body, entry.status])).toEqual([
      [null, 200],
      [null, 200],
      [null, 200],
    ])
  })
})
