import { expect, test } from 'vitest'
import { testPortal } from './hubspot-emulator-support.ts'

function portalWithKinds() {
  const portal = testPortal()
  portal.properties('contacts', [
    { name: 'score', type: 'number' },
    { name: 'born', type: 'date' },
    { name: 'seen', type: 'datetime' },
    { name: 'vip', type: 'bool' },
    { name: 'plan', type: 'enumeration', options: [{ value: 'free' }, { value: 'pro', label: 'Pro!' }] },
    { name: 'tags', type: 'enumeration', fieldType: 'checkbox', options: ['a', 'b', 'c'] },
    { name: 'total', type: 'number', calculated: true },
  ])
  const [id = ''] = portal.crm.putRecords('contacts', [{ email: 'a@x.example' }])
  const write = (properties: object, version = 'v3') => {
    const root = version === 'v3' ? '/crm/v3/objects' : `/crm/objects/${version}`
    return portal.call('POST', `${root}/contacts/batch/update`, { inputs: [{ id, properties }] })
  }
  const code = (properties: object, version?: string) => write(properties, version).body.errors?.[0].code
  const value = (name: string) => portal.stored('contacts', id)[name]
  const read = (name: string) =>
    portal.call('GET', `/crm/v3/objects/contacts/${id}?properties=${name}`).body.properties[name]
  return { ...portal, id, write, code, value, read }
}

test('every kind of value that is not one has its code and names its property', () => {
  const { code, write } = portalWithKinds()
  const wrong: [object, string][] = [
    [{ score: 'abc' }, 'INVALID_INTEGER'],
    [{ score: ' 5' }, 'INVALID_INTEGER'],
    [{ score: '1e3' }, 'INVALID_INTEGER'],
    [{ score: '1,5' }, 'INVALID_INTEGER'],
    [{ plan: 'Pro' }, 'INVALID_OPTION'],
    [{ plan: 'Pro!' }, 'INVALID_OPTION'],
    [{ tags: 'a;d' }, 'INVALID_OPTION'],
    [{ tags: 'a; b' }, 'INVALID_OPTION'],
    [{ vip: 'yes' }, 'INVALID_OPTION'],
    [{ email: 'a@b' }, 'INVALID_EMAIL'],
    [{ email: 'a b@x.example' }, 'INVALID_EMAIL'],
    [{ born: 'soon' }, 'INVALID_LONG'],
    [{ born: '2026-02-30' }, 'INVALID_LONG'],
    [{ born: '2026-01-01T05:00:00Z' }, 'INVALID_DATE'],
    [{ born: '1635535865' }, 'INVALID_DATE'],
    [{ seen: '2026-01-01' }, 'INVALID_LONG'],
    [{ seen: '2026-01-01T10:00:00' }, 'INVALID_LONG'],
    [{ total: '1' }, 'READ_ONLY_VALUE'],
    [{ hs_object_id: '1' }, 'READ_ONLY_VALUE'],
    [{ firstname: 'x'.repeat(65_537) }, 'INVALID_LENGTH'],
    [{ Firstname: 'x' }, 'PROPERTY_DOESNT_EXIST'],
  ]
  for (const [properties, expected] of wrong) {
    expect(code(properties), Object.keys(properties).join()).toBe(expected)
    expect(write(properties).body.errors[0].context).toEqual({ propertyName: Object.keys(properties) })
  }
  expect(write({ firstname: 'x'.repeat(65_536) }).status).toBe(200)
})

test('values are stored as HubSpot stores them', () => {
  const { write, value } = portalWithKinds()
  const stored: [string, unknown, string][] = [
    ['score', '24.00', '24.00'],
    ['score', -3.5, '-3.5'],
    ['vip', true, 'true'],
    ['born', '2026-01-31', '2026-01-31'],
    ['born', '1430438400000', '2015-05-01'],
    ['seen', '2026-01-01T10:00:00+02:00', '2026-01-01T08:00:00Z'],
    ['seen', '2026-01-01T10:00:00.250Z', '2026-01-01T10:00:00.250Z'],
    ['seen', 1767261600000, '2026-01-01T10:00:00Z'],
    ['email', 'New@X.Example', 'new@x.example'],
    ['hubspot_owner_id', '4711', '4711'],
    ['firstname', '  Ann ', '  Ann '],
  ]
  for (const [name, sent, expected] of stored) {
    const answer = write({ [name]: sent })
    expect([name, answer.body.results?.[0].properties[name], value(name)]).toEqual([name, expected, expected])
  }
})

test('a multi-checkbox is replaced, and added to by a leading semicolon', () => {
  const { write, value } = portalWithKinds()
  const after = (tags: string) => {
    write({ tags })
    return value('tags')
  }
  expect([after('b;a'), after(';c'), after(';a'), after('c')]).toEqual(['b;a', 'b;a;c', 'b;a;c', 'c'])
})

test("'' clears: '' in the answer, null in the next read; null is accepted and changes nothing", () => {
  const { write, read, value } = portalWithKinds()
  for (const [name, held] of Object.entries({ score: '5', born: '2026-01-31', plan: 'pro', firstname: 'Ann' })) {
    write({ [name]: held })
    const ignored = write({ [name]: null })
    expect([ignored.status, ignored.body.results[0].properties[name], read(name)]).toEqual([200, held, held])
    const cleared = write({ [name]: '' })
    expect([cleared.body.results[0].properties[name], value(name), read(name)]).toEqual(['', '', null])
  }
})

test('lifecycle stage goes forward only: a step back succeeds and changes nothing', () => {
  const { write, value } = portalWithKinds()
  write({ lifecyclestage: 'opportunity' })
  const back = write({ lifecyclestage: 'lead', firstname: 'Ann' })
  expect([back.status, back.body.results[0].properties.lifecyclestage]).toEqual([200, 'opportunity'])
  expect([value('lifecyclestage'), value('firstname')]).toEqual(['opportunity', 'Ann'])
  write({ lifecyclestage: '' })
  write({ lifecyclestage: 'lead' })
  expect(value('lifecyclestage')).toBe('lead')
})

test('2026-09 normalises dates that v3 and 2026-03 refuse, and warns', () => {
  const { write, code, value } = portalWithKinds()
  const late = { born: '2026-01-01T23:30:00-08:00' }
  expect([code(late), code(late, '2026-03')]).toEqual(['INVALID_DATE', 'INVALID_DATE'])
  const answer = write(late, '2026-09')
  expect(answer.body.results[0].warnings).toEqual([
    {
      category: 'PROPERTY_VALUE_NORMALIZED',
      message: 'The value of born was normalized.',
      context: { propertyName: 'born', rawValue: '2026-01-01T23:30:00-08:00', normalizedValue: '2026-01-02' },
    },
  ])
  expect(value('born')).toBe('2026-01-02')
  expect(code({ born: 'soon' }, '2026-09')).toBe('INVALID_LONG')
})

test('an archived property takes no values', () => {
  const { call, code } = portalWithKinds()
  expect(call('DELETE', '/crm/v3/properties/contacts/plan').status).toBe(204)
  expect(code({ plan: 'pro' })).toBe('PROPERTY_DOESNT_EXIST')
})
