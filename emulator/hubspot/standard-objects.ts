import type { PropertyPart } from './property-definition.ts'

export interface ObjectType {
  name: string
  singular: string
  typeId: string
  /** Word in messages: "Could not get some CONTACT objects". */
  messageName: string
  group: string
  lastModified: 'lastmodifieddate' | 'hs_lastmodifieddate'
  /** Returned when a read names no properties. */
  shown: readonly string[]
  /** A create through the API needs all of `all` and one of `oneOf` (documented for contacts, deals and tickets). */
  required: { all: readonly string[]; oneOf: readonly string[] }
}

export interface StandardObject extends ObjectType {
  properties: readonly PropertyPart[]
}

const READ_ONLY = { archivable: false, readOnlyDefinition: true, readOnlyValue: true }

function values(...names: string[]): { value: string }[] {
  return names.map((value) => ({ value }))
}

function text(...names: string[]): PropertyPart[] {
  return names.map((name) => ({ name, type: 'string' }))
}

function numbers(...names: string[]): PropertyPart[] {
  return names.map((name) => ({ name, type: 'number' }))
}

/** From subscriber on a record only moves to the right; see `movesBackward`. */
export const LIFECYCLE_STAGES = [
  'subscriber',
  'lead',
  'marketingqualifiedlead',
  'salesqualifiedlead',
  'opportunity',
  'customer',
  'evangelist',
  'other',
]

const LIFECYCLE: PropertyPart = {
  name: 'lifecyclestage',
  type: 'enumeration',
  fieldType: 'radio',
  options: values(...LIFECYCLE_STAGES),
}

const OWNER: PropertyPart = {
  name: 'hubspot_owner_id',
  type: 'enumeration',
  fieldType: 'select',
  externalOptions: true,
  referencedObjectType: 'OWNER',
}

export function systemProperties(lastModified: string): PropertyPart[] {
  return [
    { name: 'hs_object_id', type: 'number', modificationMetadata: READ_ONLY },
    { name: 'hs_merged_object_ids', type: 'enumeration', externalOptions: true, modificationMetadata: READ_ONLY },
    { name: 'createdate', type: 'datetime', modificationMetadata: READ_ONLY },
    { name: lastModified, type: 'datetime', modificationMetadata: READ_ONLY },
  ]
}

const CONTACTS: StandardObject = {
  name: 'contacts',
  singular: 'contact',
  typeId: '0-1',
  messageName: 'CONTACT',
  group: 'contactinformation',
  lastModified: 'lastmodifieddate',
  shown: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
  required: { all: [], oneOf: ['email', 'firstname', 'lastname'] },
  properties: [
    ...text('email', 'firstname', 'lastname', 'company', 'jobtitle', 'website', 'address', 'city', 'state', 'zip'),
    ...text('country', 'fax'),
    { name: 'phone', type: 'string', fieldType: 'phonenumber' },
    { name: 'mobilephone', type: 'string', fieldType: 'phonenumber' },
    { name: 'date_of_birth', type: 'string' },
    { name: 'hs_lead_status', type: 'enumeration', fieldType: 'radio', options: values('NEW', 'OPEN', 'IN_PROGRESS') },
    { name: 'hs_additional_emails', type: 'string', modificationMetadata: READ_ONLY },
    { name: 'num_associated_deals', type: 'number', calculated: true, modificationMetadata: READ_ONLY },
    LIFECYCLE,
    OWNER,
  ],
}

