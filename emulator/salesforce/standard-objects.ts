import type { FieldSpec } from './field.ts'
import {
  activity,
  address,
  audit,
  computed,
  identity,
  lookup,
  personName,
  picklist,
  text,
  typed,
} from './standard-fields.ts'

export interface ObjectSpec {
  name: string
  label?: string
  labelPlural?: string
  keyPrefix: string
  /** Does a forgotten `Sforce-Auto-Assign: FALSE` change the owner? */
  assignmentRules?: boolean
  readOnly?: boolean
  fields: readonly FieldSpec[]
}

const INDUSTRIES = [
  'Agriculture',
  'Apparel',
  'Banking',
  'Biotechnology',
  'Chemicals',
  'Communications',
  'Construction',
  'Consulting',
  'Education',
  'Electronics',
  'Energy',
  'Engineering',
  'Entertainment',
  'Environmental',
  'Finance',
  'Food & Beverage',
  'Government',
  'Healthcare',
  'Hospitality',
  'Insurance',
  'Machinery',
  'Manufacturing',
  'Media',
  'Not For Profit',
  'Recreation',
  'Retail',
  'Shipping',
  'Technology',
  'Telecommunications',
  'Transportation',
  'Utilities',
  'Other',
]
const SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other']
const RATINGS = ['Hot', 'Warm', 'Cold']
const STAGES = [
  'Prospecting',
  'Qualification',
  'Needs Analysis',
  'Value Proposition',
  'Id. Decision Makers',
  'Perception Analysis',
  'Proposal/Price Quote',
  'Negotiation/Review',
  'Closed Won',
  'Closed Lost',
]

const ACCOUNT: ObjectSpec = {
  name: 'Account',
  keyPrefix: '001',
  assignmentRules: true,
  fields: [
    ...identity(),
    computed(lookup('MasterRecordId', ['Account'], { relationshipName: 'MasterRecord' })),
    text('Name', 255, { nillable: false, nameField: true, label: 'Account Name' }),
    picklist(
      'Type',
      [
        'Prospect',
        'Customer - Direct',
        'Customer - Channel',
        'Channel Partner / Reseller',
        'Installation Partner',
        'Technology Partner',
        'Other',
      ],
      { label: 'Account Type' },
    ),
    lookup('ParentId', ['Account'], { label: 'Parent Account ID' }),
    ...address('Billing'),
    ...address('Shipping'),
    typed('Phone', 'phone', { label: 'Account Phone' }),
    typed('Fax', 'phone', { label: 'Account Fax' }),
    text('AccountNumber', 40),
    typed('Website', 'url'),
    computed(typed('PhotoUrl', 'url')),
    text('Sic', 20, { label: 'SIC Code' }),
    picklist('Industry', INDUSTRIES),
    typed('AnnualRevenue', 'currency', { scale: 0 }),
    typed('NumberOfEmployees', 'int', { digits: 8, label: 'Employees' }),
    picklist('Ownership', ['Public', 'Private', 'Subsidiary', 'Other']),
    text('TickerSymbol', 20),
    typed('Description', 'textarea', { length: 32000, label: 'Account Description' }),
    picklist('Rating', RATINGS, { label: 'Account Rating' }),
    text('Site', 80, { label: 'Account Site' }),
    ...audit({ owner: true }),
    ...activity(),
    text('Jigsaw', 20, { label: 'Data.com Key' }),
    computed(text('JigsawCompanyId', 20)),
    picklist('AccountSource', SOURCES),
    text('SicDesc', 80, { label: 'SIC Description' }),
  ],
}

const CONTACT: ObjectSpec = {
  name: 'Contact',
  keyPrefix: '003',
  fields: [
    ...identity(),
    computed(lookup('MasterRecordId', ['Contact'], { relationshipName: 'MasterRecord' })),
    lookup('AccountId', ['Account'], { label: 'Account ID' }),
    ...personName(),
    ...address('Other'),
    ...address('Mailing'),
    typed('Phone', 'phone', { label: 'Business Phone' }),
    typed('Fax', 'phone', { label: 'Business Fax' }),
    typed('MobilePhone', 'phone'),
    typed('HomePhone', 'phone'),
    typed('OtherPhone', 'phone'),
    typed('AssistantPhone', 'phone'),
    lookup('ReportsToId', ['Contact']),
    typed('Email', 'email', { idLookup: true }),
    text('Title', 128),
    text('Department', 80),
    text('AssistantName', 40),
    picklist('LeadSource', SOURCES),
    typed('Birthdate', 'date'),
    typed('Description', 'textarea', { length: 32000, label: 'Contact Description' }),
    typed('HasOptedOutOfEmail', 'boolean', { label: 'Email Opt Out' }),
    typed('DoNotCall', 'boolean'),
    ...audit({ owner: true }),
    ...activity(),
    text('EmailBouncedReason', 255, { createable: false }),
    typed('EmailBouncedDate', 'datetime', { createable: false }),
    computed(typed('IsEmailBounced', 'boolean')),
    computed(typed('PhotoUrl', 'url')),
    text('Jigsaw', 20),
  ],
}

