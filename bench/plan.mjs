// The in-warehouse part of a plan on DuckDB, beside the floor (one scan of the columns and one key join) and the naive shape.
//   npm run bench:plan [-- --rows 1000000,10000000] [-- --repeat 3]
// Targets: at most 1.6 x the floor, at least 5 x faster than naive, growth 1M -> 10M no worse than linear x 1.2.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterSql, beforeSql } from './plan-data.mjs'
import { packageModels, stateSql } from './plan-models.mjs'
import { floorSql, naiveStatements } from './plan-shapes.mjs'
import { listFlag, median, printTable } from './report.mjs'

const sizes = listFlag('rows', [1_000_000, 10_000_000])
const [repeat] = listFlag('repeat', [3])
const [threads] = listFlag('threads', [2])

async function timed(connection, statements) {
  const cpu = process.cpuUsage()
  const started = performance.now()
  for (const sql of statements) await connection.run(sql)
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { seconds, cpuSeconds: (user + system) / 1e6 }
}

/** Our steps as the runner executes them; the snapshot in between is the CRM's part and not timed. */
async function ours(connection) {
  const models = packageModels()
  const before = await timed(connection, models.beforeSnapshot)
  for (const sql of models.snapshot) await connection.run(sql)
  const after = await timed(connection, models.afterSnapshot)
  return { seconds: before.seconds + after.seconds, cpuSeconds: before.cpuSeconds + after.cpuSeconds }
}

async function measure(connection) {
  const tables = { source: 'bench.source_rows', state: 'bench.before_rows', schema: 'bench' }
  const shapes = {
    floor: () => timed(connection, [floorSql({ ...tables, state: 'bench.state_bench', stateKey: 'row_key' })]),
    ours: () => ours(connection),
    naive: () => timed(connection, naiveStatements(tables)),
  }
  const runs = { floor: [], ours: [], naive: [] }
  // Interleaved, so that a busy minute of the machine falls on all of them.
  for (let round = 0; round < repeat; round++)
    for (const [name, shape] of Object.entries(shapes)) runs[name].push(await shape())
  const middle = (name, what) => median(runs[name].map((run) => run[what]))
  return Object.fromEntries(
    Object.keys(shapes).map((name) => [
      name,
      { seconds: middle(name, 'seconds'), cpuSeconds: middle(name, 'cpuSeconds') },
    ]),
  )
}

async function scalar(connection, sql) {
  return (await connection.runAndReadAll(sql)).getRowsJson()[0].map(Number)
}

/** The figures mean nothing unless the plan found what the generator put in. */
async function check(connection, rows) {
  const [send, quarantined, removed] = await scalar(
    connection,
    `select count(*) filter (where decision = 'send'), count(*) filter (where decision = 'quarantined'), count(*) filter (where decision = 'removed') from bench.changes_bench`,
  )
  const near = (value, share) => Math.abs(value - rows * share) < rows * share * 0.2
  if (!near(send, 0.011) || !near(quarantined, 0.002) || !near(removed, 0.001))
    throw new Error(`unexpected plan: ${send} to send, ${quarantined} quarantined, ${removed} removed of ${rows}`)
  return { send, quarantined, removed }
}

async function benchmark(rows) {
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-bench-'))
  const instance = await DuckDBInstance.create(join(folder, 'data.duckdb'), { threads: String(threads) })
  const connection = await instance.connect()
  try {
    for (const sql of [
      'create schema bench',
      beforeSql('bench.before_rows', rows),
      afterSql('bench.source_rows', 'bench.before_rows', rows),
      ...stateSql(),
      'checkpoint',
    ])
      await connection.run(sql)
    const result = await measure(connection)
    const found = await check(connection, rows)
    const size = (name) => ({
      rows,
      shape: name,
      'wall s': result[name].seconds.toFixed(2),
      'cpu s': result[name].cpuSeconds.toFixed(1),
      'x floor (wall)': (result[name].seconds / result.floor.seconds).toFixed(2),
      'x floor (cpu)': (result[name].cpuSeconds / result.floor.cpuSeconds).toFixed(2),
    })
    printTable(['floor', 'ours', 'naive'].map(size))
    console.log(`found: ${JSON.stringify(found)}\n`)
    return { rows, ...result }
  } finally {
    connection.closeSync()
    instance.closeSync()
    rmSync(folder, { recursive: true, force: true })
  }
}

const results = []
for (const rows of sizes) results.push(await benchmark(rows))
const summary = results.map(({ rows, floor, ours: mine, naive }) => ({
  rows,
  over_floor: Number((mine.seconds / floor.seconds).toFixed(2)),
  over_floor_cpu: Number((mine.cpuSeconds / floor.cpuSeconds).toFixed(2)),
  faster_than_naive: Number((naive.seconds / mine.seconds).toFixed(2)),
}))
const [first, last] = [results[0], results.at(-1)]
const growth =
  results.length < 2
    ? undefined
    : Number((last.ours.seconds / first.ours.seconds / (last.rows / first.rows)).toFixed(2))
console.log(
  JSON.stringify({
    bench: 'plan',
    targets: { over_floor: 1.6, faster_than_naive: 5, growth_over_linear: 1.2 },
    results: summary,
    growth_over_linear: growth,
  }),
)
