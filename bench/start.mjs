// Start-up: `backfeed --help` beside a bare `node -e 0`, interleaved so that a busy machine slows both. Target: at most 2.5 x.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median, printTable } from './report.mjs'

const cli = fileURLToPath(new URL('../dist/runner/cli.js', import.meta.url))
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 15)

function timeMs(args) {
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`node ${args.join(' ')} exited with ${status}: ${stderr}`)
  return performance.now() - started
}

timeMs([cli, '--help']) // fills the file cache
const bare = []
const help = []
for (let round = 0; round < ROUNDS; round++) {
  bare.push(timeMs(['-e', '0']))
  help.push(timeMs([cli, '--help']))
}
const ratio = median(help) / median(bare)
printTable([
  { what: 'node -e 0', 'median ms': median(bare).toFixed(0), ratio: '1.00' },
  { what: 'backfeed --help', 'median ms': median(help).toFixed(0), ratio: ratio.toFixed(2) },
])
console.log(JSON.stringify({ bench: 'start', ratio: Number(ratio.toFixed(2)), target: 2.5, ok: ratio <= 2.5 }))