const LEAD: ObjectSpec = {
  name: 'Lead',
  keyPrefix: '00Q',
  assignmentRules: true,
  fields: [
    ...identity(),
    computed(lookup('MasterRecordId', ['Lead'], { relationshipName: 'MasterRecord' })),
    ...personName(),
    text('Title', 128),
    text('Company', 255, { nillable: false }),
    ...address('').map((field) => (field.name === 'Address' ? field : { ...field, compoundFieldName: 'Address' })),
    typed('Phone', 'phone'),
    typed('MobilePhone', 'phone'),
    typed('Fax', 'phone'),
    typed('Email', 'email', { idLookup: true }),
    typed('Website', 'url'),
    computed(typed('PhotoUrl', 'url')),
    typed('Description', 'textarea', { length: 32000 }),
    picklist('LeadSource', SOURCES),
    picklist(
      'Status',
      ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted', 'Closed - Not Converted'],
      {
        nillable: false,
        defaultedOnCreate: true,
        defaultValue: 'Open - Not Contacted',
      },
    ),
    picklist('Industry', INDUSTRIES),
    picklist('Rating', RATINGS),
    typed('AnnualRevenue', 'currency', { scale: 0 }),
    typed('NumberOfEmployees', 'int', { digits: 8 }),
    typed('HasOptedOutOfEmail', 'boolean', { label: 'Email Opt Out' }),
    typed('IsConverted', 'boolean', { updateable: false }),
    computed(typed('ConvertedDate', 'date')),
    computed(lookup('ConvertedAccountId', ['Account'])),
    computed(lookup('ConvertedContactId', ['Contact'])),
    computed(lookup('ConvertedOpportunityId', ['Opportunity'])),
    typed('IsUnreadByOwner', 'boolean', { defaultValue: true }),
    ...audit({ owner: true }),
    ...activity(),
    text('Jigsaw', 20),
    text('EmailBouncedReason', 255, { createable: false }),
    typed('EmailBouncedDate', 'datetime', { createable: false }),
  ],
}

const OPPORTUNITY: ObjectSpec = {
  name: 'Opportunity',
  labelPlural: 'Opportunities',
  keyPrefix: '006',
  fields: [
    ...identity(),
    lookup('AccountId', ['Account']),
    typed('IsPrivate', 'boolean', { label: 'Private' }),
    text('Name', 120, { nillable: false, nameField: true, idLookup: true }),
    typed('Description', 'textarea', { length: 32000 }),
    picklist('StageName', STAGES, { nillable: false, label: 'Stage' }),
    typed('Amount', 'currency'),
    typed('Probability', 'percent', { precision: 3, scale: 0, label: 'Probability (%)' }),
    computed(typed('ExpectedRevenue', 'currency', { calculated: true })),
    typed('TotalOpportunityQuantity', 'double', { label: 'Quantity' }),
    typed('CloseDate', 'date', { nillable: false }),
    picklist('Type', [
      'Existing Customer - Upgrade',
      'Existing Customer - Replacement',
      'Existing Customer - Downgrade',
      'New Customer',
    ]),
    text('NextStep', 255),
    picklist('LeadSource', SOURCES),
    computed(typed('IsClosed', 'boolean')),
    computed(typed('IsWon', 'boolean')),
    computed(picklist('ForecastCategory', ['Omitted', 'Pipeline', 'BestCase', 'Forecast', 'Closed'])),
    computed(typed('HasOpportunityLineItem', 'boolean')),
    ...audit({ owner: true }),
    ...activity(),
    lookup('ContactId', ['Contact'], { updateable: false }),
  ],
}

const CASE: ObjectSpec = {
  name: 'Case',
  keyPrefix: '500',
  assignmentRules: true,
  fields: [
    ...identity(),
    computed(lookup('MasterRecordId', ['Case'], { relationshipName: 'MasterRecord' })),
    computed(
      text('CaseNumber', 30, {
        nillable: false,
        autoNumber: true,
        defaultedOnCreate: true,
        idLookup: true,
        nameField: true,
      }),
    ),
    lookup('ContactId', ['Contact']),
    lookup('AccountId', ['Account']),
    lookup('ParentId', ['Case']),
    text('SuppliedName', 80, { label: 'Name' }),
    typed('SuppliedEmail', 'email', { label: 'Email Address' }),
    text('SuppliedPhone', 40, { label: 'Phone' }),
    text('SuppliedCompany', 80, { label: 'Company' }),
    picklist('Type', ['Mechanical', 'Electrical', 'Electronic', 'Structural', 'Other']),
    picklist('Status', ['New', 'Working', 'Escalated', 'Closed'], { defaultedOnCreate: true, defaultValue: 'New' }),
    picklist('Reason', ['Installation', 'Equipment Complexity', 'Performance', 'Breakdown', 'Feedback', 'Other']),
    picklist('Origin', ['Phone', 'Email', 'Web']),
    text('Subject', 255),
    picklist('Priority', ['High', 'Medium', 'Low'], { defaultedOnCreate: true, defaultValue: 'Medium' }),
    typed('Description', 'textarea', { length: 32000 }),
    computed(typed('IsClosed', 'boolean')),
    computed(typed('ClosedDate', 'datetime')),
    typed('IsEscalated', 'boolean'),
    ...audit({ owner: true }),
    ...activity(),
  ],
}

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

/** Users and the organization first: records of the others point at them. */
export const STANDARD_OBJECTS: readonly ObjectSpec[] = [ORGANIZATION, USER, ACCOUNT, CONTACT, LEAD, OPPORTUNITY, CASE]

/** What a new custom object has before anybody adds a field. */
export function customObjectFields(): FieldSpec[] {
  const name = text('Name', 80, { nameField: true, defaultedOnCreate: true, idLookup: true })
  return [...identity(), name, ...audit({ owner: true }), ...activity()]
}
