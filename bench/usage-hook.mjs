// Preloaded into the measured process (node --import): samples its memory and writes what it used when it exits.
import { writeFileSync } from 'node:fs'

const file = process.env.BENCH_USAGE_FILE
const peak = { rss: 0, own: 0 }

function sample() {
  const { rss, heapTotal, external } = process.memoryUsage()
  peak.rss = Math.max(peak.rss, rss)
  // V8 heap and buffers: what the runner's own code holds. DuckDB allocates outside of both.
  peak.own = Math.max(peak.own, heapTotal + external)
}

if (file) {
  setInterval(sample, 20).unref()
  process.on('exit', () => {
    sample()
    const { user, system } = process.cpuUsage()
    writeFileSync(file, JSON.stringify({ ...peak, cpuMicros: user + system }))
  })
}
