// What the safety protocol costs: a run in which every row has changed, beside the same deliveries without it. Both are the command
// line as it is built, on the same plan: the bare one has its delivery and its settling exchanged (bare-delivery.mjs), so it sends
// the same bodies in the same order, as many at once, and writes no intent, no outcome, no journal, no heartbeat and no state.
// --rows 100000  --latency 0,300 (ms of every write call)  --rounds 3  --warehouses duckdb,postgres
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBenchWarehouse } from './bench-warehouse.mjs'
import { CRMS, writeProject } from './deliver-project.mjs'
import { control, startEmulator } from './emulator-process.mjs'
import { measuredRun } from './measured-process.mjs'
import { listFlag, median, namesFlag, printTable } from './report.mjs'

const [rows] = listFlag('rows', [100_000])
const [rounds] = listFlag('rounds', [3])
const latencies = listFlag('latency', [0, 300])
const crm = CRMS[0]
const target = 1.1

/** One run of `kind` on a project and an emulator of its own, which hold every row in its first version before. */
async function trial(warehouse, { kind, latencyMs, compare }) {
  const emulator = await startEmulator()
  const folder = mkdtempSync(join(tmpdir(), 'backfeed-bench-'))
  const project = { crm, rows, url: emulator.url, ...warehouse.target() }
  const env = {
    ...warehouse.env,
    BENCH_WAREHOUSE_PID: String(warehouse.pid),
    BENCH_EMULATOR_PID: String(emulator.pid),
  }
  const args = ['run', '--output', 'json']
  try {
    await control(emulator, { method: 'PUT', path: `/schema/${crm.name}/${crm.object}`, body: crm.schema })
    writeProject(folder, project)
    await measuredRun(folder, { args, env })
    writeProject(folder, { ...project, version: 1 })
    await control(emulator, { method: 'DELETE', path: '/journal' })
    const action = { delay_ms: latencyMs }
    if (latencyMs > 0)
      await control(emulator, { method: 'POST', path: '/faults', body: { match: { method: 'PATCH' }, action } })
    const run = await measuredRun(folder, { options: kind === 'bare' ? ['--bare'] : [], args, env })
    const [{ succeeded, write_calls: calls }] = run.last.syncs
    if (succeeded !== rows) throw new Error(`${succeeded} of ${rows} rows succeeded`)
    return { ...figuresOf(run), calls, bodies: compare ? await bodiesOf(emulator) : undefined }
  } finally {
    emulator.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Seconds of wall and of CPU; `send` begins when the plan is complete and ends when its last consequence is durable. */
function figuresOf({ startedMs, marks: { planned, settled, ended }, statements }) {
  const cpu = (mark) => (mark.runnerMicros + mark.warehouseMicros) / 1e6
  return {
    command: { wall: (ended.ms - startedMs) / 1000, cpu: cpu(ended) },
    send: { wall: (settled.ms - planned.ms) / 1000, cpu: cpu(settled) - cpu(planned) },
    emulator: (settled.emulatorMicros - planned.emulatorMicros) / 1e6,
    statements,
  }
}

/** One hash over all write bodies, whatever order they came in: two at once may overtake each other. */
async function bodiesOf(emulator) {
  const journal = await control(emulator, { method: 'GET', path: '/journal' })
  const writes = journal.filter(({ method, path }) => method === 'PATCH' && path.includes(crm.writePath))
  const bodies = writes.map(({ body }) => JSON.stringify(body)).sort()
  return createHash('sha256').update(bodies.join('\n')).digest('hex')
}

/** Interleaved, so that a busy machine slows both. */
async function compareOn(warehouse, latencyMs) {
  const taken = { full: [], bare: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of round % 2 === 0 ? ['full', 'bare'] : ['bare', 'full'])
      taken[kind].push(await trial(warehouse, { kind, latencyMs, compare: round === 0 }))
  }
  const [full, bare] = [taken.full[0].bodies, taken.bare[0].bodies]
  if (full !== bare) throw new Error('the two did not send the same bodies')
  return taken
}

function summaryOf({ full, bare }) {
  const of = (trials, part, unit) => median(trials.map((each) => each[part][unit]))
  const ratio = (part, unit) => Number((of(full, part, unit) / of(bare, part, unit)).toFixed(3))
  const line = (what, part, unit) => ({
    what,
    'with the protocol': of(full, part, unit).toFixed(2),
    without: of(bare, part, unit).toFixed(2),
    ratio: ratio(part, unit).toFixed(2),
  })
  printTable([
    line('whole command, wall s', 'command', 'wall'),
    line('whole command, CPU s of runner and warehouse', 'command', 'cpu'),
    line('from the finished plan on, wall s', 'send', 'wall'),
    line('from the finished plan on, CPU s of runner and warehouse', 'send', 'cpu'),
  ])
  const emulator = median([...full, ...bare].map((each) => each.emulator))
  console.log(`emulator: ${emulator.toFixed(2)} CPU s for ${full[0].calls} write calls`)
  return {
    command_wall: ratio('command', 'wall'),
    command_cpu: ratio('command', 'cpu'),
    send_wall: ratio('send', 'wall'),
    send_cpu: ratio('send', 'cpu'),
  }
}

/** Where the time of the protocol went. */
function printSteps(full) {
  const { ms, calls } = full[0].statements
  const slowest = Object.entries(ms).sort((a, b) => b[1] - a[1]).slice(0, 8) // biome-ignore format: one thought
  printTable(slowest.map(([step, took]) => ({ step, statements: calls[step], seconds: (took / 1000).toFixed(2) })))
}

const results = []
for (const name of namesFlag('warehouses', ['duckdb', 'postgres'])) {
  const warehouse = await openBenchWarehouse(name)
  if (warehouse.reason !== undefined) {
    console.log(`\n${name}: not run: ${warehouse.reason}`)
    continue
  }
  try {
    for (const latencyMs of latencies) {
      console.log(`\n${name}, ${rows} changed rows, ${latencyMs} ms per write call, load ${loadavg()[0].toFixed(1)}`)
      const taken = await compareOn(warehouse, latencyMs)
      const ratios = summaryOf(taken)
      if (process.argv.includes('--steps')) printSteps(taken.full)
      results.push({ warehouse: name, latency_ms: latencyMs, ...ratios, ok: ratios.command_wall <= target })
    }
  } finally {
    await warehouse.stop()
  }
}
console.log(JSON.stringify({ bench: 'protocol', rows, rounds, target, results }))
