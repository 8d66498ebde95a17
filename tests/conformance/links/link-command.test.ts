/** What `link` writes, shows and refuses, and what keeps a run from making a company twice. */
import { afterEach, describe, expect, test } from 'vitest'
import type { LiveProject, Rows } from '../../support/live-project.ts'
import {
  type CompanySync,
  companiesModel,
  companiesOf,
  companiesYaml,
  companyProject,
  KEY,
  quarantineOf,
} from './company-lab.ts'

const TWO: Rows = [
  { company_id: 'W-1', domain: 'one.example', plan: 'core' },
  { company_id: 'W-2', domain: 'two.example', plan: 'core' },
]

let project: LiveProject | undefined
afterEach(() => project?.close())

async function prepared(
  rows: Rows,
  records: readonly Record<string, string>[],
  sync?: CompanySync,
): Promise<LiveProject> {
  project = await companyProject(rows, sync)
  await project.control.putRecords('hubspot', 'companies', records)
  return project
}

const link = (live: LiveProject, ...more: string[]) => live.cli('link', 'companies', '--by', 'domain', ...more)

describe('link', () => {
  test('without --apply it is a plan: one update of the key by record id, and nothing is written', async () => {
    const live = await prepared(TWO, [{ domain: 'one.example' }])
    const [company] = await companiesOf(live)
    const planned = await link(live)
    expect(planned.exit).toBe(0)
    expect(planned.stdout).toContain(`W-1  ${KEY} (blank) → W-1`)
    expect(planned.stdout).toContain('1 rows have no record by domain')
    const line = JSON.parse((await link(live, '--output', 'json', '--show-values')).stdout)
    expect(line.syncs[0].predicted.requests).toMatchObject([
      { path: expect.stringMatching(/companies\/batch\/update$/), rows: 1 },
    ])
    expect(await live.takeWrites()).toEqual([])

    expect((await link(live, '--apply')).exit).toBe(0)
    const writes = await live.takeWrites()
    expect(writes).toHaveLength(1)
    expect(writes[0]?.body).toMatchObject({ inputs: [{ id: company?.id, properties: { [KEY]: 'W-1' } }] })
  })

  test('the audit holds intent, before-image and outcome of a link as of any run', async () => {
    const live = await prepared(TWO, [{ domain: 'one.example' }])
    await link(live, '--apply')
    const history = await live.cli('history', 'row', 'companies__link', 'W-1', '--output', 'json')
    expect(history.exit).toBe(0)
    expect(history.stdout).toContain(KEY)
    expect(history.stdout).toContain('succeeded')
  })

  test('a guard stops it before the first write, and --allow lets it through once', async () => {
    const live = await prepared(TWO, [{ domain: 'one.example' }, { domain: 'two.example' }], {
      more: [],
    })
    live.write('syncs/companies.yml', companiesYaml().replace('max_updates: 100%', 'max_updates: 1'))
    const refused = await link(live, '--apply')
    expect(refused.exit).toBe(3)
    expect(refused.stderr).toContain('E-BUDGET-UPDATES')
    expect(await live.takeWrites()).toEqual([])
    expect((await link(live, '--apply', '--allow', 'updates=2', '--reason', 'first link')).exit).toBe(0)
    expect((await companiesOf(live)).map(({ key }) => key).sort()).toEqual(['W-1', 'W-2'])
  })

  test('two rows that lead to one company: neither gets it', async () => {
    const live = await prepared(
      [...TWO, { company_id: 'W-3', domain: 'one.example', plan: 'core' }],
      [{ domain: 'one.example' }],
    )
    expect((await link(live, '--apply')).exit).toBe(0)
    expect(await live.takeWrites()).toEqual([])
    expect((await quarantineOf(live, 'companies__link')).map(([key, rule]) => [key, rule])).toEqual([
      ['W-1', 'match_claimed_twice'],
      ['W-3', 'match_claimed_twice'],
    ])
  })

  test('a company that was archived is nobody', async () => {
    const live = await prepared(TWO, [{ domain: 'one.example' }])
    const [company] = await companiesOf(live)
    await fetch(`${live.crmUrl}/crm/v3/objects/companies/${company?.id}`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer pat-na1-5ec2e700-0000-4000-8000-5ec2e75ec2e7' },
    })
    await live.takeWrites()
    await link(live, '--apply')
    expect(await live.takeWrites()).toEqual([])
  })

  test('an answer that never came is settled by reading: the key is written once', async () => {
    const live = await prepared(TWO, [{ domain: 'one.example' }])
    await live.control.addFault({
      match: { path: '/companies\\/batch\\/update/', nth: 1 },
      action: { drop_after_apply: true },
    })
    expect((await link(live, '--apply')).exit).toBe(5)
    expect((await link(live, '--apply')).exit).toBe(0)
    expect(await live.takeWrites()).toHaveLength(1)
    const companies = await companiesOf(live)
    expect(companies.map(({ key }) => key)).toEqual(['W-1'])
  })

  test.each([
    [['contacts', '--by', 'domain'], 'E-CLI-SELECT'],
    [['companies'], 'E-CLI-OPTION'],
    [['companies', '--by', 'domian'], 'E-MAP-UNKNOWN-FIELD'],
    [['companies', '--by', 'name'], 'E-MAP-COLUMN'],
    [['companies', '--by', KEY], 'E-MAP-MATCH'],
  ])('link %j is refused by name', async (argv, code) => {
    const live = await prepared(TWO, [])
    const refused = await live.cli('link', ...argv)
    expect(refused.exit).toBe(2)
    expect(refused.stderr).toContain(code)
  })
})

