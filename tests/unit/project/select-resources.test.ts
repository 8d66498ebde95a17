import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BackfeedError } from '../../../runner/errors.ts'
import { loadProject } from '../../../runner/project/load-project.ts'
import { projectGraph } from '../../../runner/project/project-graph.ts'
import { type Resource, type ResourceGraph, selectResources } from '../../../runner/project/select-resources.ts'

/** raw -> staged -> accounts -> sync.accounts -> sync.people <- people */
const graph: ResourceGraph = {
  resources: [
    resource({ id: 'raw', kind: 'seed', file: 'seeds/raw.csv' }),
    resource({ id: 'staged', file: 'models/staging/staged.sql', tags: ['nightly'] }),
    resource({ id: 'accounts', file: 'models/crm/accounts.sql', tags: ['nightly', 'crm'] }),
    resource({ id: 'people', file: 'models/crm/people.sql' }),
    sync({
      id: 'sync.accounts',
      name: 'accounts',
      connection: 'salesforce',
      destination: 'salesforce',
      object: 'Account',
    }),
    sync({ id: 'sync.people', name: 'people_out', connection: 'hub_eu', destination: 'hubspot', object: 'contacts' }),
  ],
  edges: [
    { from: 'raw', to: 'staged' },
    { from: 'staged', to: 'accounts' },
    { from: 'accounts', to: 'sync.accounts' },
    { from: 'people', to: 'sync.people' },
    { from: 'sync.accounts', to: 'sync.people' },
  ],
}

function resource(part: Partial<Resource> & { id: string }): Resource {
  return { kind: 'model', name: part.id, file: '', tags: [], ...part }
}

function sync(part: Partial<Resource> & { id: string }): Resource {
  return resource({ kind: 'sync', file: 'syncs/all.yml', tags: ['crm'], ...part })
}

function ids(select: string[] | undefined, exclude: string[] = []): string[] {
  return selectResources(graph, { ...(select && { select }), exclude }).map((r) => r.id)
}

describe('selectors', () => {
  it.each([
    [['accounts'], ['accounts', 'sync.accounts']],
    [['peop*'], ['people', 'sync.people']],
    [['*aged'], ['staged']],
    [['tag:nightly'], ['staged', 'accounts']],
    [['path:models/crm'], ['accounts', 'people']],
    [['path:models/*/people.sql'], ['people']],
    [['path:./models/'], ['staged', 'accounts', 'people']],
    [['resource_type:sync'], ['sync.accounts', 'sync.people']],
    [['destination:hubspot'], ['sync.people']],
    [['object:account'], ['sync.accounts']],
    [['connection:hub_*'], ['sync.people']],
    [['+staged'], ['raw', 'staged']],
    [['staged+'], ['staged', 'accounts', 'sync.accounts', 'sync.people']],
    [['1+sync.accounts'], 'error'],
    [['1+people_out'], ['people', 'sync.accounts', 'sync.people']],
    [['2+people_out'], ['accounts', 'people', 'sync.accounts', 'sync.people']],
    [['staged+1'], ['staged', 'accounts']],
    [['+tag:crm,resource_type:model'], ['staged', 'accounts', 'people']],
    [['raw people'], ['raw', 'people']],
    [
      ['raw', 'people'],
      ['raw', 'people'],
    ],
    [undefined, ['raw', 'staged', 'accounts', 'people', 'sync.accounts', 'sync.people']],
  ])('%j', (select, expected) => {
    if (expected === 'error') expect(() => ids(select)).toThrow(BackfeedError)
    else expect(ids(select)).toEqual(expected)
  })

  it('leaves out what is excluded', () => {
    expect(ids(['staged+'], ['tag:crm'])).toEqual(['staged'])
    expect(ids(undefined, ['resource_type:model raw'])).toEqual(['sync.accounts', 'sync.people'])
  })

  it.each([
    ['acounts', 'no resource matches "acounts"', 'did you mean "accounts"?'],
    ['tag:cmr', 'nothing has tag "cmr"', 'did you mean "crm"?'],
    ['tags:crm', '"tags:" is not a way to select', 'did you mean "tag"?'],
    ['+', '"+" is not a selector', 'write a name, +name, name+, tag:x, path:x, …'],
    ['a.c', 'no resource matches "a.c"', 'expected one of: raw, staged, accounts, people, people_out'],
  ])('%s is refused with the nearest name', (word, message, hint) => {
    try {
      ids([word])
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(BackfeedError)
      expect((error as BackfeedError).problems).toMatchObject([{ code: 'E-CLI-SELECT', message, hint }])
    }
  })

  it('refuses a selection that excludes everything', () => {
    expect(() => ids(['raw'], ['raw'])).toThrow(/E-CLI-SELECT nothing is left/)
  })
})

describe('the graph of a project', () => {
  const project = loadProject({ dir: join(import.meta.dirname, '../../fixtures/projects/complete'), env: {} })

  it('joins sources, models and syncs', () => {
    const inputs = new Map([
      ['crm_accounts', ['stg_customers']],
      ['stg_customers', ['customers']],
    ])
    const found = selectResources(projectGraph(project, inputs), { select: ['+hubspot_contacts'] })
    expect(found.map((r) => r.id)).toEqual([
      'customers',
      'dock.people',
      'crm_accounts',
      'stg_customers',
      'sync.hubspot_contacts',
      'sync.salesforce_accounts',
    ])
  })

  it('knows the CRM of a sync', () => {
    const found = selectResources(projectGraph(project), { select: ['destination:salesforce,object:Account'] })
    expect(found.map((r) => r.name)).toEqual(['salesforce_accounts'])
  })
})
