// What a measured process notes on its way: the time, its CPU, its memory and the CPU of the servers beside it.
import { writeFileSync } from 'node:fs'
import { serverMicros } from './server-cpu.mjs'

const file = process.env.BENCH_MARKS_FILE
const warehousePid = Number(process.env.BENCH_WAREHOUSE_PID ?? 0)
const emulatorPid = Number(process.env.BENCH_EMULATOR_PID ?? 0)
const marks = {}
export const statements = { count: 0, ms: {}, calls: {} }

/** The last of its name stands, unless `first` keeps the one before it. */
export function mark(name, { first = false, ...more } = {}) {
  if (first && marks[name]) return
  const { user, system } = process.cpuUsage()
  marks[name] = {
    ms: performance.timeOrigin + performance.now(),
    runnerMicros: user + system,
    warehouseMicros: warehousePid > 0 ? serverMicros(warehousePid) : 0,
    emulatorMicros: emulatorPid > 0 ? serverMicros(emulatorPid) : 0,
    rssBytes: process.memoryUsage.rss(),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    statements: statements.count,
    ...more,
  }
}

export function saveMarks() {
  if (file) writeFileSync(file, JSON.stringify({ marks, statements }))
}
