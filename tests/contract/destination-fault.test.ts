import { describe, expect, test } from 'vitest'
import { systemPorts } from '../../runner/ports.ts'
import { impatientPorts, NEVER } from '../support/open-for-test.ts'
import { type Row, useDestination } from './destination-harness.ts'
import { SUBJECTS } from './destination-subject.ts'

/** Seen only by waiting. */
const WAITED_FOR = new Set(['answer cut short', 'no answer in time'])

describe.each(SUBJECTS)('$title', (subject) => {
  const open = useDestination(subject)
  const { fields, key } = subject

  const row: Row = { changeId: 'c1', id: 'K-1', values: { [fields.text]: 'A' } }
  const fault = (action: object, more: object = {}): Promise<void> =>
    open().emulator.control.addFault({ match: { path: subject.writePath, ...more }, action })

  /** A request that reached the CRM's socket may have been applied: seen from here both resets are the same. */
  test.each<[string, object, object, boolean]>([
    ['reset before it is applied', { reset_before: true }, { status: 'unknown' }, false],
    ['reset after it was applied', { drop_after_apply: true }, { status: 'unknown' }, true],
    ['answer cut short', { truncate_bytes: 30 }, { status: 'unknown' }, true],
    ['503', { status: 503 }, { status: 'unknown', code: 'HTTP_503' }, false],
    ['500', { status: 500 }, { status: 'unknown', code: 'HTTP_500' }, false],
    ['200 with a login page', { status: 200, body: '<html>' }, { status: 'unknown', code: 'E-CRM-ANSWER' }, false],
    ['429', { status: 429 }, { status: 'retryable' }, false],
    ['no answer in time', { delay_ms: 5_000 }, { status: 'unknown', code: 'TIMEOUT' }, false],
  ])('%s: one request, no second try', async (name, action, expected, applied) => {
    const { emulator, request, requests, stored } = open()
    await fault(action)
    const destination = await subject.open(emulator, WAITED_FOR.has(name) ? impatientPorts() : systemPorts())
    const { outcomes } = await destination.write(request('upsert', [row]), NEVER)
    const [outcome] = outcomes
    expect(outcome).toMatchObject({ changeId: 'c1', ...expected })
    expect(await requests()).toBeLessThanOrEqual(1)
    expect(destination.calls.writes).toBe(1)
    expect((await stored('K-1')) !== undefined).toBe(applied)
  })

  test('the same batch once more after an unknown outcome changes nothing twice', async () => {
    const { write, emulator } = open()
    await fault({ drop_after_apply: true }, { nth: 1 })
    await write('upsert', [row])
    expect((await write('upsert', [row]))[0]).toMatchObject({ status: 'succeeded', created: false })
    expect((await subject.stored(emulator)).filter((record) => record[key] === 'K-1')).toHaveLength(1)
  })

  test('a refused token is no failure of a row', async () => {
    const { write } = open()
    await fault({ status: 401 })
    await expect(write('upsert', [row])).rejects.toMatchObject({ code: 'E-CRM-AUTH', exitCode: 2 })
  })

  test('reads pass over a short outage', async () => {
    const { read, emulator } = open()
    await subject.seed(emulator, [{ [key]: 'K-1' }])
    await emulator.control.addFault({ match: { crm: subject.type, nth: 1 }, action: { status: 503 } })
    await emulator.control.addFault({ match: { crm: subject.type, nth: 2 }, action: { drop_after_apply: true } })
    const found = await read({
      by: { field: key, unique: true },
      values: ['K-1'],
      fields: [],
    })
    expect(found).toHaveLength(1)
  })
})
