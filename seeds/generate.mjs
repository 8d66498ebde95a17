// Writes the worked example's fixtures: seeds/*.csv (the warehouse) and seeds/crm/*.json (what the CRMs already hold).
// Deterministic: the same bytes every time. Run `node seeds/generate.mjs [folder]` after changing it and commit the result.
// Every name, address and number is invented; domains end in .example, which can never be registered.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hubspotFixtures, salesforceFixtures } from './generate-crm.mjs'

const CUSTOMERS = 440
const TEST_REGION = 9

/** Small seeded generator (mulberry32): good enough for fixtures, the same on every machine. */
export function seededRandom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const ADJECTIVES = [
  'Amber',
  'Bright',
  'Cedar',
  'Delta',
  'Ember',
  'Falcon',
  'Granite',
  'Harbor',
  'Indigo',
  'Juniper',
  'Keystone',
  'Lunar',
  'Maple',
  'Nimbus',
  'Orchid',
  'Pioneer',
  'Quartz',
  'River',
  'Summit',
  'Tidal',
  'Umber',
  'Velvet',
]
const NOUNS = [
  'Analytics',
  'Bakery',
  'Clinics',
  'Dynamics',
  'Energy',
  'Foods',
  'Gardens',
  'Holdings',
  'Instruments',
  'Joinery',
  'Kitchens',
  'Logistics',
  'Media',
  'Networks',
  'Optics',
  'Paper',
  'Robotics',
  'Studios',
  'Textiles',
  'Works',
]
const FIRST = [
  'Ada',
  'Bruno',
  'Chloe',
  'Dmitri',
  'Elena',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Kaori',
  'Liam',
  'Mira',
  'Nils',
  'Olga',
  'Pavel',
  'Quinn',
  'Rosa',
  'Sven',
  'Tara',
  'Zoë',
]
const LAST = [
  'Abbott',
  'Berg',
  'Castillo',
  'Dubois',
  'Eriksen',
  'Fischer',
  'García',
  'Haddad',
  'Ivanova',
  'Jansen',
  'Kimura',
  'Lindqvist',
  'Moreau',
  'Novak',
  "O'Neil",
  'Park',
  'Rossi',
  'Schmidt',
  'Tanaka',
  'Weber',
  'Young',
]
const COUNTRIES = [
  { spellings: ['Germany', 'DE', 'germany'], region: 'emea', phone: (n) => `+49 30 ${n}` },
  { spellings: ['United Kingdom', 'GB', 'UK'], region: 'emea', phone: (n) => `+44 20 79${n}` },
  { spellings: ['France', 'FR', ' france '], region: 'emea', phone: (n) => `+33 1 40${n}` },
  {
    spellings: ['United States', 'US', 'USA'],
    region: 'amer',
    phone: (n) => `+1 (415) 5${n.slice(0, 2)}-${n.slice(2)}0`.replace(/-(\d{4})\d*$/, '-$1'),
  },
  { spellings: ['Japan', 'JP', 'japan'], region: 'apac', phone: (n) => `+81 3 52${n}` },
]
const PLANS = ['free', 'team', 'team', 'business', 'business', 'enterprise']
const WEEKS = ['2026-06-01', '2026-06-08', '2026-06-15', '2026-06-22']

const pick = (random, list) => list[Math.floor(random() * list.length)]
const between = (random, low, high) => low + Math.floor(random() * (high - low + 1))
const customerId = (n) => `C-${String(n).padStart(4, '0')}`

/** The world both sides are written from: what is true, before anything is spoiled on purpose. */
export function buildWorld(seed = 20260701) {
  const random = seededRandom(seed)
  const customers = []
  for (let n = 1; n <= CUSTOMERS; n++) customers.push(buildCustomer(random, n))
  const contacts = customers.flatMap((customer) => buildContacts(random, customer))
  return { customers, contacts, random }
}

function buildCustomer(random, n) {
  const name = `${ADJECTIVES[(n - 1) % ADJECTIVES.length]} ${NOUNS[Math.floor((n - 1) / ADJECTIVES.length) % NOUNS.length]}`
  const country = pick(random, COUNTRIES)
  const level = random()
  const perWeek = level > 0.8 ? [400, 900] : level > 0.4 ? [90, 240] : level > 0.12 ? [1, 40] : [0, 0]
  const usage = WEEKS.map((week) => ({
    week,
    events: between(random, ...perWeek),
    activeUsers: between(random, perWeek[0] > 0 ? 1 : 0, Math.ceil(perWeek[1] / 20)),
  }))
  const events = usage.reduce((sum, row) => sum + row.events, 0)
  return {
    id: customerId(n),
    name,
    domain: `${name.toLowerCase().replace(/ /g, '-')}.example`,
    country: pick(random, country.spellings),
    region: n % 48 === 0 && n / 48 <= TEST_REGION ? 'test' : country.region,
    phone: country.phone(String(between(random, 100000, 999999))),
    plan: pick(random, PLANS),
    isActive: random() > 0.03,
    signedUpOn: `20${between(random, 19, 25)}-${String(between(random, 1, 12)).padStart(2, '0')}-${String(between(random, 1, 28)).padStart(2, '0')}`,
    usage,
    segment: events >= 1200 ? 'power' : events >= 300 ? 'core' : events > 0 ? 'light' : 'dormant',
    ltv: (between(random, 2000, 9_000_000) / 100).toFixed(2),
    risk: (between(random, 0, 10_000) / 100).toFixed(2),
    health: between(random, 5, 100),
    intent: between(random, 0, 100),
  }
}

