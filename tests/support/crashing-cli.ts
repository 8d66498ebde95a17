/**
 * The command line with a death wish. A program of its own: the shipped one has no option, variable or file that could do this.
 *
 *   node crashing-cli.js [--crash-at CP10 [--nth 2]] [--stop-at CP09 [--stop-nth 1]] [--trace FILE] [--clock-skew-ms N]
 *                        [--later-ms N] [--longest-sleep-ms N] [--hurry-below-ms N] -- run -s x …
 *
 * --crash-at  SIGKILL of itself at the n-th hit (from 1) of a crash point
 * --stop-at   SIGSTOP of itself at a hit; whoever started it sends SIGCONT
 * --trace     appends the name of every point that is reached, one per line, before anything happens there
 * --clock-skew-ms     the clock of this machine is ahead of all others
 * --later-ms          as much time has passed: the clock of this machine and that of the warehouse have moved on
 * --longest-sleep-ms  cuts every wait, deadlines of requests among them
 * --hurry-below-ms    cuts every wait that is shorter: pauses between polls and retries; deadlines and heartbeats are longer
 */
import { appendFileSync } from 'node:fs'
import { runCommandLine } from '../../runner/commands/run-command-line.ts'
import { type CrashPoint, type Ports, systemPorts } from '../../runner/ports.ts'
import { duckdbAdapter } from '../../runner/warehouse/duckdb.ts'
import { postgresAdapter } from '../../runner/warehouse/postgres.ts'
import type { WarehouseAdapter } from '../../runner/warehouse/warehouse.ts'
import { shiftedWarehouse } from './shifted-warehouse.ts'
import { whenUnderWay } from './when-under-way.ts'

interface Wishes {
  crash: { at: string; nth: number }
  stop: { at: string; nth: number }
  trace: string | undefined
  clockSkewMs: number
  laterMs: number
  longestSleepMs: number
  hurryBelowMs: number
}

/** What is left of a wait that is cut: long enough for the other side to go on. */
const HURRIED_MS = 100

const separator = process.argv.indexOf('--')
const wishes = readWishes(process.argv.slice(2, separator === -1 ? 2 : separator))
const argv = process.argv.slice(separator === -1 ? 2 : separator + 1)
for (const adapter of [duckdbAdapter, postgresAdapter]) letPass(adapter, wishes.laterMs)
const exitCode = await runCommandLine(argv, { process, version: '0.0.0-crashing', ports: dyingPorts(wishes) })
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))

function readWishes(args: readonly string[]): Wishes {
  const known = [
    ...['--crash-at', '--nth', '--stop-at', '--stop-nth', '--trace', '--clock-skew-ms', '--later-ms'],
    ...['--longest-sleep-ms', '--hurry-below-ms'],
  ]
  const given = new Map<string, string>()
  for (let index = 0; index < args.length; index += 2) {
    const name = args[index] ?? ''
    const value = args[index + 1]
    if (!known.includes(name) || value === undefined) throw new Error(`crashing-cli: ${name} is no option with a value`)
    given.set(name, value)
  }
  return {
    crash: { at: given.get('--crash-at') ?? '', nth: Number(given.get('--nth') ?? 1) },
    stop: { at: given.get('--stop-at') ?? '', nth: Number(given.get('--stop-nth') ?? 1) },
    trace: given.get('--trace'),
    clockSkewMs: Number(given.get('--clock-skew-ms') ?? 0),
    laterMs: Number(given.get('--later-ms') ?? 0),
    longestSleepMs: Number(given.get('--longest-sleep-ms') ?? Number.POSITIVE_INFINITY),
    hurryBelowMs: Number(given.get('--hurry-below-ms') ?? 0),
  }
}

/** Every warehouse that is opened from now on. */
function letPass(adapter: WarehouseAdapter, ms: number): void {
  const open = adapter.open.bind(adapter)
  const later: WarehouseAdapter['open'] = async (...request) => shiftedWarehouse(await open(...request), () => ms)
  Object.assign(adapter, { open: later })
}

function dyingPorts({ crash, stop, trace, clockSkewMs, laterMs, longestSleepMs, hurryBelowMs }: Wishes): Ports {
  const system = systemPorts()
  const hits = new Map<string, number>()
  const at = (point: CrashPoint): void => {
    const hit = (hits.get(point) ?? 0) + 1
    hits.set(point, hit)
    if (trace !== undefined) appendFileSync(trace, `${point}\n`)
    if (point === stop.at && hit === stop.nth) process.kill(process.pid, 'SIGSTOP')
    if (point === crash.at && hit === crash.nth) whenUnderWay(point, () => process.kill(process.pid, 'SIGKILL'))
  }
  const cut = (ms: number): number => Math.min(longestSleepMs, ms < hurryBelowMs ? Math.min(ms, HURRIED_MS) : ms)
  return {
    ...system,
    clock: {
      ...system.clock,
      nowMs: () => system.clock.nowMs() + laterMs + clockSkewMs,
      sleep: (ms, signal) => system.clock.sleep(cut(ms), signal),
    },
    crashPoints: { at },
  }
}
