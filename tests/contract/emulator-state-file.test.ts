import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { controlClient } from '../../emulator/core/control-client.ts'
import { type Emulator, type EmulatorOptions, startEmulator } from '../../emulator/start.ts'
import { exchange } from './emulator-support.ts'

let folder: string
let file: string
const started: Emulator[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'emulator-state-'))
  file = join(folder, 'state.json')
})
afterEach(async () => {
  await Promise.all(started.splice(0).map((emulator) => emulator.close()))
  rmSync(folder, { recursive: true, force: true })
})

async function start(options: EmulatorOptions = {}) {
  const emulator = await startEmulator({ state: file, ...options })
  started.push(emulator)
  const api = (method: string, path: string, body?: unknown) =>
    exchange(`${emulator.url}/services/data/v66.0${path}`, { method, body, headers: { authorization: 'Bearer x' } })
  return { emulator, api, control: controlClient(emulator.controlUrl) }
}

describe('the snapshot file', () => {
  test('brings everything back: records, deleted ones, schema, history, clock, counters', async () => {
    const first = await start()
    await first.control.putSchema('salesforce', 'Account', {
      fields: [{ name: 'Key__c', type: 'string', externalId: true, unique: true }],
    })
    await first.control.putRecords('hubspot', 'companies', [{ domain: 'x.example' }])
    await first.control.advanceClock(3_600_000)
    const created = await first.api('POST', '/sobjects/Account', { Name: 'x', Key__c: 'k' })
    const gone = await first.api('POST', '/sobjects/Account', { Name: 'gone' })
    await first.api('DELETE', `/sobjects/Account/${gone.body.id}`)
    const before = await first.control.records('salesforce', 'Account')
    const companies = await first.control.records('hubspot', 'companies')
    await first.emulator.close()

    const second = await start()
    expect(await second.control.records('salesforce', 'Account')).toEqual(before)
    expect(await second.control.records('hubspot', 'companies')).toEqual(companies)
    const versions = await second.control.history('salesforce', 'Account', gone.body.id)
    expect(versions.map((one) => one.op)).toEqual(['create', 'delete'])
    expect((await second.api('GET', `/sobjects/Account/${gone.body.id}`)).body[0].errorCode).toBe('ENTITY_IS_DELETED')
    const again = await second.api('PATCH', '/sobjects/Account/Key__c/K', { Name: 'y' })
    expect(again.body).toMatchObject({ id: created.body.id, created: false })
    const fresh = await second.api('POST', '/sobjects/Account', { Name: 'z' })
    expect([created.body.id, gone.body.id]).not.toContain(fresh.body.id)
    expect(Date.parse(await second.control.advanceClock(0)) - Date.now()).toBeGreaterThan(3_500_000)
    const last = (await second.control.history('salesforce', 'Account', created.body.id)).at(-1)
    expect(Number(last?.request)).toBeGreaterThan(Number(versions[1]?.request))
  })

  test('is written a moment after a change, whole or not at all, for its owner only', async () => {
    const { control } = await start()
    expect(existsSync(file)).toBe(false)
    await control.putRecords('salesforce', 'Account', [{ Name: 'late' }])
    await expect
      .poll(() => existsSync(file) && readFileSync(file, 'utf8').includes('"late"'), { timeout: 10_000 })
      .toBe(true)
    expect(() => JSON.parse(readFileSync(file, 'utf8'))).not.toThrow()
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(readdirSync(folder)).toEqual(['state.json'])
  })

  test('reset writes it at once', async () => {
    const { control } = await start()
    await control.putRecords('salesforce', 'Account', [{ Name: 'before reset' }])
    await control.reset()
    expect(readFileSync(file, 'utf8')).not.toContain('before reset')
  })

  test('a file that is something else is refused by name, and no port stays open', async () => {
    writeFileSync(file, '{"version": 9}')
    await expect(startEmulator({ state: file })).rejects.toThrow(`${file} is not a snapshot`)
    writeFileSync(file, 'not json')
    await expect(startEmulator({ state: file })).rejects.toThrow('cannot be read as JSON')
    expect(readFileSync(file, 'utf8')).toBe('not json')
  })
})

describe('ports', () => {
  test('a taken port is an error that names it, for either port, and the other one is free again', async () => {
    const { emulator } = await start()
    await expect(startEmulator({ port: emulator.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
      port: emulator.port,
    })
    await expect(startEmulator({ controlPort: emulator.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test('the same seed gives the same ids, another seed others', async () => {
    const ids = async (seed: number) => {
      const { api, emulator } = await start({ seed, state: join(folder, `${seed}-${started.length}.json`) })
      const created = await api('POST', '/sobjects/Contact', { LastName: 'x' })
      await emulator.close()
      return created.body.id
    }
    const [one, same, other] = [await ids(3), await ids(3), await ids(4)]
    expect(one).toBe(same)
    expect(other).not.toBe(one)
  })
})