const COMPANIES: StandardObject = {
  name: 'companies',
  singular: 'company',
  typeId: '0-2',
  messageName: 'COMPANY',
  group: 'companyinformation',
  lastModified: 'hs_lastmodifieddate',
  shown: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
  required: { all: [], oneOf: [] },
  properties: [
    ...text('name', 'domain', 'website', 'description', 'address', 'address2', 'city', 'state', 'zip', 'country'),
    ...text('timezone', 'founded_year', 'about_us'),
    { name: 'phone', type: 'string', fieldType: 'phonenumber' },
    ...numbers('annualrevenue', 'numberofemployees'),
    { name: 'is_public', type: 'bool' },
    {
      name: 'industry',
      type: 'enumeration',
      options: values('COMPUTER_SOFTWARE', 'BANKING', 'RETAIL', 'BIOTECHNOLOGY', 'INTERNET', 'UTILITIES'),
    },
    { name: 'type', type: 'enumeration', options: values('PROSPECT', 'PARTNER', 'RESELLER', 'VENDOR', 'OTHER') },
    { name: 'num_associated_contacts', type: 'number', calculated: true, modificationMetadata: READ_ONLY },
    LIFECYCLE,
    OWNER,
  ],
}

const DEALS: StandardObject = {
  name: 'deals',
  singular: 'deal',
  typeId: '0-3',
  messageName: 'DEAL',
  group: 'dealinformation',
  lastModified: 'hs_lastmodifieddate',
  shown: [
    ...['amount', 'closedate', 'createdate', 'dealname', 'dealstage'],
    ...['hs_lastmodifieddate', 'hs_object_id', 'pipeline'],
  ],
  required: { all: ['dealname', 'dealstage'], oneOf: [] },
  properties: [
    ...text('dealname', 'description'),
    { name: 'amount', type: 'number' },
    { name: 'closedate', type: 'datetime' },
    { name: 'deal_currency_code', type: 'enumeration', externalOptions: true },
    {
      name: 'dealstage',
      type: 'enumeration',
      fieldType: 'radio',
      options: values(
        ...['appointmentscheduled', 'qualifiedtobuy', 'presentationscheduled', 'decisionmakerboughtin'],
        ...['contractsent', 'closedwon', 'closedlost'],
      ),
    },
    { name: 'pipeline', type: 'enumeration', options: values('default') },
    {
      name: 'dealtype',
      type: 'enumeration',
      fieldType: 'radio',
      options: values('newbusiness', 'existingbusiness'),
    },
    OWNER,
  ],
}

const TICKETS: StandardObject = {
  name: 'tickets',
  singular: 'ticket',
  typeId: '0-5',
  messageName: 'TICKET',
  group: 'ticketinformation',
  lastModified: 'hs_lastmodifieddate',
  shown: [
    ...['content', 'createdate', 'hs_lastmodifieddate', 'hs_object_id', 'hs_pipeline', 'hs_pipeline_stage'],
    ...['hs_ticket_category', 'hs_ticket_priority', 'subject'],
  ],
  required: { all: ['subject', 'hs_pipeline_stage'], oneOf: [] },
  properties: [
    ...text('subject', 'content'),
    { name: 'hs_pipeline', type: 'enumeration', options: values('0') },
    { name: 'hs_pipeline_stage', type: 'enumeration', options: values('1', '2', '3', '4') },
    { name: 'hs_ticket_priority', type: 'enumeration', options: values('LOW', 'MEDIUM', 'HIGH') },
    {
      name: 'hs_ticket_category',
      type: 'enumeration',
      fieldType: 'checkbox',
      options: values('PRODUCT_ISSUE', 'BILLING_ISSUE', 'FEATURE_REQUEST', 'GENERAL_INQUIRY'),
    },
    OWNER,
  ],
}

export const STANDARD_OBJECTS: readonly StandardObject[] = [CONTACTS, COMPANIES, DEALS, TICKETS]

/** A custom object made through the control plane; real ones are made in the schemas API. */
export function customObject(name: string, serial: number): StandardObject {
  return {
    name,
    singular: name,
    typeId: `2-${1000 + serial}`,
    messageName: name.toUpperCase(),
    group: `${name}_information`,
    lastModified: 'hs_lastmodifieddate',
    shown: ['createdate', 'hs_lastmodifieddate', 'hs_object_id'],
    required: { all: [], oneOf: [] },
    properties: [],
  }
}
