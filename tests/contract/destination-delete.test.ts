/** Deletes: one outcome per record, soft, by id, and honest about records that are gone and answers that are lost. */
import { describe, expect, test } from 'vitest'
import { type Row, useDestination } from './destination-harness.ts'
import { SUBJECTS } from './destination-subject.ts'

describe.each(SUBJECTS)('$title', (subject) => {
  const open = useDestination(subject)
  const isSalesforce = subject.type === 'salesforce'
  const row = (changeId: string, id: string): Row => ({ changeId, id, values: {} })
  const request = (rows: readonly Row[]) => ({
    ...open().request('update', []),
    path: 'delete' as const,
    changes: rows.map(({ changeId, id = '' }) => ({ changeId, body: isSalesforce ? id : JSON.stringify({ id }) })),
  })
  const remove = async (...rows: Row[]) =>
    (await open().destination.write(request(rows), new AbortController().signal)).outcomes
  const make = async (...keys: string[]) => {
    const made = await open().write(
      'upsert',
      keys.map((id) => ({ changeId: id, id, values: { [subject.fields.text]: 'Acme' } })),
    )
    return made.map((outcome) => (outcome.status === 'succeeded' ? outcome.recordId : ''))
  }

  test('deletes exactly the records it is given, and they can no longer be read', async () => {
    const [a = '', b = '', c = ''] = await make('A', 'B', 'C')
    expect(await remove(row('1', a), row('2', c))).toEqual([
      { changeId: '1', status: 'succeeded', recordId: a, created: false },
      { changeId: '2', status: 'succeeded', recordId: c, created: false },
    ])
    const left = await open().read({ by: 'id', values: [a, b, c], fields: [subject.key] })
    expect(left.map(({ recordId }) => recordId)).toEqual([b])
  })

  test('sends what wire() says', async () => {
    const [a = ''] = await make('A')
    await open().emulator.control.clearJournal()
    const wire = open().destination.wire(request([row('1', a)]))
    await remove(row('1', a))
    const [entry] = await open().emulator.control.journal()
    expect(`${entry?.method} ${entry?.path}`).toBe(`${wire.method} ${wire.path}`)
    // The journal keeps a body as parsed JSON; a delete of Salesforce has none.
    expect(entry?.body ?? '').toEqual(wire.body === '' ? '' : JSON.parse(wire.body))
  })

  test('a record that is gone already has reached what a delete is for', async () => {
    const [a = '', b = ''] = await make('A', 'B')
    await remove(row('1', a))
    expect(await remove(row('2', a), row('3', b))).toMatchObject([
      { changeId: '2', status: 'succeeded', recordId: a },
      { changeId: '3', status: 'succeeded', recordId: b },
    ])
  })

  test('a lost answer is unknown for every record, and nothing is sent twice', async () => {
    const [a = '', b = ''] = await make('A', 'B')
    const { control } = open().emulator
    await control.clearJournal()
    await control.addFault({
      match: { crm: subject.type, path: '/sobjects.ids|archive$/' },
      action: { drop_after_apply: true },
    })
    expect((await remove(row('1', a), row('2', b))).map(({ status }) => status)).toEqual(['unknown', 'unknown'])
    expect((await control.journal()).length).toBe(1)
  })

  test('the key of a deleted record is free again', async () => {
    const [a = ''] = await make('A')
    await remove(row('1', a))
    const [again] = await open().write('upsert', [
      { changeId: '2', id: 'A', values: { [subject.fields.text]: 'Acme' } },
    ])
    expect(again).toMatchObject({ status: 'succeeded', created: true })
  })
})
