// The package's own models, rendered by the package's own code, as the statements the runner executes.
import { createTemplateEnvironment } from '../dist/runner/compile/environment.js'
import { decisionModels, planModels, renderPackageModel } from '../dist/runner/sync/materialize.js'
import { stateColumns } from '../dist/runner/sync/state-table.js'
import { buildSyncContext } from '../dist/runner/sync/sync-context.js'
import { environmentOptions } from './plan-environment.mjs'
import { columns, description, properties, sync } from './plan-sync.mjs'

const target = { name: 'bench', type: 'duckdb', schema: 'bench', audit_schema: 'bench_audit' }
const environment = createTemplateEnvironment(environmentOptions())

function contextFor(relation) {
  const request = {
    sync,
    schema: 'bench',
    relation,
    columns,
    properties,
    description,
    destination: 'salesforce',
    traits: { maxBatchSize: 200 },
    quote: (name) => `"${name}"`,
  }
  return {
    sync: buildSyncContext(request),
    run: {
      id: 'run-1',
      plan_id: 'plan-1',
      epoch: 2,
      trace: 'bench',
      now: "timestamp '2026-07-01 00:00:00'",
      audit_salt: 'salt',
      ledger: {},
    },
    target,
  }
}

const render = (model, relation = 'bench.source_rows') => renderPackageModel(environment, model, contextFor(relation))

export function packageModels() {
  const { sync: context } = contextFor('bench.source_rows')
  // Numbers as a CRM answers them: without the zeros of our wide decimals.
  const live = context.fields.map(
    (field) =>
      `cast(${field.kind === 'number' ? `cast(state.acked_${field.slug} as decimal(18,2))` : `state.acked_${field.slug}`} as varchar) as live_${field.slug}`,
  )
  return {
    beforeSnapshot: planModels.flatMap((model) => render(model).statements),
    snapshot: [
      `create or replace table ${context.work.snapshot} as select reads.match_value, state.crm_id as record_id, ${live.join(', ')} from ${context.work.reads} as reads join ${context.state} as state on state.row_key = reads.row_key`,
    ],
    afterSnapshot: decisionModels.flatMap((model) => render(model).statements),
  }
}

/** State as if everything in the day before had been sent and acknowledged. */
export function stateSql() {
  const { sync: context } = contextFor('bench.before_rows')
  const names = stateColumns(context).map((column) => column.name)
  // What is not named here is null after a run that succeeded.
  const given = {
    key_hash: 'key_hash',
    row_key: 'row_key',
    fingerprint: 'fingerprint',
    crm_id: `'001' || row_key`,
    mapping_hash: `'${contextFor('bench.source_rows').sync.mapping_hash}'`,
    disposition: `'synced'`,
    is_open: 'false',
    attempts: '0',
    epoch: '1',
    seq: '1',
    match_hash: 'key_hash',
  }
  const acked = Object.fromEntries(
    context.fields.flatMap((field) => [
      [`known_${field.slug}`, 'true'],
      [`unsettled_${field.slug}`, 'false'],
      [`acked_${field.slug}`, field.column.name],
    ]),
  )
  const values = names.map((name) => given[name] ?? acked[name] ?? 'null')
  return [
    ...render('source', 'bench.before_rows').statements,
    environment.call('sql.create_table', [context.state, stateColumns(context)], { target }),
    `insert into ${context.state} (${names.join(', ')}) select ${values.join(', ')} from ${context.work.source}`,
  ]
}
