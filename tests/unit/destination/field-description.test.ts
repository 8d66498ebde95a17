import { expect, test } from 'vitest'
import { toFieldDescription as hubspotField } from '../../../runner/destination/hubspot/property-description.ts'
import { toFieldDescription as salesforceField } from '../../../runner/destination/salesforce/field-description.ts'

const sf = {
  name: 'F__c',
  label: 'F',
  type: 'string',
  createable: true,
  updateable: true,
  nillable: true,
  defaultedOnCreate: false,
}

test.each<[string, object, object]>([
  [
    'a text with a length',
    { length: '80' },
    { kind: 'string', length: 80, createable: true, updateable: true, requiredOnCreate: false },
  ],
  ['required', { nillable: false }, { requiredOnCreate: true }],
  ['not nillable, but filled by the CRM', { nillable: false, defaultedOnCreate: true }, { requiredOnCreate: false }],
  ['not nillable, but not ours to create', { nillable: false, createable: false }, { requiredOnCreate: false }],
  ['a checkbox is never required', { type: 'boolean', nillable: false }, { kind: 'boolean', requiredOnCreate: false }],
  [
    'a currency',
    { type: 'currency', precision: '18', scale: '2', length: '0' },
    { kind: 'number', precision: 18, scale: 2 },
  ],
  ['an integer', { type: 'int', digits: '8', precision: '0' }, { kind: 'number', precision: 8, scale: 0 }],
  [
    'an external id',
    { externalId: true, unique: true, caseSensitive: true },
    { matchable: true, unique: true, caseSensitive: true },
  ],
  ['idLookup', { idLookup: true }, { matchable: true, unique: false, caseSensitive: false }],
  ['a formula', { calculated: true }, { createable: false, updateable: false }],
  ['an auto number', { autoNumber: true }, { createable: false, updateable: false }],
  ['an address', { type: 'address' }, { createable: false, updateable: false }],
  ['create only', { updateable: false }, { createable: true, updateable: false }],
  ['a reference', { type: 'reference' }, { kind: 'reference' }],
  ['an unknown type', { type: 'hologram' }, { kind: 'string', vendorType: 'hologram' }],
])('salesforce: %s', (_, more, expected) => {
  expect(salesforceField({ ...sf, ...more })).toMatchObject(expected)
})

test('salesforce: only restricted picklists limit values, and only to active ones', () => {
  const picklistValues = [
    { value: 'a', active: true },
    { value: 'b', active: false },
    { value: 'c', label: 'C' },
  ]
  const picklist = { ...sf, type: 'picklist', picklistValues }
  expect(salesforceField({ ...picklist, restrictedPicklist: true })).toMatchObject({
    kind: 'enumeration',
    allowedValues: ['a', 'c'],
  })
  expect(salesforceField(picklist)).not.toHaveProperty('allowedValues')
  expect(salesforceField({ ...picklist, type: 'multipicklist', restrictedPicklist: true }).kind).toBe(
    'multi_enumeration',
  )
})

const hs = { name: 'p', label: 'P', type: 'string', fieldType: 'text' }

test.each<[string, string, object, object]>([
  [
    'a text',
    'companies',
    {},
    { kind: 'string', length: 65_536, createable: true, requiredOnCreate: false, unique: false },
  ],
  ['contact e-mail', 'contacts', { name: 'email' }, { unique: true, matchable: true, caseSensitive: false }],
  ['contact e-mail by type id', '0-1', { name: 'email' }, { unique: true, matchable: true, caseSensitive: false }],
  ['e-mail elsewhere', 'companies', { name: 'email' }, { unique: false, matchable: false }],
  ['company domain', 'companies', { name: 'domain' }, { unique: false, matchable: false, caseSensitive: false }],
  ['a unique property', 'companies', { hasUniqueValue: true }, { unique: true, matchable: true, caseSensitive: true }],
  ['read only', 'deals', { modificationMetadata: { readOnlyValue: true } }, { createable: false, updateable: false }],
  ['calculated', 'deals', { calculated: true }, { createable: false, updateable: false }],
  ['dealstage', 'deals', { name: 'dealstage' }, { requiredOnCreate: true }],
  ['a moment shown as a date', 'deals', { type: 'datetime', fieldType: 'date' }, { kind: 'datetime' }],
  ['checkboxes', 'deals', { type: 'enumeration', fieldType: 'checkbox' }, { kind: 'multi_enumeration' }],
  ['one checkbox', 'deals', { type: 'enumeration', fieldType: 'booleancheckbox' }, { kind: 'boolean' }],
  ['a phone number', 'deals', { type: 'phone_number' }, { kind: 'string' }],
])('hubspot: %s', (_, object, more, expected) => {
  expect(hubspotField({ ...hs, ...more }, object)).toMatchObject(expected)
})

test('hubspot: options are the stored values; hidden ones are not offered; lists kept elsewhere are not checked', () => {
  const options = [
    { label: 'Gold', value: 'gold' },
    { label: 'Old', value: 'old', hidden: true },
  ]
  const choice = { ...hs, type: 'enumeration', fieldType: 'select', options }
  expect(hubspotField(choice, 'deals').allowedValues).toEqual(['gold'])
  expect(hubspotField({ ...choice, externalOptions: true }, 'deals')).not.toHaveProperty('allowedValues')
})
