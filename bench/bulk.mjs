// Changed rows by bulk jobs to the emulator in a process of its own: memory must not grow with the rows, and the CPU per
// row is shown beside jsforce's own loader on the same rows. Then the CSV writer beside the libraries people use for it.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SCHEMA } from './bulk-rows.mjs'
import { control, measured, startEmulator } from './emulator-process.mjs'
import { listFlag, median, printTable } from './report.mjs'

const sizes = listFlag('rows', [10_000, 100_000, 1_000_000])
// jsforce holds every row several times over: CPU is compared at the first size, memory at the last, with ours at no fewer rows.
const jsforceSizes = listFlag('jsforce-rows', [100_000, 400_000])
const csvRows = listFlag('csv-rows', [200_000])[0]
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const megabytes = (bytes) => Math.round(bytes / 1048576)

/** Start-up, login and loading of libraries: a load of that few rows, subtracted from both. */
const FEW = 200

/** An emulator of its own for each run: the records of the one before would be in it. */
async function cpuOf(way, rows) {
  const emulator = await startEmulator()
  try {
    await control(emulator, { method: 'PUT', path: '/schema/salesforce/Account', body: SCHEMA })
    const run = measured('./bulk-load.mjs', [way, emulator.url, rows])
    const made = measured('./bulk-load.mjs', [way === 'jsforce' ? 'make records' : 'make changes', emulator.url, rows])
    return { run, micros: run.cpuMicros - made.cpuMicros }
  } finally {
    emulator.stop()
  }
}

async function load(way, rows) {
  const start = await cpuOf(way, FEW)
  const { run, micros } = await cpuOf(way, rows)
  return { way, rows, rss: run.rss, seconds: run.seconds, microsPerRow: (micros - start.micros) / (rows - FEW) }
}

function csvWriting() {
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-bench-csv-'))
  const packages = { 'csv-stringify': 'csv-stringify', 'fast-csv': '@fast-csv/format', papaparse: 'papaparse' }
  const once = (library, more = []) =>
    JSON.parse(measured('./csv-writing.mjs', [library, csvRows, ...more]).stdout).microsPerRow
  try {
    const wanted = Object.values(packages)
    const npm = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', ...wanted]
    const installed = spawnSync('npm', npm, { encoding: 'utf8' })
    const libraries = installed.status === 0 ? Object.keys(packages) : []
    if (installed.status !== 0) console.log('not run: CSV libraries (npm cannot install them here)')
    const figures = new Map(['backfeed', ...libraries].map((library) => [library, []]))
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [library, seen] of figures) seen.push(once(library, library === 'backfeed' ? [] : [folder]))
    }
    return [...figures].map(([library, seen]) => ({ library, microsPerRow: median(seen) }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const ours = []
for (const rows of sizes) ours.push(await load('backfeed', rows))
const theirs = []
for (const rows of jsforceSizes) theirs.push(await load('jsforce', rows))
printTable(
  [...ours, ...theirs].map((run) => ({
    way: run.way,
    rows: run.rows,
    seconds: run.seconds.toFixed(1),
    'peak RSS MB': megabytes(run.rss),
    'CPU µs/row': run.microsPerRow.toFixed(1),
    'rows per CPU second': Math.round(1e6 / run.microsPerRow),
  })),
)
const writing = csvWriting()
console.log('')
printTable(
  writing.map(({ library, microsPerRow }) => ({ 'CSV writer': library, 'CPU µs/row': microsPerRow.toFixed(2) })),
)

const [smallest, largest] = [ours[0], ours.at(-1)]
const same = ours.find(({ rows }) => rows === theirs[0]?.rows)
const most = theirs.at(-1)
const atLeast = most && ours.find(({ rows }) => rows >= most.rows)
const [own, ...others] = writing
const fastest = others.length === 0 ? undefined : Math.min(...others.map(({ microsPerRow }) => microsPerRow))
console.log(
  JSON.stringify({
    bench: 'bulk',
    rss_growth_mb: megabytes(largest.rss - smallest.rss),
    rss_growth_target_mb: 64,
    cpu_times_jsforce: same && Number((theirs[0].microsPerRow / same.microsPerRow).toFixed(2)),
    cpu_times_jsforce_target: 4,
    memory_of_jsforce: atLeast && Number((atLeast.rss / most.rss).toFixed(2)),
    memory_of_jsforce_target: 0.25,
    csv_times_fastest: fastest && Number((fastest / own.microsPerRow).toFixed(2)),
    csv_times_fastest_target: 1,
  }),
)
