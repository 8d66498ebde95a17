import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadProject } from '../../../runner/project/load-project.ts'
import { Secret } from '../../../runner/project/secret.ts'

const PROJECTS = join(import.meta.dirname, '../../fixtures/projects')
const complete = join(PROJECTS, 'complete')

const PROD_ENV = { PGPASSWORD: 'p w', SF_CLIENT_ID: 'id1', SF_CLIENT_SECRET: 's3', HUBSPOT_TOKEN: 'tok' }

describe('a complete project', () => {
  const project = loadProject({ dir: complete, env: {} })

  it('loads for the default target without the secrets of the others', () => {
    expect(project).toMatchObject({
      name: 'harbour',
      version: '1.2.0',
      defaultTarget: 'dev',
      activeTarget: 'dev',
      targetNames: ['dev', 'prod'],
      cleanTargets: ['target', 'logs'],
      audit: { schema: 'harbour_audit', values: 'masked', hashChain: true },
      vars: { lookback_days: 30, region: 'north' },
      warnings: [],
    })
    expect([...project.targets]).toMatchObject([
      ['dev', { name: 'dev', type: 'duckdb', schema: 'harbour', threads: 2, settings: { path: 'target/dev.duckdb' } }],
    ])
    expect(project.connections.get('salesforce')?.targets.get('dev')).toMatchObject({ emulator: true })
    expect(project.connections.get('hubspot')?.targets.has('prod')).toBe(false)
  })

  it('reads models with what project.yml and property files say', () => {
    const accounts = project.models.get('crm_accounts')
    expect(accounts).toMatchObject({
      file: 'models/crm_accounts.sql',
      materialized: 'table',
      tags: ['nightly', 'accounts'],
    })
    expect(accounts?.text).toContain('{{ ref(')
    expect(project.models.get('stg_customers')).toMatchObject({ materialized: 'view', schema: 'harbour_staging' })
    const tier = accounts?.columns.get('tier')?.rules
    expect(tier).toMatchObject([
      { name: 'tier_accepted_values', values: ['gold', 'silver', '3'], onFail: 'quarantine' },
    ])
    expect(accounts?.columns.get('risk')?.rules).toMatchObject([
      { rule: 'between', min: '0', max: '1.50', onFail: 'skip' },
    ])
    expect(project.models.get('crm_people')?.columns.get('email')).toMatchObject({
      semanticType: 'email',
      sensitive: 'hash',
    })
    expect(project.seeds.get('customers')).toMatchObject({ file: 'seeds/customers.csv', tags: ['fixtures'] })
    expect(project.sources.get('dock.people')).toMatchObject({ schema: 'dock_raw', identifier: 'people_v2' })
    expect(project.macroFiles.map((m) => m.file)).toEqual(['macros/berth.sql'])
  })

  it('normalises a sync that says everything', () => {
    const sync = project.syncs.get('salesforce_accounts')
    expect(sync).toMatchObject({
      file: 'syncs/salesforce.yml',
      model: { kind: 'ref', name: 'crm_accounts', at: { line: 6, column: 17 } },
      primaryKey: ['customer_id'],
      connection: 'salesforce',
      object: 'Account',
      mode: 'upsert',
      match: { field: 'Customer_Id__c', from: 'customer_id', strategy: 'external_id', at: { line: 10, column: 20 } },
      ownership: { crm: ['OwnerId', 'Next_Step__c'], onDrift: 'overwrite' },
      firstSync: 'fill_blank',
      limits: { batchSize: 200, concurrency: 3, requestsPerSecond: 5 },
      schedule: { every: '15m' },
      tags: ['crm', 'tier1'],
      owner: { name: 'RevOps', email: 'revops@harbour.example' },
      audit: { values: 'full', sensitive: { note: 'hash' } },
      at: { file: 'syncs/salesforce.yml', line: 4, column: 11 },
    })
    expect(sync?.guards).toEqual({
      minSourceRows: 10,
      maxSourceDrop: { percent: 20 },
      maxCreates: { count: 500 },
      maxUpdates: { percent: 30 },
      maxClears: { percent: 1 },
      maxDeletes: { count: 0 },
      maxQuarantined: { percent: 5 },
      maxRejected: { percent: 5 },
      maxFieldClears: { percent: 50 },
      maxConflicts: { percent: 10 },
      maxEqualErrors: 10,
      canaryRows: 25,
      explicit: ['min_source_rows', 'max_source_drop', 'max_creates', 'max_updates', 'max_deletes'],
    })
  })

  it('keeps constants as they were typed', () => {
    const fields = project.syncs.get('salesforce_accounts')?.fields ?? []
    const shown = fields.map(({ to, from, value, valueKind, onNull, write }) => [
      to,
      from ?? value,
      valueKind,
      onNull,
      write,
    ])
    expect(shown).toEqual([
      ['Tier__c', 'tier', undefined, 'ignore', 'always'],
      ['Berth_Fee__c', 'berth_fee', undefined, 'ignore', 'always'],
      ['Risk__c', 'risk', undefined, 'clear', 'always'],
      ['Origin__c', 'Warehouse', 'text', 'ignore', 'on_create'],
      ['Weight__c', '12345678901234567890.10', 'number', 'ignore', 'always'],
      ['Active__c', 'true', 'bool', 'ignore', 'if_empty'],
      ['Note__c', 'note', undefined, 'ignore', 'always'],
      ['Phase__c', 'tier', undefined, 'ignore', 'always'],
    ])
    expect(fields[6]?.clearWhen).toBe('closed_flag')
    expect(fields[7]?.sentinel).toBe('__CLEAR__')
    expect(fields[2]?.at).toEqual({ file: 'syncs/salesforce.yml', line: 14, column: 14, length: 7 })
    expect(fields[2]?.fromAt).toEqual({ file: 'syncs/salesforce.yml', line: 14, column: 29, length: 4 })
  })

  it('names rules, and keeps their arguments as text', () => {
    const rules = project.syncs.get('salesforce_accounts')?.validate ?? []
    expect(rules.map((r) => [r.name, r.rule, r.onFail])).toEqual([
      ['risk_between', 'between', 'quarantine'],
      ['tier_accepted_values', 'accepted_values', 'quarantine'],
      ['short_note', 'max_length', 'fail'],
      ['tier_matches', 'matches', 'quarantine'],
      ['active_only', 'expression', 'skip'],
    ])
    expect(rules[1]?.values).toEqual(['gold', 'silver', '7.50'])
  })

  it('merges defaults of project.yml and of the file into a sync', () => {
    expect(project.syncs.get('hubspot_contacts')).toMatchObject({
      connection: 'hubspot',
      object: 'contacts',
      mode: 'update',
      model: { kind: 'source', source: 'dock', table: 'people' },
      primaryKey: ['person_id', 'email'],
      fields: [{ to: 'tier', onNull: 'reject' }],
      guards: { maxUpdates: { percent: 30 } },
      limits: { batchSize: 100, concurrency: 2 },
      firstSync: 'hold',
      tags: ['crm', 'hubspot'],
      dependsOn: ['salesforce_accounts'],
      audit: { values: 'masked' },
    })
    expect(project.syncs.get('hubspot_contacts')?.rendered).toMatchObject({
      destination: { connection: 'hubspot', object: 'contacts' },
      guards: { max_updates: '30%' },
    })
  })
})

