// Throughput of the collections path beside a bare keep-alive loop that posts the same bodies with the same concurrency (2 is the default of a sync),
// at several latencies of the emulated CRM. Target: at least 80 % of the loop.
import { SCHEMA } from './bulk-rows.mjs'
import { control, measured, startEmulator } from './emulator-process.mjs'
import { listFlag, median, printTable } from './report.mjs'

const latencies = listFlag('latency', [0, 50, 200])
const [batches] = listFlag('batches', [100])
const [concurrency] = listFlag('concurrency', [2])
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const TARGET = 0.8

const emulator = await startEmulator()
const call = (method, path, body) => control(emulator, { method, path, body })
const seconds = (way, count) =>
  JSON.parse(measured('./collections-load.mjs', [way, emulator.url, count, concurrency]).stdout).seconds

async function compare(latencyMs) {
  const match = { crm: 'salesforce', path: '/\\/composite\\//' }
  if (latencyMs > 0) await call('POST', '/faults', { match, action: { delay_ms: latencyMs } })
  // Without latency a batch takes milliseconds, and few of them would measure the machine's other work.
  const count = latencyMs === 0 ? 3 * batches : batches
  const times = { backfeed: [], bare: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    // One after the other and in turn: a busy machine slows both.
    for (const way of round % 2 === 0 ? ['backfeed', 'bare'] : ['bare', 'backfeed'])
      times[way].push(seconds(way, count))
    await call('DELETE', '/journal')
  }
  if (latencyMs > 0) await call('DELETE', '/faults')
  const [ours, loop] = [median(times.backfeed), median(times.bare)]
  return { latencyMs, rows: count * 200, ours, loop, share: loop / ours }
}

try {
  await call('PUT', '/schema/salesforce/Account', SCHEMA)
  seconds('bare', 3 * batches) // the records exist from here on: every measured pass updates them
  const results = []
  for (const latencyMs of latencies) results.push(await compare(latencyMs))
  printTable(
    results.map(({ latencyMs, rows, ours, loop, share }) => ({
      'latency ms': latencyMs,
      concurrency,
      'backfeed rows/s': Math.round(rows / ours),
      'bare loop rows/s': Math.round(rows / loop),
      share: `${Math.round(share * 100)} %`,
    })),
  )
  const shares = Object.fromEntries(results.map(({ latencyMs, share }) => [latencyMs, Number(share.toFixed(2))]))
  const ok = results.every(({ share }) => share >= TARGET)
  console.log(JSON.stringify({ bench: 'collections', share_of_bare_loop: shares, target: TARGET, ok }))
} finally {
  emulator.stop()
}
