// Delivering 10k, 100k and 500k changes to the emulator in a process of its own, once per CRM. Memory must not grow with the number of
// rows, calls must be full, and the runner's own CPU is shown beside a bare loop that posts the same bodies.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CRMS, writeProject } from './deliver-project.mjs'
import { cli, control, startEmulator } from './emulator-process.mjs'
import { listFlag, printTable } from './report.mjs'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const sizes = listFlag('rows', [10_000, 100_000, 500_000])

/** Runs a node process to its end with the usage hook in it. */
function measured(args, cwd) {
  const usageFile = join(cwd, 'usage.json')
  const started = performance.now()
  const done = spawnSync(process.execPath, ['--import', here('./usage-hook.mjs'), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, BENCH_USAGE_FILE: usageFile },
    maxBuffer: 1 << 28,
  })
  if (done.status !== 0)
    throw new Error(
      `${args.slice(1).join(' ')} exited with ${done.status}\n${done.stderr.slice(-3000)}${done.stdout.slice(-1000)}`,
    )
  return {
    ...JSON.parse(readFileSync(usageFile, 'utf8')),
    seconds: (performance.now() - started) / 1000,
    last: JSON.parse(done.stdout.trimEnd().split('\n').at(-1)),
  }
}

async function bareLoop(emulator, folder, crm, rows) {
  const writes = (await control(emulator, { method: 'GET', path: '/journal' })).filter(
    (entry) => entry.path.includes(crm.writePath) && entry.body !== null,
  )
  const file = join(folder, 'bodies.ndjson')
  const headers = { authorization: 'Bearer bench', 'content-type': 'application/json' }
  writeFileSync(
    file,
    writes
      .map((entry) =>
        JSON.stringify({ method: entry.method, path: entry.path, headers, body: JSON.stringify(entry.body) }),
      )
      .join('\n'),
  )
  const script = here('./bare-loop.mjs')
  const usageFile = join(folder, 'usage.json')
  const done = spawnSync(process.execPath, ['--import', here('./usage-hook.mjs'), script, file, emulator.url], {
    encoding: 'utf8',
    env: { ...process.env, BENCH_USAGE_FILE: usageFile },
  })
  if (done.status !== 0) throw new Error(`bare loop: ${done.stderr}`)
  const idle = join(folder, 'empty.ndjson')
  writeFileSync(idle, '{}')
  const start = spawnSync(process.execPath, ['--import', here('./usage-hook.mjs'), '-e', '0'], {
    env: { ...process.env, BENCH_USAGE_FILE: idle },
  })
  if (start.status !== 0) throw new Error('node did not start')
  const micros =
    JSON.parse(readFileSync(usageFile, 'utf8')).cpuMicros - JSON.parse(readFileSync(idle, 'utf8')).cpuMicros
  return micros / rows
}

async function deliver(crm, rows) {
  const emulator = await startEmulator()
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-bench-'))
  try {
    mkdirSync(folder, { recursive: true })
    writeProject(folder, { crm, rows, url: emulator.url })
    await control(emulator, { method: 'PUT', path: `/schema/${crm.name}/${crm.object}`, body: crm.schema })
    const plan = measured([cli, 'plan', '--output', 'json'], folder)
    await control(emulator, { method: 'DELETE', path: '/journal' })
    const before = emulator.cpuMicros()
    const run = measured([cli, 'run', '--output', 'json'], folder)
    const emulatorMicros = emulator.cpuMicros() - before
    const [sync] = run.last.syncs
    if (sync.succeeded !== rows) throw new Error(`${sync.succeeded} of ${rows} rows succeeded`)
    const bareMicros = rows <= 100_000 && crm.writePath ? await bareLoop(emulator, folder, crm, rows) : undefined
    return {
      rows,
      run,
      plan,
      writeCalls: sync.write_calls,
      cpuPerRow: (run.mainMicros - plan.mainMicros) / rows,
      allCpuPerRow: (run.cpuMicros - plan.cpuMicros) / rows,
      emulatorPerRow: emulatorMicros / rows,
      bareMicros,
    }
  } finally {
    emulator.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const megabytes = (bytes) => (bytes / 1048576).toFixed(0)
const summary = []
for (const crm of CRMS) {
  const results = []
  for (const rows of sizes) results.push(await deliver(crm, rows))
  console.log(`\n${crm.name} ${crm.object}, ${crm.by}`)
  printTable(
    results.map((r) => ({
      rows: r.rows,
      seconds: r.run.seconds.toFixed(1),
      'peak RSS MB': megabytes(r.run.rss),
      'own memory MB': megabytes(r.run.own),
      'write calls / 1000': ((r.writeCalls * 1000) / r.rows).toFixed(2),
      'own CPU µs/row (run - plan)': r.cpuPerRow.toFixed(0),
      'with DuckDB': r.allCpuPerRow.toFixed(0),
      'emulator µs/row': r.emulatorPerRow.toFixed(0),
      'bare loop µs/row': r.bareMicros?.toFixed(0) ?? '-',
    })),
  )
  const [first, last] = [results[0], results.at(-1)]
  summary.push({
    crm: crm.name,
    by: crm.by,
    rss_growth_mb: Number(megabytes(last.run.rss - first.run.rss)),
    own_growth_mb: Number(megabytes(last.run.own - first.run.own)),
    calls_per_1000: Number(((last.writeCalls * 1000) / last.rows).toFixed(2)),
    calls_target: crm.callsTarget,
    own_cpu_micros_per_row: Math.round(last.cpuPerRow),
    emulator_over_runner: Number((last.emulatorPerRow / last.allCpuPerRow).toFixed(2)),
    bare_loop_micros_per_row: Math.round(results.findLast((r) => r.bareMicros !== undefined)?.bareMicros ?? 0),
  })
}
console.log(JSON.stringify({ bench: 'deliver', growth_target_mb: 64, results: summary }))
