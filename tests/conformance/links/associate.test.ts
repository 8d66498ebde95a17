/** Associations declared in a sync: made once the row's record is known, only when new or changed, never removed. */
import { afterEach, describe, expect, test } from 'vitest'
import { type LiveProject, liveProject, type Rows, SECRETS, valuesModel } from '../../support/live-project.ts'
import { readAudit } from '../../support/read-audit.ts'

const COLUMNS = { person_id: 'varchar', email: 'varchar', company_id: 'varchar', title: 'varchar' }
const PEOPLE: Rows = [
  { person_id: 'P-1', email: 'one@people.example', company_id: 'W-1', title: 'a' },
  { person_id: 'P-2', email: 'two@people.example', company_id: 'W-2', title: 'b' },
  { person_id: 'P-3', email: 'three@people.example', company_id: null, title: 'c' },
]

const peopleModel = (rows: Rows): string => valuesModel(COLUMNS, rows)

const peopleYaml = (associate: string): string => `version: 1
syncs:
  - name: people
    model: ref('people')
    primary_key: person_id
    destination: {connection: hubspot, object: contacts}
    mode: upsert
    match: {field: email, from: email, strategy: unique_property}
    first_sync: overwrite
    fields:
      - {to: jobtitle, from: title}
    associate: ${associate}
    guards: {max_creates: 100%, max_updates: 100%, max_quarantined: 100%}
`

const TO_COMPANIES = '[{to: companies, match: {field: warehouse_company_id, from: company_id}}]'

let project: LiveProject | undefined
afterEach(() => project?.close())

async function prepared(rows: Rows = PEOPLE, associate = TO_COMPANIES): Promise<{ live: LiveProject; ids: string[] }> {
  project = await liveProject({ 'models/people.sql': peopleModel(rows), 'syncs/people.yml': peopleYaml(associate) })
  await project.control.putSchema('hubspot', 'companies', {
    properties: [{ name: 'warehouse_company_id', type: 'string', fieldType: 'text', hasUniqueValue: true }],
  })
  await project.control.putSchema('hubspot', 'contacts', {
    properties: [{ name: 'jobtitle', type: 'string', fieldType: 'text' }],
  })
  const ids = await project.control.putRecords('hubspot', 'companies', [
    { domain: 'one.example', warehouse_company_id: 'W-1' },
    { domain: 'two.example', warehouse_company_id: 'W-2' },
  ])
  return { live: project, ids }
}

const call = async (live: LiveProject, path: string, body?: unknown): Promise<Record<string, unknown>> => {
  const headers = { authorization: `Bearer ${SECRETS.HS_TEST_TOKEN}`, 'content-type': 'application/json' }
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  return (await (await fetch(`${live.crmUrl}${path}`, init)).json()) as Record<string, unknown>
}

/** Company ids and types by e-mail; the first company becomes the primary one by itself. */
async function held(live: LiveProject): Promise<Record<string, unknown>> {
  const contacts = await live.control.records('hubspot', 'contacts')
  const found: Record<string, unknown> = {}
  for (const contact of contacts) {
    const properties = (contact.properties ?? contact) as Record<string, unknown>
    const path = `/crm/v4/objects/contacts/${String(contact.id)}/associations/companies`
    const { results } = (await call(live, path)) as {
      results: { toObjectId: unknown; associationTypes: { category: string; typeId: number }[] }[]
    }
    found[String(properties.email)] = results.map(({ toObjectId, associationTypes }) => [
      String(toObjectId),
      associationTypes.map(({ category, typeId }) => `${category} ${typeId}`).sort(),
    ])
  }
  await live.control.clearJournal()
  return found
}

const associationWrites = async (live: LiveProject) =>
  (await live.takeWrites()).filter(({ path }) => path.includes('/associations/'))

