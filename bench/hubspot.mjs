// HubSpot by request: calls per 1,000 rows, throughput beside a bare keep-alive loop, use of the account's limit, and CPU
// beside the typed methods of HubSpot's own client. Targets: 10 calls clean and 25 with 1 % bad rows in batches that are
// refused as a whole; 80 % of the loop; 95 % of the permitted rate and no 429; 3 times the rows per CPU second.
import { setTimeout } from 'node:timers/promises'
import { control, measured, startEmulator } from './emulator-process.mjs'
import { listFlag, median, printTable } from './report.mjs'

const latencies = listFlag('latency', [0, 50, 200])
const [batches] = listFlag('batches', [100])
const [windows] = listFlag('windows', [3])
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const CONCURRENCY = 2
const WINDOW = { burst: 190, interval_ms: 10_000 }
const TARGETS = { clean: 10, bad: 25, share: 0.8, rate: 0.95, cpu: 3 }

const emulator = await startEmulator()
const call = (method, path, body) => control(emulator, { method, path, body })
const load = (way, options) =>
  JSON.parse(
    measured('./hubspot-load.mjs', [way, emulator.url, JSON.stringify({ concurrency: CONCURRENCY, ...options })])
      .stdout,
  )

const PROPERTIES = [
  { name: 'customer_key', type: 'string', hasUniqueValue: true },
  { name: 'score', type: 'number' },
  { name: 'segment', type: 'enumeration', fieldType: 'select', options: [{ value: 'power' }, { value: 'light' }] },
]

async function callsPerThousand() {
  const perThousand = ({ calls }) => (calls * 10) / batches
  const clean = perThousand(load('ours', { batches }))
  const records = await call('GET', '/records/hubspot/companies')
  const rows = Array.isArray(records) ? records : records.records
  const ids = rows.slice(0, Math.min(batches, 20) * 100).map(({ id }) => String(id))
  await call('PUT', '/policies/hubspot', { writes: { update_by_trace: false, refusal: 'message_only' } })
  const some = { batches: ids.length / 100, path: 'update', badEvery: 100, ids }
  const { calls, counts } = load('ours', some)
  await call('DELETE', '/policies/hubspot')
  const bad = (calls * 1_000) / ids.length
  printTable([
    { rows: 'clean', 'calls per 1,000': clean },
    { rows: '1 % bad, refused as a whole', 'calls per 1,000': bad },
  ])
  if (counts.succeeded !== ids.length * 0.99) throw new Error(`good rows were not delivered: ${JSON.stringify(counts)}`)
  return { clean, bad }
}

async function throughput(latencyMs) {
  if (latencyMs > 0)
    await call('POST', '/faults', { match: { crm: 'hubspot', path: '/\\/batch\\//' }, action: { delay_ms: latencyMs } })
  const times = { ours: [], bare: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    // One after the other and in turn: a busy machine slows both.
    for (const way of round % 2 === 0 ? ['ours', 'bare'] : ['bare', 'ours'])
      times[way].push(load(way, { batches }).seconds)
    await call('DELETE', '/journal')
  }
  await call('DELETE', '/faults')
  const [ours, bare] = [median(times.ours), median(times.bare)]
  const perSecond = (seconds) => Math.round((batches * 100) / seconds)
  return {
    latencyMs,
    share: bare / ours,
    row: {
      'latency ms': latencyMs,
      'backfeed rows/s': perSecond(ours),
      'bare loop rows/s': perSecond(bare),
      share: `${Math.round((bare / ours) * 100)} %`,
    },
  }
}

/** From the first request of the first window to the first of the last: what the limit permits in that time, and what was sent. */
async function useOfLimit() {
  // What was sent before still counts for so long.
  await setTimeout(WINDOW.interval_ms + 500)
  await call('DELETE', '/journal')
  await call('PUT', '/policies/hubspot', { limits: WINDOW })
  load('ours', { batches: WINDOW.burst * windows + 1, size: 1, concurrency: 8 })
  const answer = await call('GET', '/journal')
  const journal = Array.isArray(answer) ? answer : answer.entries
  await call('DELETE', '/policies/hubspot')
  const refused = journal.filter(({ status }) => status === 429).length
  const times = journal.map(({ time }) => Date.parse(time)).sort((a, b) => a - b)
  const last = WINDOW.burst * windows
  const permitted = ((times[last] - times[0]) / WINDOW.interval_ms) * WINDOW.burst
  return { rate: last / permitted, refused }
}

async function cpu() {
  const micros = { ours: [], typed: [] }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const way of round % 2 === 0 ? ['ours', 'typed'] : ['typed', 'ours'])
      micros[way].push(load(way, { batches }).microsPerRow)
    await call('DELETE', '/journal')
  }
  const [ours, typed] = [median(micros.ours), median(micros.typed)]
  printTable([
    { client: 'backfeed', 'µs of CPU per row': ours.toFixed(1) },
    { client: 'typed methods', 'µs of CPU per row': typed.toFixed(1) },
  ])
  return typed / ours
}

const rounded = (value) => Number(value.toFixed(2))

try {
  await call('PUT', '/schema/hubspot/companies', { properties: PROPERTIES })
  const { clean, bad } = await callsPerThousand()
  const results = []
  for (const latencyMs of latencies) results.push(await throughput(latencyMs))
  printTable(results.map(({ row }) => row))
  const cpuRatio = await cpu()
  const { rate, refused } = await useOfLimit()
  printTable([{ limit: '190 per 10 s', 'permitted rate used': `${(rate * 100).toFixed(1)} %`, 'status 429': refused }])
  const shares = Object.fromEntries(results.map(({ latencyMs, share }) => [latencyMs, rounded(share)]))
  const ok =
    clean <= TARGETS.clean &&
    bad <= TARGETS.bad &&
    results.every(({ share }) => share >= TARGETS.share) &&
    cpuRatio >= TARGETS.cpu &&
    rate >= TARGETS.rate &&
    refused === 0
  const figures = {
    calls_per_1000: { clean, bad },
    share_of_bare_loop: shares,
    rows_per_cpu_second: rounded(cpuRatio),
    rate_used: rounded(rate),
    refused,
  }
  console.log(JSON.stringify({ bench: 'hubspot', ...figures, targets: TARGETS, ok }))
} finally {
  emulator.stop()
}
