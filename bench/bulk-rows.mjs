// The rows of the bulk benchmarks: twelve columns, as plan rows carry them and as records for other people's libraries.
import { hash } from 'node:crypto'

export const SCHEMA = {
  fields: [
    { name: 'Customer_Id__c', type: 'string', length: 20, externalId: true, unique: true, idLookup: true },
    { name: 'LTV__c', type: 'currency', precision: 18, scale: 2 },
    { name: 'Segment__c', type: 'string', length: 20 },
    { name: 'Users__c', type: 'double', precision: 18, scale: 0 },
    { name: 'Active__c', type: 'boolean' },
    { name: 'Signed_Up__c', type: 'date' },
    { name: 'Seen_At__c', type: 'datetime' },
    { name: 'Churn__c', type: 'double', precision: 5, scale: 2 },
    { name: 'Notes__c', type: 'textarea', length: 32000 },
    { name: 'Country__c', type: 'string', length: 40 },
    { name: 'Owner_Email__c', type: 'email' },
  ],
}

const SEGMENTS = ['power', 'core', 'light', 'dormant']
const day = (i) => new Date(1_420_070_400_000 + (i % 4000) * 86_400_000).toISOString()

/** `first` shifts the keys, so that two runs do not meet in the same records. */
export function record(i, first = 0) {
  const date = day(i)
  return {
    Customer_Id__c: `C-${String(first + i).padStart(9, '0')}`,
    Name: `Company number ${i}`,
    LTV__c: (i % 900_000) + 0.25,
    Segment__c: SEGMENTS[i % 4],
    Users__c: i % 5000,
    Active__c: i % 3 === 0,
    Signed_Up__c: date.slice(0, 10),
    Seen_At__c: date,
    Churn__c: i % 5 === 0 ? null : (i % 100) / 4,
    // One note in ten needs quotes, as it is in real ones.
    Notes__c: i % 10 === 0 ? `called "twice", then wrote\nagain (${i})` : `renewal discussed in meeting ${i}`,
    Country__c: 'United Kingdom',
    Owner_Email__c: `person${i}@company${i % 5000}.example`,
  }
}

/** A change as the sync layer hands it over. */
export function change(i, first = 0) {
  const { Customer_Id__c, ...fields } = record(i, first)
  const body = `{"attributes":{"type":"Account"},"Customer_Id__c":"${Customer_Id__c}",${JSON.stringify(fields).slice(1)}`
  return { changeId: String(i), body, payloadHash: hash('md5', body) }
}

export async function* changePages(from, to, first = 0) {
  for (let at = from; at < to; at += 1000) {
    yield Array.from({ length: Math.min(1000, to - at) }, (_, offset) => change(at + offset, first))
  }
}
