// Measured by bulk.mjs in a process of its own: rows through one of the ways to load them, or only made, to be subtracted.
import { changePages, record } from './bulk-rows.mjs'

const [way, url, rowsText, firstText = '0'] = process.argv.slice(2)
const rows = Number(rowsText)
const first = Number(firstText)
const CUT = 100_000
const NEVER = new AbortController().signal
const UPSERT = { object: 'Account', path: 'upsert', matchField: 'Customer_Id__c' }

const WAYS = {
  'make changes': async () => {
    let count = 0
    for await (const page of changePages(0, rows, first)) count += page.length
    return count
  },
  backfeed: async () => {
    const { openDestination } = await import('../dist/runner/destination/registry.js')
    const { systemPorts } = await import('../dist/runner/ports.js')
    const target = { emulator: true }
    const targets = new Map([['bench', target]])
    const { bulk } = await openDestination({
      connection: { name: 'salesforce', type: 'salesforce', targets, at: { file: '', line: 1, column: 1 } },
      target,
      emulatorUrl: url,
      limits: { concurrency: 2 },
      ports: systemPorts(),
      clientTag: 'bench',
    })
    let count = 0
    for (let from = 0; from < rows; from += CUT) {
      const load = await bulk.prepare(UPSERT, changePages(from, Math.min(rows, from + CUT), first), NEVER)
      if (load.refused.length > 0) throw new Error(`${load.refused.length} rows refused`)
      const id = await bulk.create(UPSERT, NEVER)
      await bulk.upload(id, load, NEVER)
      await bulk.close(id, NEVER)
      await load.discard()
      const state = await bulk.settled(id, NEVER)
      for await (const page of bulk.results({ id, request: UPSERT, state }, NEVER)) {
        for (const { outcome } of page) count += outcome.status === 'succeeded' ? 1 : 0
      }
    }
    return count
  },
  'make records': async () => Array.from({ length: rows }, (_, i) => record(i, first)).length,
  jsforce: async () => {
    const { default: jsforce } = await import('jsforce')
    const connection = new jsforce.Connection({ instanceUrl: url, accessToken: 'bench', version: '66.0' })
    const result = await connection.bulk2.loadAndWaitForResults({
      object: 'Account',
      operation: 'upsert',
      externalIdFieldName: 'Customer_Id__c',
      input: Array.from({ length: rows }, (_, i) => record(i, first)),
      pollInterval: 2_000,
      pollTimeout: 3_600_000,
    })
    return result.successfulResults.length
  },
}

const loaded = await WAYS[way]()
if (loaded !== rows) throw new Error(`${way}: ${loaded} of ${rows} rows`)
