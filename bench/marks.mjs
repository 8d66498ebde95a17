// What a measured process notes on its way: the time, its CPU, its memory and the CPU of the servers beside it.
import { writeFileSync } from 'node:fs'
import { getHeapStatistics } from 'node:v8'
import { serverMicros } from './server-cpu.mjs'

const file = process.env.BENCH_MARKS_FILE
const warehousePid = Number(process.env.BENCH_WAREHOUSE_PID ?? 0)
const emulatorPid = Number(process.env.BENCH_EMULATOR_PID ?? 0)
const marks = {}
/** V8 heap and buffers, at their most: what the runner's own code holds. DuckDB allocates outside of both. */
let ownBytes = 0
setInterval(sample, 50).unref()

function sample() {
  // Not process.memoryUsage(): it reads files to know the resident size, twenty times a second.
  const heap = getHeapStatistics()
  ownBytes = Math.max(ownBytes, heap.total_heap_size + heap.external_memory)
}

export const statements = { count: 0, ms: {}, calls: {} }

/** The last of its name stands. */
export function mark(name, more = {}) {
  sample()
  const { user, system } = process.cpuUsage()
  marks[name] = {
    ms: performance.timeOrigin + performance.now(),
    runnerMicros: user + system,
    warehouseMicros: warehousePid > 0 ? serverMicros(warehousePid) : 0,
    emulatorMicros: emulatorPid > 0 ? serverMicros(emulatorPid) : 0,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    ownBytes,
    statements: statements.count,
    ...more,
  }
}

export function saveMarks() {
  if (file) writeFileSync(file, JSON.stringify({ marks, statements }))
}