describe('another target', () => {
  it('is resolved with its secrets wrapped', () => {
    const project = loadProject({ dir: complete, env: PROD_ENV, target: 'prod' })
    const settings = project.targets.get('prod')?.settings ?? {}
    expect(settings).toMatchObject({ host: 'db.harbour.example', port: 5432, user: 'backfeed', database: 'analytics' })
    expect(settings.password).toBeInstanceOf(Secret)
    const salesforce = project.connections.get('salesforce')?.targets.get('prod')
    expect(salesforce).toMatchObject({
      emulator: false,
      auth: 'client_credentials',
      settings: { login_url: 'https://harbour.my.salesforce.com', api_version: '62.0' },
      expect: { orgId: '00D000000000001AAA', isSandbox: false },
    })
    expect(JSON.stringify(salesforce)).not.toMatch(/id1|s3/)
    const hubspot = project.connections.get('hubspot')?.targets.get('prod')
    expect(hubspot).toMatchObject({ auth: 'access_token', expect: { orgId: '1234567' } })
  })

  it('takes variables of the command line over those of the file', () => {
    const project = loadProject({ dir: complete, env: {}, vars: { lookback_days: 7, extra: 'x' } })
    expect(project.vars).toEqual({ lookback_days: 7, region: 'north', extra: 'x' })
  })
})

describe('the smallest project', () => {
  it('runs on DuckDB and the emulator', () => {
    const project = loadProject({ dir: join(PROJECTS, 'smallest'), env: {} })
    expect(project.targets.get('dev')).toMatchObject({ type: 'duckdb', settings: { path: 'target/dev.duckdb' } })
    expect(project.connections.get('salesforce')?.targets.get('dev')).toMatchObject({ emulator: true })
    expect(project.connections.get('hubspot')?.targets.get('dev')).toMatchObject({ emulator: true })
    expect(project.audit).toEqual({ schema: 'backfeed_audit', values: 'full', hashChain: true })
    expect(project.syncs.get('people')?.match.strategy).toBe('lookup')
  })
})
