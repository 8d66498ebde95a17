import { expect, test } from 'vitest'
import { loadProject } from '../../../runner/project/load-project.ts'

test('the worked example loads without a warning and holds what the design names', () => {
  const project = loadProject({ dir: new URL('../../..', import.meta.url).pathname, env: {} })
  expect(project.warnings).toEqual([])
  expect([...project.syncs.keys()].sort()).toEqual([
    'hubspot_companies',
    'hubspot_contacts',
    'salesforce_accounts',
    'salesforce_contacts',
  ])
  for (const model of ['customer_profile', 'lead_scores', 'crm_accounts', 'crm_contacts', 'crm_companies'])
    expect(project.models.has(model), model).toBe(true)
  expect([...project.syncs.values()].map((sync) => sync.schedule?.every)).toEqual(['1h', '1h', '15m', '15m'])
})
