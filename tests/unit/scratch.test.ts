import { readdirSync, readFileSync, rmSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'
import { createTemplateEnvironment } from '../../runner/compile/environment.ts'
import { openWarehouse } from '../../runner/warehouse/registry.ts'
import { startEmulator } from '../../emulator/start.ts'
import { executeSync } from '../../runner/sync/execute-sync.ts'
import { reachCrm } from '../../runner/sync/open-sync-run.ts'
import { ensureLedger } from '../../runner/audit/ledger.ts'
import { createAuditViews, auditViews } from '../../runner/audit/views.ts'
import { systemPorts } from '../../runner/ports.ts'
import { buildSyncContext } from '../../runner/sync/sync-context.ts'

const at = { file: 'x', line: 1, column: 1 }
function macros() {
  const files: { file: string; text: string }[] = []
  for (const f of readdirSync('macros', { recursive: true, withFileTypes: true })) {
    if (!f.isFile()) continue
    const file = join(f.parentPath, f.name)
    if (file.includes('dialect')) continue
    files.push({ file, text: readFileSync(file, 'utf8') })
  }
  if (!files.some((f) => f.file.includes('standardize')))
    files.push({ file: 'macros/standardize/all.sql', text: ['email','phone','domain','country','name'].map((n) => `{% macro ${n}(x) %}lower(trim({{ x }})){% endmacro %}`).join('\n') })
  return files
}
const T = { n: 0, ms: 0, render: 0, rn: 0 }; let last: any
test('run', async () => {
  const dialect = (process.env.WH ?? 'duckdb') as 'duckdb' | 'postgres'
  rmSync('/tmp/scratch', { recursive: true, force: true }); mkdirSync('/tmp/scratch')
  const settings = dialect === 'duckdb' ? { path: 'x.duckdb' } : { host: '127.0.0.1', port: 5999, user: 'postgres', database: 'postgres' }
  const warehouse = await openWarehouse({ type: dialect, settings }, { projectDir: '/tmp/scratch', onStatement: (t: any) => { T.n++; T.ms += t.durationMs ?? t.ms ?? 0; last = t } } as never)
  const emu = await startEmulator({ port: 0, controlPort: 0 } as never)
  try {
    const env = createTemplateEnvironment({
      packageMacros: macros(), projectMacros: [],
      dialectFiles: ['default', dialect].map((d) => ({ file: `macros/dialect/${d}.sql`, text: readFileSync(`macros/dialect/${d}.sql`, 'utf8') })),
      resolve: { ref: (n) => n, source: (s, t) => `${s}.${t}` }, vars: {}, env: {}, runStartedAt: '2026-01-01', invocationId: 'x',
    })
    const orig = env.render; const oc = env.call; (env as any).render = (...a: any[]) => { const t0 = performance.now(); const r = (orig as any)(...a); T.render += performance.now() - t0; T.rn++; return r }; let CN = 0, CM = 0; (env as any).call = (...a: any[]) => { const t0 = performance.now(); const r = (oc as any)(...a); CM += performance.now() - t0; CN++; return r }
    const abort = new AbortController()
    const options = (tag: any) => ({ id: Math.random().toString(36), tag, signal: abort.signal, timeoutMs: 600000 })
    const project: any = { name: 'p', dir: '/tmp/scratch', audit: { schema: 'backfeed_audit', values: 'full' }, connections: new Map([
      ['sf', { name: 'sf', type: 'salesforce', targets: new Map([['dev', { emulator: true }]]), at }],
      ['hs', { name: 'hs', type: 'hubspot', targets: new Map([['dev', { emulator: true }]]), at }]]), models: new Map() }
    const target: any = { name: 'dev', type: dialect, schema: 'backfeed', threads: 4, settings: {} }
    const common = { warehouse, environment: env, schema: 'backfeed', auditSchema: 'backfeed_audit', options: (s: string) => options({ run: '', sync: '', step: s }) }
    await ensureLedger(common)
    await createAuditViews({ ...common, target: { name: 'dev', type: dialect } })
    const put = (path: string, body: unknown, method = 'PUT') => fetch(`${emu.controlUrl}${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }).then(async (r) => { const t = await r.text(); if (!r.ok) throw new Error(t); return t })
    await put('/schema/salesforce/Account', { fields: [{ name: 'Customer_Id__c', type: 'string', externalId: true, unique: true }, { name: 'LTV__c', type: 'currency', precision: 18, scale: 2 }, { name: 'Seg__c', type: 'picklist', restrictedPicklist: true, picklistValues: [{ value: 'a', active: true }, { value: 'b', active: true }] }] })
    await put('/schema/hubspot/contacts', { properties: [{ name: 'plan', type: 'string', fieldType: 'text' }, { name: 'score', type: 'number', fieldType: 'number' }] })
    await put('/records/salesforce/Account', [{ Name: 'Existing', Customer_Id__c: 'C-2', LTV__c: 5 }], 'POST')
    await warehouse.exec(`create table backfeed.m (customer_id varchar, ltv decimal(18,2), name varchar, seg varchar, email varchar, is_active boolean)`, common.options('x'))
    await warehouse.exec(`insert into backfeed.m values ('C-1', 10.5, 'One', 'a', 'A@x.io ', true), ('C-2', 20, 'Two', 'b', 'b@x.io', true), ('C-3', 30, 'Three', 'zz', 'c@x.io', true), ('C-4', null, 'Four''s "q"', null, 'd@x.io', true), ('C-5', 1, 'Five', null, 'e@x', true), ('C-5', 1, 'Five', null, 'e@x', true), (null, 1, 'Nokey', null, 'n@x.io', true), ('C-6', 1, 'Six', null, 'f@x.io', false)`, common.options('x'))
    const guards = { minSourceRows: 1, maxSourceDrop: { percent: 20 }, maxCreates: { percent: 100 }, maxUpdates: { percent: 100 }, maxClears: { percent: 100 }, maxDeletes: { count: 0 }, maxQuarantined: { percent: 100 }, maxRejected: { percent: 100 }, explicit: [] }
    const base = { file: 'x', model: { kind: 'ref', name: 'm', at }, primaryKey: ['customer_id'], ownership: { crm: [], onDrift: 'overwrite' }, firstSync: 'overwrite', onRemoved: 'nothing', guards, limits: { concurrency: 2 }, dependsOn: [], tags: [], audit: { values: 'full', sensitive: {} }, at, rendered: {} }
    const accounts: any = { ...base, name: 'accounts', connection: 'sf', object: 'Account', mode: 'upsert', match: { field: 'Customer_Id__c', from: 'customer_id', strategy: 'external_id', at },
      fields: [{ to: 'LTV__c', from: 'ltv', onNull: 'ignore', write: 'always', at }, { to: 'Name', from: 'name', onNull: 'ignore', write: 'on_create', at }, { to: 'Seg__c', from: 'seg', onNull: 'ignore', write: 'always', at }],
      validate: [{ name: 'active', rule: 'expression', expression: 'is_active', onFail: 'skip', at }] }
    const contacts: any = { ...base, name: 'contacts', connection: 'hs', object: 'contacts', mode: 'upsert', match: { field: 'email', from: 'email', strategy: 'unique_property', at },
      fields: [{ to: 'plan', from: 'seg', onNull: 'clear', write: 'always', at }, { to: 'score', from: 'ltv', onNull: 'ignore', write: 'always', at }], validate: [{ name: 'email', rule: 'email', column: 'email', onFail: 'quarantine', at }] }
    const events: unknown[] = []
    const session: any = { verb: 'run', project, target, invocationId: 'i', actor: 'me', clientTag: 'backfeed/0.1.0', emulatorUrl: emu.url, auditKey: '', allowance: { limits: {} }, warehouse, environment: env,
      modelOf: () => ({ name: 'm', relation: { schema: 'backfeed', name: 'm' }, properties: new Map() }), ports: systemPorts(), signal: abort.signal, options, onEvent: (e: unknown) => events.push(e) }
    for (const [verb, sync] of [['plan', accounts], ['run', accounts], ['run', accounts], ['plan', contacts], ['run', contacts], ['run', contacts]] as const) {
      const crm = await reachCrm({ ...session, verb }, sync)
      try {
        const r = await executeSync({ ...session, verb }, { sync, crm, report: { samples: 5, requests: verb === 'plan' } })
        console.log('TIMING', verb, sync.name, r.seconds, JSON.stringify(T), 'calls', CN, CM, JSON.stringify(last))
      } finally { await crm.destination.close() }
    }
    console.log(await fetch(`${emu.controlUrl}/journal`).then(async (r) => ((await r.json()) as any[]).map((e) => `${e.method} ${e.path} ${e.status} ${e.method === 'GET' ? '' : JSON.stringify(e.body)}`).join('\n')))
    for (const v of auditViews) console.log(v, (await warehouse.rows(`select count(*) from backfeed_audit.${v}`, { ...common.options('x'), max: 1 }))[0])
  } finally {
    await warehouse.close(); await emu.close()
  }
})