function buildContacts(random, customer) {
  const count = random() < 0.25 ? 2 : 1
  return Array.from({ length: count }, (_, index) => {
    const first = pick(random, FIRST)
    const last = pick(random, LAST)
    const local = `${first}.${last}${index === 0 ? '' : index + 1}`
      .normalize('NFD')
      .replace(/[^A-Za-z0-9.]/g, '')
      .toLowerCase()
    return {
      key: `P-${customer.id.slice(2)}-${index + 1}`,
      customer,
      first,
      last,
      email: `${local}@${customer.domain}`,
      phone: customer.phone,
      score: between(random, 1, 99),
    }
  })
}

/** Each mistake below is one that real tables have; the comment of each says where it must end up. */
function customerRows({ customers }) {
  const rows = customers.map((c) => ({
    customer_id: c.id,
    company_name: c.name,
    website: `https://www.${c.domain}/`,
    country: c.country,
    region: c.region,
    phone: c.phone,
    plan: c.plan,
    is_active: c.isActive,
    signed_up_on: c.signedUpOn,
  }))
  const at = (n) => rows[n - 1]
  rows.push({ ...at(107), company_name: 'Quartz Foods (merged)', plan: 'free' }, { ...at(215), region: 'emea' }) // duplicate keys
  rows.push({ ...at(20), customer_id: '', company_name: 'No Key Ltd', website: 'no-key.example' }) // null key
  at(44).website = at(43).website // two customers, one domain
  at(61).website = 'not a domain'
  at(62).website = 'http://localhost:8080/'
  at(63).website = ''
  at(64).website = at(64).website.toUpperCase() // fine once standardised
  return rows
}

function contactRows({ contacts }) {
  const rows = contacts.map((c) => ({
    contact_key: c.key,
    customer_id: c.customer.id,
    first_name: c.first,
    last_name: c.last,
    email: c.email,
    phone: c.phone,
  }))
  const at = (n) => rows[n - 1]
  at(5).email = 'ada.berg(at)amber.example' // invalid
  at(6).email = 'no-at-sign.example'
  at(7).email = 'two@@signs.example'
  at(8).email = '' // nothing to match on
  at(9).email = `  ${at(9).email.toUpperCase()} ` // fine once standardised
  at(31).email = at(30).email // a mailbox two people share
  at(32).email = at(30).email.toUpperCase() // and a third, in capitals
  at(71).phone = 'call reception' // invalid
  at(72).phone = '12345'
  at(73).phone = ''
  return rows
}

function scoreRows({ customers }) {
  const rows = customers.map((c) => ({
    customer_id: c.id,
    ltv: c.ltv,
    risk_score: c.risk,
    health_score: String(c.health),
    intent_score: String(c.intent),
  }))
  const at = (n) => rows[n - 1]
  at(77).ltv = '' // nulls: the CRM keeps what it has
  at(78).ltv = ''
  at(79).risk_score = ''
  at(88).risk_score = '104.50' // out of range
  at(89).risk_score = '-3.00'
  at(90).health_score = '140'
  return rows.filter((_, index) => index % 97 !== 96) // some customers were never scored
}

function contactScoreRows({ contacts }) {
  const rows = contacts.map((c) => ({ contact_key: c.key, ml_lead_score: String(c.score) }))
  rows[11].ml_lead_score = '250' // out of range
  rows[12].ml_lead_score = ''
  return rows
}

function csv(rows) {
  const columns = Object.keys(rows[0])
  const cell = (value) =>
    /[",\n\r]|^\s|\s$/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value)
  return `${[columns, ...rows.map((row) => columns.map((c) => row[c]))].map((line) => line.map(cell).join(',')).join('\n')}\n`
}

/** One record per line, so that a change reads as one line in a diff. */
function jsonLines(rows) {
  return `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`
}

export function fixtureFiles() {
  const world = buildWorld()
  const usage = world.customers.flatMap((c) =>
    c.usage.map((u) => ({ customer_id: c.id, week_starting: u.week, events: u.events, active_users: u.activeUsers })),
  )
  const files = {
    'customer_dim.csv': csv(customerRows(world)),
    'contact_dim.csv': csv(contactRows(world)),
    'product_usage.csv': csv(usage.filter((row) => row.events > 0)),
    'customer_scores.csv': csv(scoreRows(world)),
    'contact_scores.csv': csv(contactScoreRows(world)),
  }
  for (const { crm, object, schema, records } of [...salesforceFixtures(world), ...hubspotFixtures(world)]) {
    files[`crm/${crm}.${object}.schema.json`] = `${JSON.stringify(schema, null, 2)}\n`
    files[`crm/${crm}.${object}.records.json`] = jsonLines(records)
  }
  return files
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? dirname(fileURLToPath(import.meta.url))
  mkdirSync(join(folder, 'crm'), { recursive: true })
  for (const [name, text] of Object.entries(fixtureFiles())) writeFileSync(join(folder, name), text)
}
