// What Salesforce and HubSpot hold before the first sync: schemas in the vendors' own shape, and records that people work in.

const OWNERS = ['005000000000A01AAE', '005000000000A02AAE', '005000000000A03AAE']
const SEGMENTS = ['power', 'core', 'light', 'dormant']
const NOTES = [
  'Renewal call moved to May.',
  'Prefers to be called before noon.',
  'Do not discount again.',
  'Asked for the security questionnaire.',
]
const STEPS = ['Send contract', 'Book workshop', 'Ask for reference', 'Wait for budget']

const picklist = (values) => values.map((value) => ({ value, label: value, active: true, defaultValue: false }))
const options = (values) => values.map((value) => ({ value, label: value }))

export function salesforceFixtures(world) {
  return [
    { crm: 'salesforce', object: 'Account', schema: accountSchema(), records: accounts(world) },
    { crm: 'salesforce', object: 'Contact', schema: contactSchema(), records: salesforceContacts(world) },
  ]
}

function accountSchema() {
  return {
    fields: [
      {
        name: 'Customer_Id__c',
        label: 'Customer Id',
        type: 'string',
        length: 20,
        externalId: true,
        unique: true,
        idLookup: true,
        nillable: true,
      },
      { name: 'LTV__c', label: 'Lifetime Value', type: 'currency', precision: 18, scale: 2, nillable: true },
      {
        name: 'Product_Usage_Segment__c',
        label: 'Product Usage Segment',
        type: 'picklist',
        length: 255,
        nillable: true,
        restrictedPicklist: true,
        picklistValues: picklist(SEGMENTS),
      },
      { name: 'Risk_Score__c', label: 'Risk Score', type: 'double', precision: 5, scale: 2, nillable: true },
      { name: 'Next_Step__c', label: 'Next Step', type: 'string', length: 255, nillable: true },
      { name: 'Custom_Notes__c', label: 'Custom Notes', type: 'string', length: 255, nillable: true },
    ],
  }
}

/** 395 customers already have an account; most values are right, some are stale, some were never filled; 17 are prospects. */
function accounts({ customers }) {
  const known = customers.slice(0, 395).map((c, index) => ({
    Name: c.name,
    OwnerId: OWNERS[index % OWNERS.length],
    Customer_Id__c: c.id,
    LTV__c: index % 9 === 4 ? Number((Number(c.ltv) - 31.75).toFixed(2)) : Number(c.ltv),
    Product_Usage_Segment__c: index % 23 === 7 ? null : c.segment,
    Risk_Score__c: index % 31 === 3 ? null : Number(c.risk),
    Next_Step__c: index % 13 === 2 ? STEPS[index % STEPS.length] : null,
    Custom_Notes__c: index % 17 === 5 ? NOTES[index % NOTES.length] : null,
  }))
  const prospects = Array.from({ length: 17 }, (_, index) => ({
    Name: `Prospect ${index + 1}`,
    OwnerId: OWNERS[index % OWNERS.length],
    Next_Step__c: STEPS[index % STEPS.length],
  }))
  return [...known, ...prospects]
}

function contactSchema() {
  return {
    fields: [
      { name: 'Lead_Score__c', label: 'Lead Score', type: 'double', precision: 5, scale: 0, nillable: true },
      {
        name: 'Product_Usage_Segment__c',
        label: 'Product Usage Segment',
        type: 'picklist',
        length: 255,
        nillable: true,
        restrictedPicklist: true,
        picklistValues: picklist(SEGMENTS),
      },
    ],
  }
}

/** People the reps created; the sync only enriches them. Two records share one e-mail address on purpose. */
function salesforceContacts({ contacts }) {
  const records = contacts
    .filter((_, index) => index % 20 !== 19)
    .map((c, index) => ({
      FirstName: c.first,
      LastName: c.last,
      Email: c.email,
      OwnerId: OWNERS[index % OWNERS.length],
      Title: index % 11 === 0 ? 'Head of Operations' : null,
      Lead_Score__c: index % 4 === 0 ? c.score : null,
      Product_Usage_Segment__c: index % 4 === 0 ? c.customer.segment : null,
    }))
  return [...records, { ...records[50], FirstName: 'Second', Title: 'Duplicate made by a web form' }]
}

export function hubspotFixtures(world) {
  return [
    { crm: 'hubspot', object: 'companies', schema: { properties: sharedProperties() }, records: companies(world) },
    {
      crm: 'hubspot',
      object: 'contacts',
      schema: { properties: [...sharedProperties(), PERSON_KEY] },
      records: hubspotContacts(world),
    },
  ]
}

function sharedProperties() {
  return [
    {
      name: 'plan',
      label: 'Plan',
      type: 'enumeration',
      fieldType: 'select',
      options: options(['free', 'team', 'business', 'enterprise']),
    },
    { name: 'health_score', label: 'Health score', type: 'number', fieldType: 'number' },
    {
      name: 'intent_segment',
      label: 'Intent segment',
      type: 'enumeration',
      fieldType: 'select',
      options: options(['hot', 'warm', 'cold']),
    },
  ]
}

/** Unique in HubSpot, and somebody typed one of ours into the record of somebody else: HubSpot refuses ours, and no plan can know. */
const PERSON_KEY = {
  name: 'person_key',
  label: 'Person key',
  type: 'string',
  fieldType: 'text',
  hasUniqueValue: true,
}
const MISTYPED = {
  firstname: 'Robin',
  lastname: 'Elsewhere',
  email: 'robin@elsewhere.example',
  person_key: 'P-0300-1',
}

const intentSegment = (customer) => (customer.intent >= 70 ? 'hot' : customer.intent >= 40 ? 'warm' : 'cold')

/** Two domains are held by two companies each: HubSpot does not make `domain` unique, so nobody can say which one is meant. */
function companies({ customers }) {
  const records = customers.slice(0, 420).map((c, index) => ({
    name: c.name,
    domain: c.domain,
    hubspot_owner_id: String(7001 + (index % 3)),
    plan: index % 7 === 1 ? null : c.plan,
    health_score: index % 10 === 6 ? String(Math.max(0, c.health - 4)) : String(c.health),
    intent_segment: index % 15 === 9 ? null : intentSegment(c),
  }))
  const twins = [150, 151].map((index) => ({ ...records[index], name: `${records[index].name} (imported twice)` }))
  return [...records, ...twins]
}

function hubspotContacts({ contacts }) {
  const known = contacts
    .filter((c, index) => index % 10 !== 9 && c.key !== MISTYPED.person_key)
    .map((c, index) => ({
      firstname: c.first,
      lastname: c.last,
      email: c.email,
      phone: index % 3 === 0 ? c.phone : null,
      plan: index % 8 === 2 ? null : c.customer.plan,
      health_score: String(c.customer.health),
      intent_segment: index % 12 === 5 ? 'cold' : intentSegment(c.customer),
      person_key: c.key,
    }))
  return [...known, MISTYPED]
}
