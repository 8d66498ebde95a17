/** Everything that can fail, fails, with values in it that are recognised wherever they turn up. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { filesUnder, leaksOf, type Place, placesOfFile } from '../support/seeded-values.ts'
import { warehousesUnderTest } from '../support/warehouses.ts'
import { accountsSql, customers, FULL, HIDDEN, quotingError, type SeededWorld, seededWorld } from './seeded-world.ts'

/** Append-only, or a view for auditors; the others are the user's, state, or what one run works on: deltas are computed from those. */
const isAudit = ({ where }: Place): boolean => /^backfeed\.sync_|^backfeed_audit\./.test(where)

/** Inputs, and the file that holds the tables. */
const isInput = (file: string): boolean => /\.duckdb(\.wal)?$|\/(seeds|models|syncs)\/[^/]*$|\/project\.yml$/.test(file)

/** Asked for by a person, about fields that are kept in full. */
const showsValues = ({ where }: Place): boolean =>
  /^stdout of \d+: (plan|drift|revert|adopt|history) /.test(where) && !/--output (json|markdown)/.test(where)

const write = { crm: 'salesforce' as const, method: 'PATCH' }

describe.each(warehousesUnderTest())('a run that fails in every way on $name', (under) => {
  let world: SeededWorld
  const exits: Record<string, unknown> = {}
  let left: Place[] = []
  let tables: Place[] = []
  beforeAll(async () => {
    world = await seededWorld(under)
    await plansAndRefusals()
    await rowsThatFail()
    await processesThatDie()
    await editsAndReverts()
    await warehouseErrors()
    await badConfiguration()
    await questions()
    tables = await world.tables()
  }, 900_000)
  afterAll(() => world?.close())

  const say = async (name: string, ...argv: string[]): Promise<Readonly<Record<string, unknown>>> => {
    const { exit, json } = await world.cli(...argv)
    exits[name] = exit
    return json
  }
  const change = async (suffix: string): Promise<void> => {
    world.project.write('seeds/customers.csv', customers(suffix))
    await say('seed', 'seed', '--output', 'json')
  }

  async function plansAndRefusals(): Promise<void> {
    await say('seed', 'seed')
    await say('plan to markdown', 'plan', '--out', 'plan.md', '--output', 'json')
    await say('plan to a file', 'plan', '--out', 'plan.json', '--debug')
  }

  async function rowsThatFail(): Promise<void> {
    const { control } = world.project
    const quoting = { status: 200, body: [quotingError(), quotingError()] }
    await control.addFault({ match: { ...write, nth: 1 }, action: quoting })
    await say('rejected', 'run', '-s', 'accounts', '--log-level', 'debug', '--output', 'json')
    await control.clearFaults()
    await change(' 2')
    const refusal = [{ errorCode: 'JSON_PARSER_ERROR', message: `cannot read ${HIDDEN.masked}` }]
    await control.addFault({ match: write, action: { status: 400, body: refusal } })
    await say('refused calls', 'run', '-s', 'accounts', '--debug')
    await control.clearFaults()
    const error = {
      status: 'error',
      message: `Property values were not valid: [{"isValid":false,"message":"${HIDDEN.hashed} was not one of the allowed options","name":"jobtitle"}] for ${HIDDEN['masked key']}`,
      category: 'VALIDATION_ERROR',
      correlationId: '00000000-0000-4000-8000-000000000000',
    }
    const batch = { crm: 'hubspot' as const, path: '/\\/batch\\/(upsert|create|update)/' }
    await control.addFault({ match: batch, action: { status: 400, body: error } })
    await say('HubSpot refuses', 'run', '-s', 'people', '--log-level', 'debug')
    await control.clearFaults()
    await change(' 3')
    await control.addFault({ match: { ...write, nth: 1 }, action: { drop_after_apply: true } })
    await control.addFault({ match: { ...batch, nth: 1 }, action: { drop_after_apply: true } })
    await say('unknown', 'run', '--output', 'json')
    await control.clearFaults()
    await say('reconciled', 'reconcile', '-s', 'accounts', '--no-wait', '--output', 'json')
  }

  async function processesThatDie(): Promise<void> {
    for (const [name, point, asBulk] of [
      ['killed mid-batch', under.name === 'duckdb' ? 'CP10' : 'CP12', false],
      ['killed while results are written', 'CP13', false],
      ['killed while a file is uploaded', 'CP18', true],
    ] as const) {
      world.syncs((text) => (asBulk ? text.replace('batch_size: 2', 'bulk_above: 3') : text))
      await change(` ${point}`)
      exits[name] = await world.killed(point, 'run', '-s', 'accounts', '--log-level', 'debug')
      left = [...left, ...['.backfeed', 'tmp'].flatMap((folder) => leftIn(folder))]
      await say('unlock', 'unlock', 'accounts', '--reason', 'it was killed', '--yes', '--force')
      await say(`after ${name}`, 'run', '-s', 'accounts', '--output', 'json')
    }
    world.syncs()
  }
  const leftIn = (folder: string): Place[] => filesUnder(join(world.project.dir, folder)).flatMap(placesOfFile)

  async function editsAndReverts(): Promise<void> {
    const { control } = world.project
    await change(' 4')
    const ran = await say('before the edits', 'run', '-s', 'accounts', '--output', 'json')
    for (const { Id } of await control.records('salesforce', 'Account'))
      await control.putRecords('salesforce', 'Account', [
        {
          Id,
          Masked__c: HIDDEN['masked in the CRM'],
          Hashed__c: HIDDEN['hashed in the CRM'],
          Omitted__c: HIDDEN['omitted in the CRM'],
          Full__c: FULL['full in the CRM'],
        },
      ])
    await say('drift', 'drift', '-s', 'accounts', '--output', 'json')
    await say('repair', 'drift', '--repair', '-s', 'accounts', '--out', 'repair.json', '--output', 'json')
    await say('apply', 'apply', 'repair.json', '--output', 'json')
    await say('adopt', 'adopt', 'accounts', '--apply', '--output', 'json')
    const [first] = Array.isArray(ran.syncs) ? (ran.syncs as { run_id?: string }[]) : []
    await say('revert', 'revert', first?.run_id ?? '', '--output', 'json')
    await say('reverted', 'revert', first?.run_id ?? '', '--apply', '--output', 'json')
    await say('paused', 'run', '-s', 'accounts')
    await say('resume', 'resume', 'accounts')
  }

  async function warehouseErrors(): Promise<void> {
    const { project } = world
    const message = under.name === 'duckdb' ? 'error(masked)' : 'cast(cast(masked as integer) as varchar(80))'
    for (const [name, sql] of [
      ['a cast', accountsSql('cast(cast(full_text as integer) as varchar(80))')],
      ['words of its own', accountsSql(message)],
    ] as const) {
      project.write('models/accounts.sql', sql)
      await say(`${name}: run`, 'run', '-s', 'accounts', '--debug', '--log-level', 'debug')
      await say(`${name}: build`, 'build', '--debug', '--output', 'json')
      await say(`${name}: show`, 'show', 'accounts', '--debug')
    }
    project.write('models/accounts.sql', accountsSql())
    world.syncs((text) =>
      text.replace('limits:', 'validate: [{name: odd, expression: "cast(masked as integer) > 0"}]\n    limits:'),
    )
    await say('a rule', 'run', '-s', 'accounts', '--debug')
    world.syncs()
    await say('after the rule', 'run', '-s', 'accounts', '--output', 'json')
    project.write(
      'seeds/seeds.yml',
      'version: 2\nseeds:\n  - name: customers\n    columns: [{name: masked, data_type: integer}]\n',
    )
    await say('a seed', 'seed', '--debug', '--output', 'json')
    project.write('seeds/seeds.yml', 'version: 2\nseeds: []\n')
  }

  async function badConfiguration(): Promise<void> {
    const { project, configure } = world
    const postgres = `{type: postgres, host: 127.0.0.1, port: 1, user: u, database: d, password: "{{ env_var('WRONG_PASSWORD') }}"}`
    const targets = (target: string, salesforce: string): string => `name: promises
default-target: test
targets:
  test: ${target}
connections:
  salesforce: {type: salesforce, targets: {test: ${salesforce}}}
  hubspot: {type: hubspot, targets: {test: {emulator: true}}}
`
    const token = `{auth: access_token, instance_url: "${project.crmUrl}", access_token: "{{ env_var('SF_TEST_TOKEN') }}"}`
    const key = `{auth: jwt_bearer, client_id: app, username: u@x.example, login_url: "${project.crmUrl}", private_key: "{{ env_var('SF_PRIVATE_KEY') }}"}`
    const app = `{auth: client_credentials, client_id: app, login_url: "${project.crmUrl}", client_secret: "{{ env_var('SF_CLIENT_SECRET') }}"}`
    const duckdb = '{type: duckdb, path: tmp/other.duckdb}'
    const literal = Object.values(world.secrets).slice(0, 2).join(' ')
    for (const [name, text] of [
      ['a server that is not there', targets(postgres, token)],
      ['a bad key', targets(duckdb, key)],
      ['a refused app', targets(duckdb, app)],
      ['a profile', `profile: mine\n${targets(duckdb, token)}`],
      ['a literal token', targets(duckdb, `{access_token: "${literal}", instance_url: "${project.crmUrl}"}`)],
      [
        'a literal password',
        targets(postgres.replace(/"\{\{.*\}\}"/, JSON.stringify(world.secrets.WRONG_PASSWORD)), token),
      ],
    ] as const) {
      configure(text)
      await say(name, 'run', '-s', 'accounts', '--debug', '--output', 'json')
      await say(`${name}: debug`, 'debug', '--debug')
    }
    configure()
  }

  async function questions(): Promise<void> {
    await world.project.control.addFault({ match: { crm: 'salesforce' }, action: { status: 401 } })
    await say('login refused', 'run', '-s', 'accounts', '--debug')
    await world.project.control.clearFaults()
    for (const verb of [
      ['status', '--output', 'json'],
      ['history', 'runs'],
      ['history', 'row', 'accounts', 'C-1'],
      ['history', 'row', 'people', HIDDEN['masked key'], '--output', 'json'],
      ['history', 'field', 'accounts', 'Masked__c', '--output', 'json'],
      ['history', 'config', '--output', 'json'],
      ['quarantine', 'ls'],
      ['quarantine', 'show', 'accounts', 'C-8', '--output', 'json'],
      ['audit', 'check', '--output', 'json'],
      ['audit', 'verify', '--output', 'json'],
      [
        'audit',
        'purge',
        '-s',
        'people',
        '--key',
        HIDDEN['masked key'],
        '--reason',
        'asked',
        '--yes',
        '--output',
        'json',
      ],
      ['audit', 'grants'],
      ['parse', '--output', 'json'],
      ['compile'],
    ])
      await say(verb.slice(0, 2).join(' '), ...verb)
  }

  const artifacts = (): Place[] => [
    ...filesUnder(world.project.dir)
      .filter((file) => !isInput(file))
      .flatMap(placesOfFile),
    ...left,
  ]

  test('it failed in every way, and what died left its journal', async () => {
    expect(exits).toMatchObject({
      rejected: 1,
      'refused calls': 1,
      'HubSpot refuses': 1,
      unknown: 5,
      'killed mid-batch': 'SIGKILL',
      'killed while results are written': 'SIGKILL',
      'killed while a file is uploaded': 'SIGKILL',
      drift: 0,
      apply: 0,
      reverted: 0,
      paused: 3,
      'a cast: run': 2,
      'words of its own: build': 2,
      'a rule': 2,
      'after the rule': 0,
      'a seed': 2,
      'a server that is not there': 75,
      'a bad key': 2,
      'a refused app': 2,
      'a profile': 2,
      'a literal token': 2,
      'login refused': 2,
      'audit check': 0,
      'audit verify': 0,
      'audit purge': 0,
    })
    expect(left.some(({ where }) => where.includes('.backfeed/journal/'))).toBe(under.name !== 'duckdb')
    expect(tables.filter(isAudit).length).toBeGreaterThan(25)
    const told = (table: string): string => tables.find(({ where }) => where === table)?.text ?? ''
    expect(told('backfeed.sync_result')).toContain('FIELD_CUSTOM_VALIDATION_EXCEPTION')
    expect(told('backfeed_audit.drift')).toContain('C***')
    expect(told('backfeed_audit.quarantine')).toContain('Masked__c_too_long')
  })

  test('secrets are nowhere', () => {
    const files = filesUnder(world.project.dir).filter((file) => !file.endsWith('/project.yml'))
    const places = [...world.outputs, ...files.flatMap(placesOfFile), ...left, ...tables]
    expect(leaksOf(world.secrets, places)).toEqual([])
  })

  test('masked, hashed and omitted values are in no output, log, artifact, audit table or view', () => {
    const places = [...world.outputs, ...artifacts(), ...tables.filter(isAudit)]
    expect(leaksOf(HIDDEN, places)).toEqual([])
  })

  test('full values are in the audit, where they are asked for, and nowhere else', () => {
    const places = [...world.outputs.filter((place) => !showsValues(place)), ...artifacts()]
    expect(leaksOf(FULL, places)).toEqual([])
    expect(leaksOf(FULL, tables.filter(isAudit)).length).toBeGreaterThan(0)
  })
})
