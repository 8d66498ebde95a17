import type { FieldSpec } from './field.ts'
import type { ObjectSpec } from './object-spec.ts'
import { ACCOUNT, CONTACT } from './standard-accounts.ts'
import { activity, audit, computed, identity, personName, picklist, text, typed } from './standard-fields.ts'
import { CASE, LEAD, OPPORTUNITY, TASK } from './standard-pipeline.ts'

const USER: ObjectSpec = {
  name: 'User',
  keyPrefix: '005',
  fields: [
    ...identity().slice(0, 1),
    text('Username', 80, { nillable: false, idLookup: true, unique: true }),
    ...personName(),
    text('CompanyName', 80),
    typed('Email', 'email', { nillable: false, length: 128, idLookup: true }),
    text('Alias', 8, { nillable: false, defaultedOnCreate: true }),
    text('CommunityNickname', 40),
    text('Title', 80),
    text('Department', 80),
    typed('Phone', 'phone'),
    typed('IsActive', 'boolean', { defaultValue: true }),
    text('FederationIdentifier', 512, { idLookup: true, unique: true, caseSensitive: true }),
    computed(picklist('UserType', ['Standard', 'Guest'])),
    text('TimeZoneSidKey', 40),
    text('LocaleSidKey', 40),
    text('LanguageLocaleKey', 40),
    text('EmailEncodingKey', 40),
    ...audit({ owner: false }),
  ],
}

const ORGANIZATION: ObjectSpec = {
  name: 'Organization',
  keyPrefix: '00D',
  readOnly: true,
  fields: [
    ...identity().slice(0, 1),
    text('Name', 80, { nameField: true }),
    text('InstanceName', 5),
    typed('IsSandbox', 'boolean'),
    picklist('OrganizationType', ['Developer Edition', 'Enterprise Edition', 'Unlimited Edition']),
    typed('TrialExpirationDate', 'datetime'),
    text('NamespacePrefix', 15),
    text('Country', 80),
    text('DefaultLocaleSidKey', 40),
    text('LanguageLocaleKey', 40),
    text('TimeZoneSidKey', 40),
    ...audit({ owner: false }),
  ],
}

const RECORD_TYPE: ObjectSpec = {
  name: 'RecordType',
  keyPrefix: '012',
  readOnly: true,
  fields: [
    ...identity().slice(0, 1),
    text('Name', 80, { nillable: false, nameField: true }),
    text('DeveloperName', 80, { nillable: false, idLookup: true }),
    text('NamespacePrefix', 15),
    text('Description', 255),
    picklist('SobjectType', ['Account', 'Case', 'Contact', 'Lead', 'Opportunity'], { nillable: false }),
    typed('IsActive', 'boolean'),
    ...audit({ owner: false }),
  ],
}

/** Users and the organization first: records of the others point at them. */
export const STANDARD_OBJECTS: readonly ObjectSpec[] = [
  ORGANIZATION,
  USER,
  RECORD_TYPE,
  ACCOUNT,
  CONTACT,
  LEAD,
  OPPORTUNITY,
  CASE,
  TASK,
]

/** What a new custom object has before anybody adds a field. */
export function customObjectFields(): FieldSpec[] {
  const name = text('Name', 80, { nameField: true, defaultedOnCreate: true, idLookup: true })
  return [...identity(), name, ...audit({ owner: true }), ...activity()]
}
