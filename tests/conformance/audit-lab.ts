/** A log as real runs leave it: collections, a bulk job, HubSpot, rejections, an unknown outcome, a crash and its recovery. */
import { type CheckResult, type ChecksRequest, runChecks } from '../../runner/audit/checks.ts'
import { packageEnvironment } from '../support/package-environment.ts'
import { statement, type TestWarehouseName } from '../support/warehouses.ts'
import { openGuards, openLab, quoted, type RunOptions, type SyncLab } from './sync-lab.ts'

export interface AuditLab extends SyncLab {
  /** Replaces the rows of the source: id, plan, segment. */
  fill(rows: readonly (readonly [string, string | null, string | null])[]): Promise<void>
  check(more?: Partial<ChecksRequest>): Promise<CheckResult[]>
  /** Every sync once. */
  runAll(options?: RunOptions): Promise<void>
}

export const auditSyncs = ['accounts', 'loads', 'companies'] as const

export async function openAuditLab(name: TestWarehouseName): Promise<AuditLab> {
  const lab = await openLab(name)
  const { control } = lab.emulator
  const text = (field: string, length: number) => ({ name: field, type: 'string', length })
  await control.putSchema('salesforce', 'Account', {
    fields: [{ ...text('Key__c', 40), externalId: true, unique: true }, text('Plan__c', 80), text('Segment__c', 80)],
  })
  await control.putSchema('salesforce', 'Contact', {
    fields: [{ ...text('Load__c', 40), externalId: true, unique: true }, text('Plan__c', 80)],
  })
  await control.putSchema('hubspot', 'companies', {
    properties: [
      { name: 'customer_key', type: 'string', hasUniqueValue: true },
      { name: 'plan', type: 'string' },
      { name: 'segment', type: 'string' },
    ],
  })
  await lab.exec('create table backfeed.rows_given (id varchar(40), plan varchar(80), segment varchar(80))')
  lab.syncs(syncsYaml)
  const audit: AuditLab = {
    ...lab,
    fill: (rows) =>
      lab.exec(
        'delete from backfeed.rows_given',
        `insert into backfeed.rows_given values ${rows.map((row) => `(${row.map(quoted).join(', ')})`).join(', ')}`,
      ),
    check: (more) =>
      runChecks({
        warehouse: lab.opened.warehouse,
        environment: packageEnvironment(name),
        schema: 'backfeed',
        auditSchema: 'backfeed_audit',
        options: statement,
        syncs: auditSyncs,
        ...more,
      }),
    async runAll(options) {
      for (const sync of auditSyncs) await lab.execute('run', sync, options)
    },
  }
  return audit
}

/** What each part leaves in the log is asserted by the suites that use it. */
export async function busyHistory(lab: AuditLab): Promise<void> {
  const { control } = lab.emulator
  const rows = (plan: string, count = 9) =>
    Array.from({ length: count }, (_, i) => [`K-${i + 1}`, plan, i % 2 === 0 ? 'core' : 'light'] as const)
  await lab.fill(rows('basic'))
  await lab.runAll()
  await lab.fill([...rows('pro', 8), ['K-1', 'twice', null], [' ', 'no key', null]])
  await lab.runAll()
  await lab.fill([...rows('plus', 8), ['K-10', 'x'.repeat(80), 'core']])
  const patch = (nth: number) => ({
    crm: 'salesforce' as const,
    method: 'PATCH',
    path: '/services/data/v66.0/composite',
    nth,
  })
  await control.addFault({ match: patch(1), action: { status: 200, body: [refused, refused] } })
  await control.addFault({ match: patch(2), action: { drop_after_apply: true } })
  await lab.runAll()
  await control.clearFaults()
  await lab.fill(rows('crashed', 11))
  for (const [sync, at] of [
    ['accounts', 'CP11'],
    ['loads', 'CP20'],
    ['companies', 'CP08'],
  ] as const) {
    await lab.execute('run', sync, { crashAt: at, nth: at === 'CP20' ? 1 : 2 }).then(
      () => {
        throw new Error(`${sync} was to die at ${at}`)
      },
      () => {},
    )
  }
  await lab.execute('plan', 'accounts')
  await lab.runAll()
  lab.advance(3_600_000)
  await lab.fill(rows('settled', 11))
  await lab.runAll()
}

const refused = {
  success: false,
  errors: [{ statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no', fields: [] }],
}

const sync = (name: string, destination: string, more: string) => `  - name: ${name}
    model: source('app', 'rows_given')
    primary_key: id
    destination: ${destination}
    mode: upsert
    ${more}
    ${openGuards}
`
const syncsYaml = [
  sync(
    'accounts',
    '{connection: salesforce, object: Account}',
    `match: {field: Key__c, from: id, strategy: external_id}
    fields: [{to: Name, from: id, write: on_create}, {to: Plan__c, from: plan, on_null: clear}, {to: Segment__c, from: segment}]
    limits: {batch_size: 2, concurrency: 1}`,
  ),
  sync(
    'loads',
    '{connection: salesforce, object: Contact}',
    `match: {field: Load__c, from: id, strategy: external_id}
    fields: [{to: LastName, from: id, write: on_create}, {to: Plan__c, from: plan}]
    limits: {bulk_above: 2}`,
  ),
  sync(
    'companies',
    '{connection: hubspot, object: companies}',
    `match: {field: customer_key, from: id, strategy: unique_property}
    fields: [{to: plan, from: plan}, {to: segment, from: segment}]
    limits: {batch_size: 3, concurrency: 1}`,
  ),
].join('')