describe('associate', () => {
  test('made after the records are, once; null leaves alone; the second run writes nothing', async () => {
    const { live, ids } = await prepared()
    expect(await live.cli('run')).toMatchObject({ exit: 0 })
    const writes = await associationWrites(live)
    expect(writes).toHaveLength(1)
    expect(writes[0]?.path).toMatch(/associations\/.*contacts\/companies\/batch\/associate\/default$/)
    const first = await held(live)
    expect(first['three@people.example']).toEqual([])
    expect((first['one@people.example'] as unknown[][])[0]?.[0]).toBe(ids[0])
    expect((first['two@people.example'] as unknown[][])[0]?.[0]).toBe(ids[1])
    expect(await live.cli('run')).toMatchObject({ exit: 0 })
    expect(await live.takeWrites()).toEqual([])
  })

  test('a changed key adds the new association and removes none; the plan predicts the request', async () => {
    const { live, ids } = await prepared()
    await live.cli('run')
    live.write(
      'models/people.sql',
      peopleModel(PEOPLE.map((row) => (row.person_id === 'P-1' ? { ...row, company_id: 'W-2' } : row))),
    )
    const planned = JSON.parse((await live.cli('plan', '--output', 'json', '--show-values')).stdout)
    const plan = planned.syncs.find(({ sync }: { sync: string }) => sync === 'people__to1')
    expect(plan.predicted.requests).toMatchObject([{ rows: 1, path: expect.stringContaining('/associate/default') }])
    expect(plan.samples[0].fields).toMatchObject([{ field: 'associations.companies', action: 'set', after: 'W-2' }])
    await live.takeWrites()
    await live.cli('run')
    expect(await live.takeWrites()).toHaveLength(1)
    expect((await held(live))['one@people.example']).toEqual([
      [ids[0], ['HUBSPOT_DEFINED 1', 'HUBSPOT_DEFINED 279']],
      [ids[1], ['HUBSPOT_DEFINED 279']],
    ])
  })

  test('audited as a field of its own, with the outcome', async () => {
    const { live } = await prepared()
    await live.cli('run')
    expect(
      await readAudit(
        live,
        "select row_key, field, after_value, outcome from backfeed_audit.field_changes where field like 'associations%' order by row_key",
      ),
    ).toEqual([
      ['P-1', 'associations.companies', 'W-1', 'succeeded'],
      ['P-2', 'associations.companies', 'W-2', 'succeeded'],
    ])
    expect(await readAudit(live, 'select * from backfeed_audit.reconciliation')).toEqual([])
  })

  test('a company that is not there: quarantined by name, the row itself is written, and it leaves by itself', async () => {
    const { live } = await prepared([{ person_id: 'P-1', email: 'one@people.example', company_id: 'W-9', title: 'a' }])
    expect(await live.cli('run')).toMatchObject({ exit: 0 })
    expect(await associationWrites(live)).toEqual([])
    const waiting = await live.cli('quarantine', 'ls', 'people__to1')
    expect(waiting.stdout).toContain('target_missing')
    await live.control.putRecords('hubspot', 'companies', [{ warehouse_company_id: 'W-9' }])
    await live.cli('run')
    expect(await associationWrites(live)).toHaveLength(1)
    expect((await live.cli('quarantine', 'ls', 'people__to1')).stdout).not.toContain('target_missing')
  })

  test('a label uses its own type, and an unknown one is refused with those there are', async () => {
    const { live, ids } = await prepared(PEOPLE, TO_COMPANIES.replace('}}]', '}, label: Billing}]'))
    const refused = await live.cli('run')
    expect(refused.exit).toBe(2)
    expect(refused.stderr).toContain('labels: Primary')
    await call(live, '/crm/v4/associations/contacts/companies/labels', { label: 'Billing', name: 'billing' })
    await live.takeWrites()
    expect(await live.cli('run')).toMatchObject({ exit: 0 })
    const writes = await associationWrites(live)
    expect(writes[0]?.path).toMatch(/contacts\/companies\/batch\/create$/)
    expect((await held(live))['one@people.example']).toEqual([
      [ids[0], ['HUBSPOT_DEFINED 1', 'HUBSPOT_DEFINED 279', 'USER_DEFINED 1']],
    ])
    await live.cli('run')
    expect(await live.takeWrites()).toEqual([])
  })

  test('a lost answer is unknown, and the repetition makes no second association', async () => {
    const { live } = await prepared()
    await live.control.addFault({
      match: { path: '/associate\\/default/', nth: 1 },
      action: { drop_after_apply: true },
    })
    expect((await live.cli('run')).exit).toBe(5)
    expect(Object.values(await held(live)).flat()).toHaveLength(2)
    await live.cli('run')
    expect(Object.values(await held(live)).flat()).toHaveLength(2)
  })

  test.each([
    ['[{to: companies, match: {field: domain, from: company_id}}]', 'E-MAP-NOKEY'],
    ['[{to: companies, match: {field: warehouse_company_id, from: company}}]', 'E-MAP-COLUMN'],
    ['[{to: compnies, match: {field: warehouse_company_id, from: company_id}}]', 'E-MAP-OBJECT'],
    ['[{too: companies}]', 'E-CFG-UNKNOWN'],
  ])('%s is refused by name', async (associate, code) => {
    const { live } = await prepared(PEOPLE, associate)
    const refused = await live.cli('run')
    expect(refused.exit).toBe(2)
    expect(refused.stderr).toContain(code)
    expect(await live.takeWrites()).toEqual([])
  })
})
