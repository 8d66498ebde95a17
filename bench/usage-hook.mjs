// Preloaded into the measured process (node --import): samples its memory and writes what it used when it exits.
import { readFileSync, writeFileSync } from 'node:fs'

const file = process.env.BENCH_USAGE_FILE
const peak = { rss: 0, own: 0 }

function sample() {
  const { rss, heapTotal, external } = process.memoryUsage()
  peak.rss = Math.max(peak.rss, rss)
  // V8 heap and buffers: what the runner's own code holds. DuckDB allocates outside of both.
  peak.own = Math.max(peak.own, heapTotal + external)
}

/** CPU of the main thread alone, from Linux: what JavaScript costs, without DuckDB's threads. A clock tick is 10 ms. */
function mainThreadMicros() {
  const fields = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

if (file) {
  setInterval(sample, 20).unref()
  process.on('exit', () => {
    sample()
    const { user, system } = process.cpuUsage()
    writeFileSync(file, JSON.stringify({ ...peak, cpuMicros: user + system, mainMicros: mainThreadMicros() }))
  })
}