describe('run', () => {
  test('a row whose domain a company without a key has waits, and the reason names the command', async () => {
    const live = await prepared(TWO, [{ domain: 'one.example' }])
    const planned = await live.cli('plan')
    expect(planned.stdout).toContain('held 1: link_first 1')
    expect(planned.stdout).toContain('backfeed link companies --by domain -s companies')
    const run = await live.cli('run')
    expect(run.exit).toBe(0)
    expect(run.stdout).toContain('backfeed link companies --by domain -s companies')
    expect((await companiesOf(live)).map(({ key }) => key)).toEqual([null, 'W-2'])
  })

  test('F71 a company that somebody creates between link and run is found, and linked the next time', async () => {
    const live = await prepared(TWO, [])
    await link(live, '--apply')
    await live.control.putRecords('hubspot', 'companies', [{ domain: 'TWO.example' }])
    await live.cli('run')
    expect(await companiesOf(live)).toHaveLength(2)
    await link(live, '--apply')
    await live.cli('run')
    await live.takeWrites()
    expect((await companiesOf(live)).map(({ key }) => key).sort()).toEqual(['W-1', 'W-2'])
    await link(live, '--apply')
    await live.cli('run')
    expect(await live.takeWrites()).toEqual([])
  })

  test('new rows that share a domain are not created: one of them could be meant', async () => {
    const live = await prepared([...TWO, { company_id: 'W-3', domain: 'one.example', plan: 'core' }], [])
    await live.cli('run')
    expect((await companiesOf(live)).map(({ key }) => key)).toEqual(['W-2'])
    expect((await quarantineOf(live, 'companies')).map(([key, rule]) => [key, rule])).toEqual([
      ['W-1', 'link_shared'],
      ['W-3', 'link_shared'],
    ])
  })

  test('a row leaves quarantine by itself once a person has put its key into one of the companies', async () => {
    const live = await prepared(TWO, [{ domain: 'one.example' }, { domain: 'one.example' }])
    await live.cli('run')
    expect(await quarantineOf(live, 'companies')).toHaveLength(1)
    const [first] = await companiesOf(live)
    await fetch(`${live.crmUrl}/crm/v3/objects/companies/${first?.id}`, {
      method: 'PATCH',
      headers: {
        authorization: 'Bearer pat-na1-5ec2e700-0000-4000-8000-5ec2e75ec2e7',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ properties: { [KEY]: 'W-1' } }),
    })
    await live.cli('run')
    expect(await quarantineOf(live, 'companies')).toEqual([])
    expect(await companiesOf(live)).toHaveLength(3)
  })

  test('the domain is looked for by the column of that name when no field maps it, or by what link_by says', async () => {
    const live = await prepared(TWO, [{ domain: 'one.example' }], { fields: ['{to: name, from: domain}'] })
    expect((await live.cli('plan')).stdout).toContain('link_first 1')
    live.write(
      'syncs/companies.yml',
      companiesYaml({ match: ', link_by: {field: name, from: domain}', fields: ['{to: name, from: domain}'] }),
    )
    expect((await live.cli('plan')).stdout).not.toContain('link_first')
    await live.control.putRecords('hubspot', 'companies', [{ name: 'Two.Example' }])
    expect((await live.cli('plan')).stdout).toContain('backfeed link companies --by name')
  })

  test('link_by: none looks at nothing', async () => {
    const live = await prepared(TWO, [{ domain: 'one.example' }], { match: ', link_by: none' })
    await live.cli('run')
    expect(await companiesOf(live)).toHaveLength(3)
    expect((await live.control.journal()).filter(({ path }) => path.endsWith('/search'))).toEqual([])
  })

  test('a row without a domain is created', async () => {
    const live = await prepared([], [])
    live.write('models/companies.sql', companiesModel([{ company_id: 'W-1', domain: null, plan: 'core' }]))
    await live.cli('run')
    expect((await companiesOf(live)).map(({ key }) => key)).toEqual(['W-1'])
  })
})
