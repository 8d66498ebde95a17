import { expect, test } from 'vitest'
import { RecordStore } from '../../emulator/core/record-store.ts'

function storeWithClock(keepVersions?: number) {
  const state = { nowMs: Date.UTC(2026, 0, 1), request: 'control' as number | 'control' }
  const context = {
    clock: { nowMs: () => state.nowMs },
    random: { next: () => 0.5 },
    currentRequest: () => state.request,
  }
  return { state, context, store: new RecordStore(context, keepVersions === undefined ? {} : { keepVersions }) }
}

test('every write is a version with its full fields, time and request', () => {
  const { store, state } = storeWithClock()
  store.create('companies', '1', { name: 'Acme', plan: undefined })
  state.nowMs += 1000
  state.request = 7
  store.update('companies', '1', { plan: 'pro', name: undefined })
  state.request = 8
  store.update('companies', '1', { plan: null })
  store.remove('companies', '1')
  expect(store.versions('companies', '1')).toEqual([
    { version: 1, at: '2026-01-01T00:00:00.000Z', request: 'control', op: 'create', fields: { name: 'Acme' } },
    { version: 2, at: '2026-01-01T00:00:01.000Z', request: 7, op: 'update', fields: { name: 'Acme', plan: 'pro' } },
    { version: 3, at: '2026-01-01T00:00:01.000Z', request: 8, op: 'update', fields: { name: 'Acme', plan: null } },
    { version: 4, at: '2026-01-01T00:00:01.000Z', request: 8, op: 'delete', fields: { name: 'Acme', plan: null } },
  ])
  expect(store.get('companies', '1')).toBeUndefined()
  expect(store.removed('companies', '1')?.fields).toEqual({ name: 'Acme', plan: null })
  expect([store.count('companies'), store.update('companies', '1', {}), store.remove('companies', '1')]).toEqual([
    0,
    undefined,
    undefined,
  ])
})

test('a record that was read stays what it was when the store goes on', () => {
  const { store } = storeWithClock()
  store.create('contacts', '1', { email: 'a@x.example' })
  const before = store.get('contacts', '1')
  store.update('contacts', '1', { email: 'b@x.example' })
  expect(before?.fields).toEqual({ email: 'a@x.example' })
})

test('an index follows creates, updates and removals, folds case when asked, and holds several records per value', () => {
  const { store } = storeWithClock()
  store.create('contacts', '1', { email: 'Ann@X.example', team: 'red' })
  store.index('contacts', 'email', true)
  store.index('contacts', 'team', false)
  for (const id of ['2', '3']) store.create('contacts', id, { email: `${id}@x.example`, team: 'red' })
  const ids = (field: string, value: unknown) => store.find('contacts', field, value).map((record) => record.id)
  expect(ids('email', 'ann@x.EXAMPLE')).toEqual(['1'])
  expect(ids('team', 'red')).toEqual(['1', '2', '3'])
  expect(ids('team', 'RED')).toEqual([])
  store.update('contacts', '2', { team: 'blue' })
  store.remove('contacts', '3')
  expect([ids('team', 'red'), ids('team', 'blue')]).toEqual([['1'], ['2']])
  store.update('contacts', '1', { team: '' })
  expect([ids('team', 'red'), ids('team', ''), ids('team', null)]).toEqual([[], [], []])
  expect(() => store.find('contacts', 'name', 'x')).toThrow('contacts.name has no index')
})

test('snapshot and restore carry records, removed records, versions and indexes through JSON', () => {
  const { store, context } = storeWithClock()
  store.create('deals', '1', { dealname: 'One' })
  store.create('deals', '2', { dealname: 'Two' })
  store.update('deals', '1', { dealname: 'Uno' })
  store.remove('deals', '2')
  const again = new RecordStore(context)
  again.index('deals', 'dealname', false)
  again.create('deals', '9', { dealname: 'gone after restore' })
  again.restore(JSON.parse(JSON.stringify(store.snapshot())))
  expect([...again.all('deals')]).toEqual([...store.all('deals')])
  expect(again.versions('deals', '1')).toEqual(store.versions('deals', '1'))
  expect(again.removed('deals', '2')?.fields).toEqual({ dealname: 'Two' })
  expect(again.find('deals', 'dealname', 'Uno').map((record) => record.id)).toEqual(['1'])
  expect(again.find('deals', 'dealname', 'gone after restore')).toEqual([])
  again.reset()
  expect([again.count('deals'), again.find('deals', 'dealname', 'Uno'), again.versions('deals', '1')]).toEqual([
    0,
    [],
    [],
  ])
})

test('only the last versions are kept when a cap is given, numbered as they were', () => {
  const { store } = storeWithClock(2)
  store.create('deals', '1', { dealname: 'One', amount: '0' })
  for (const amount of ['1', '2', '3']) store.update('deals', '1', { amount })
  expect(store.versions('deals', '1').map(({ version, fields }) => [version, fields])).toEqual([
    [3, { dealname: 'One', amount: '2' }],
    [4, { dealname: 'One', amount: '3' }],
  ])
})

test('an id that was removed can be created again and its history goes on', () => {
  const { store } = storeWithClock()
  store.create('deals', '1', { dealname: 'One', amount: '5' })
  store.remove('deals', '1')
  store.create('deals', '1', { dealname: 'Again' })
  expect(store.versions('deals', '1').map(({ op, fields }) => [op, fields.amount])).toEqual([
    ['create', '5'],
    ['delete', '5'],
    ['create', undefined],
  ])
  expect(() => store.create('deals', '1', {})).toThrow('already exists')
})

test('ids are the same array until a record comes or goes, so that paging does not copy', () => {
  const { store } = storeWithClock()
  store.create('deals', '1', {})
  const before = store.ids('deals')
  store.update('deals', '1', { a: 'b' })
  expect(store.ids('deals')).toBe(before)
  store.create('deals', '2', {})
  expect(store.ids('deals')).toEqual(['1', '2'])
})
