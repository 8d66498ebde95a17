// Recovery: a run is killed (SIGKILL) when half of its planned rows were sent, and the next one takes over. How long until it has
// recovered and begins to plan anew, with how many read calls and statements, and how much memory that takes at two sizes.
// --rows 100000,1000000  --warehouse duckdb|postgres  --then run|plan: what comes next; `run` also proves that nothing was lost.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBenchWarehouse } from './bench-warehouse.mjs'
import { CRMS, writeProject } from './deliver-project.mjs'
import { control, startEmulator } from './emulator-process.mjs'
import { measuredRun } from './measured-process.mjs'
import { listFlag, namesFlag, printTable } from './report.mjs'

const sizes = listFlag('rows', [100_000, 1_000_000])
const [warehouseName] = namesFlag('warehouse', ['duckdb'])
const [verb] = namesFlag('then', ['run'])
const crm = CRMS[0]
const batchSize = 200

async function crashAndRecover(warehouse, rows) {
  const emulator = await startEmulator()
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-bench-'))
  const env = { ...warehouse.env, BENCH_WAREHOUSE_PID: String(warehouse.pid) }
  try {
    await control(emulator, { method: 'PUT', path: `/schema/${crm.name}/${crm.object}`, body: crm.schema })
    writeProject(folder, { crm, rows, url: emulator.url, ...warehouse.target() })
    // An answer has come and is not recorded: the point at which most is in doubt.
    const options = ['--kill-at', 'CP11', '--nth', Math.ceil(rows / batchSize / 2)]
    const killed = await measuredRun(folder, { options, args: ['run'], env, expect: ['SIGKILL'] })
    await control(emulator, { method: 'DELETE', path: '/journal' })
    const args = [verb, '--lock-timeout', '5m', '--output', 'json']
    const next = await measuredRun(folder, { args, env })
    if (verb === 'run') await proveWhole(emulator, rows)
    return { rows, killed, next }
  } finally {
    emulator.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function proveWhole(emulator, rows) {
  const records = await control(emulator, { method: 'GET', path: `/records/${crm.name}/${crm.object}` })
  const keys = new Set(records.map((record) => record.Customer_Id__c))
  if (records.length !== rows || keys.size !== rows)
    throw new Error(`${records.length} records with ${keys.size} keys, expected ${rows}`)
}

const megabytes = (bytes) => (bytes / 1048576).toFixed(0)
const seconds = (ms) => (ms / 1000).toFixed(2)

function lineOf({ rows, killed, next }) {
  const { leased, recovering, recovered, ended } = next.marks
  return {
    'planned rows': rows,
    'waited for the lease s': seconds(leased.ms - next.startedMs),
    'recovery s': seconds(recovered.ms - leased.ms),
    'CPU s': (
      (recovered.runnerMicros + recovered.warehouseMicros - leased.runnerMicros - leased.warehouseMicros) /
      1e6
    ).toFixed(2),
    'read calls': recovered.readCalls - recovering.readCalls,
    statements: recovered.statements - leased.statements,
    'peak RSS MB, killed run': megabytes(killed.marks.killed.peakRssBytes),
    'own memory MB, killed run': megabytes(killed.marks.killed.ownBytes),
    'peak RSS MB, recovery': megabytes(recovered.peakRssBytes),
    [`peak RSS MB, whole ${verb}`]: megabytes(ended.peakRssBytes),
    [`own memory MB, whole ${verb}`]: megabytes(ended.ownBytes),
  }
}

const warehouse = await openBenchWarehouse(warehouseName)
if (warehouse.reason !== undefined) {
  console.log(`${warehouseName}: not run: ${warehouse.reason}`)
} else {
  try {
    const taken = []
    for (const rows of sizes) {
      console.log(
        `\n${warehouseName}, ${rows} planned rows, killed when half were sent, load ${loadavg()[0].toFixed(1)}`,
      )
      const line = lineOf(await crashAndRecover(warehouse, rows))
      // Long, so one figure a line.
      printTable(Object.entries(line).map(([what, figure]) => ({ what, figure })))
      taken.push(line)
    }
    const [first, last] = [taken[0], taken.at(-1)]
    const growth = (column) => Number(last[column]) - Number(first[column])
    console.log(
      JSON.stringify({
        bench: 'recovery',
        warehouse: warehouseName,
        rows: sizes,
        recovery_seconds: taken.map((line) => Number(line['recovery s'])),
        read_calls: taken.map((line) => line['read calls']),
        rss_growth_mb: growth('peak RSS MB, killed run'),
        own_growth_mb: growth('own memory MB, killed run'),
        recovery_rss_growth_mb: growth('peak RSS MB, recovery'),
      }),
    )
  } finally {
    await warehouse.stop()
  }
}
