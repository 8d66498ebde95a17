/** Every way of writing can be saved: HubSpot with its trace ids, a link and the creates after it, bulk jobs, a repair of drift. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { sha256 } from '../../runner/audit/run-log.ts'
import { CUSTOMERS, smallSync } from '../promises/small-sync.ts'
import type { LiveProject } from '../support/live-project.ts'
import { readAudit } from '../support/read-audit.ts'
import { companiesOf, companyProject } from './links/company-lab.ts'

let live: LiveProject | undefined
afterEach(() => live?.close())

interface Predicted {
  path: string
  sha256?: string
}

const predicted = (project: LiveProject, file: string): Predicted[] => {
  const { syncs } = JSON.parse(readFileSync(join(project.dir, file), 'utf8')) as {
    syncs: { predicted: { requests: Predicted[] } }[]
  }
  return syncs.flatMap((sync) => sync.predicted.requests)
}

test('HubSpot: a link, then the creates, each byte for byte with the trace ids of its plan', {
  timeout: 240_000,
}, async () => {
  const project = await companyProject([
    { company_id: 'W-1', domain: 'one.example', plan: 'core' },
    { company_id: 'W-2', domain: 'two.example', plan: 'core' },
  ])
  live = project
  await project.control.putRecords('hubspot', 'companies', [{ domain: 'one.example' }])
  for (const [planning, file] of [
    [['link', 'companies', '--by', 'domain'], 'link.json'],
    [['plan'], 'plan.json'],
  ] as const) {
    expect(await project.cli(...planning, '--out', file)).toMatchObject({ exit: 0 })
    await project.takeWrites()
    expect(await project.cli('apply', file)).toMatchObject({ exit: 0 })
    const sent = (await project.takeWrites()).map(({ body }) => sha256(JSON.stringify(body)))
    expect(sent.length).toBeGreaterThan(0)
    expect(sent).toEqual(predicted(project, file).map((request) => request.sha256))
  }
  const companies = await companiesOf(project)
  expect(companies.map(({ domain, key }) => [domain, key]).sort()).toEqual([
    ['one.example', 'W-1'],
    ['two.example', 'W-2'],
  ])
  expect((await project.control.records('hubspot', 'companies')).length).toBe(2)
})

test('HubSpot: a company that somebody made since the plan is not made twice', { timeout: 240_000 }, async () => {
  const project = await companyProject([{ company_id: 'W-1', domain: 'one.example', plan: 'core' }])
  live = project
  expect(await project.cli('plan', '--out', 'plan.json')).toMatchObject({ exit: 0 })
  await project.control.putRecords('hubspot', 'companies', [{ domain: 'one.example' }])
  await project.takeWrites()
  const applied = await project.cli('apply', 'plan.json', '--output', 'json')
  expect(applied).toMatchObject({ exit: 0, json: { planned: 1, held: 1, write_calls: 0 } })
  expect(await project.takeWrites()).toEqual([])
  expect(await companiesOf(project)).toHaveLength(1)
})

test('Salesforce: a bulk job carries the very file that was planned', { timeout: 240_000 }, async () => {
  const many = Array.from({ length: 60 }, (_, n) => ({ ...CUSTOMERS[0], customer_id: `C-${n}` }))
  const project = await smallSync(many, {
    more: ['guards: {max_creates: 100%, canary_rows: 0}', 'limits: {bulk_above: 20}'],
  })
  live = project
  expect(await project.cli('plan', '--out', 'plan.json')).toMatchObject({ exit: 0 })
  expect(await project.cli('apply', 'plan.json', '--output', 'json')).toMatchObject({
    exit: 0,
    json: { succeeded: 60 },
  })
  const files = predicted(project, 'plan.json').flatMap((request) => request.sha256 ?? [])
  const sent = await readAudit(
    project,
    'select distinct file_sha256 from backfeed.sync_job where file_sha256 is not null order by 1',
  )
  expect(sent.flat()).toEqual(files.sort())
  expect(files.length).toBeGreaterThan(0)
})

test('a repair of drift is saved, and writes only what still holds the edit it was made for', {
  timeout: 240_000,
}, async () => {
  const project = await smallSync(CUSTOMERS, { more: ['ownership: {crm: [], on_drift: overwrite}'] })
  live = project
  expect(await project.cli('run')).toMatchObject({ exit: 0 })
  const records = await project.control.records('salesforce', 'Account')
  const edit = (key: string, value: string) =>
    project.control.putRecords('salesforce', 'Account', [
      { Id: records.find(({ Customer_Id__c }) => Customer_Id__c === key)?.Id, Segment__c: value },
    ])
  await edit('C-1', 'by hand')
  await edit('C-2', 'by hand')
  expect(await project.cli('drift', '--repair', '--out', 'repair.json')).toMatchObject({ exit: 0 })
  await edit('C-2', 'again by hand')
  const applied = await project.cli('apply', 'repair.json', '--output', 'json')
  expect(applied).toMatchObject({ exit: 0, json: { planned: 2, succeeded: 1, held: 1 } })
  const now = await project.control.records('salesforce', 'Account')
  expect(Object.fromEntries(now.map((row) => [row.Customer_Id__c, row.Segment__c]))).toEqual({
    'C-1': 'power',
    'C-2': 'again by hand',
    'C-3': 'light',
  })
})
