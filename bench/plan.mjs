// The in-warehouse part of a plan on DuckDB, beside the floor (one scan of the columns and one key join) and the naive shape.
//   npm run bench:plan [-- --rows 1000000,10000000] [-- --repeat 3]
// Targets: at most 1.6 x the floor, at least 5 x faster than naive, growth 1M -> 10M no worse than linear x 1.2.
// Ratios are of CPU seconds: on a busy machine they are what can be repeated. The checkpoint, which makes what was written part of the
// file, is timed apart: DuckDB would otherwise start it inside whichever statement makes the log too long.
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

/** A shape and the checkpoint after it. */
async function withCheckpoint(connection, shape) {
  await connection.run('checkpoint')
  const { seconds, cpuSeconds } = await shape()
  const checkpoint = await timed(connection, ['checkpoint'])
  return { seconds, cpuSeconds, checkpointCpuSeconds: checkpoint.cpuSeconds }
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
    for (const [name, shape] of Object.entries(shapes)) runs[name].push(await withCheckpoint(connection, shape))
  return Object.fromEntries(Object.entries(runs).map(([name, all]) => [name, medians(all)]))
}

function medians(runs) {
  const middle = (what) => median(runs.map((run) => run[what]))
  return {
    seconds: middle('seconds'),
    cpuSeconds: middle('cpuSeconds'),
    checkpointCpuSeconds: middle('checkpointCpuSeconds'),
  }
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
      "set wal_autocheckpoint = '1TB'",
    ])
      await connection.run(sql)
    const result = await measure(connection)
    const found = await check(connection, rows)
    const size = (name) => ({
      rows,
      shape: name,
      'wall s': result[name].seconds.toFixed(2),
      'cpu s': result[name].cpuSeconds.toFixed(1),
      'checkpoint cpu s': result[name].checkpointCpuSeconds.toFixed(1),
      'x floor (cpu)': (result[name].cpuSeconds / result.floor.cpuSeconds).toFixed(2),
      'x floor (wall)': (result[name].seconds / result.floor.seconds).toFixed(2),
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
const rounded = (value) => Number(value.toFixed(2))
const written = ({ cpuSeconds, checkpointCpuSeconds }) => cpuSeconds + checkpointCpuSeconds
const summary = results.map(({ rows, ...shapes }) => ({
  rows,
  cpu_seconds: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, rounded(shape.cpuSeconds)])),
  wall_seconds: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, rounded(shape.seconds)])),
  over_floor: rounded(shapes.ours.cpuSeconds / shapes.floor.cpuSeconds),
  over_floor_with_checkpoint: rounded(written(shapes.ours) / written(shapes.floor)),
  faster_than_naive: rounded(shapes.naive.cpuSeconds / shapes.ours.cpuSeconds),
  faster_than_naive_with_checkpoint: rounded(written(shapes.naive) / written(shapes.ours)),
}))
const [first, last] = [results[0], results.at(-1)]
const growth =
  results.length < 2 ? undefined : rounded(last.ours.cpuSeconds / first.ours.cpuSeconds / (last.rows / first.rows))
console.log(
  JSON.stringify({
    bench: 'plan',
    measure: `median of ${repeat}; ratios of cpu seconds`,
    targets: { over_floor: 1.6, faster_than_naive: 5, growth_over_linear: 1.2 },
    results: summary,
    growth_over_linear: growth,
  }),
)
