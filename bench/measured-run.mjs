// The command line with marks, for other benchmarks to start: node measured-run.mjs [--bare] [--kill-at CP11 --nth 7] -- run …
import { register } from 'node:module'
import { mark, saveMarks } from './marks.mjs'

const separator = process.argv.indexOf('--')
const options = process.argv.slice(2, separator)
const valueAfter = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined)
const bare = { 'deliver-changes.js': './bare-delivery.mjs', 'settle-run.js': './bare-settling.mjs' }
const noted = {
  'recover.js': './marked-recovery.mjs',
  'build-plan.js': './marked-plan.mjs',
  'warehouse/registry.js': './counted-warehouse.mjs',
}
register('./exchange-modules.mjs', import.meta.url, { data: { ...noted, ...(options.includes('--bare') && bare) } })

const { runCommandLine } = await import('../dist/runner/commands/run-command-line.js')
const { systemPorts } = await import('../dist/runner/ports.js')

const kill = { at: valueAfter('--kill-at'), nth: Number(valueAfter('--nth') ?? 1) }
/** What a crash point of the protocol says about the time. */
const names = { CP02: 'leased', CP07: 'planned', CP24: 'delivered', CP26: 'settled' }
let hits = 0
function at(point) {
  if (names[point]) mark(names[point])
  if (point !== kill.at) return
  hits += 1
  if (hits < kill.nth) return
  mark('killed')
  saveMarks()
  process.kill(process.pid, 'SIGKILL')
}

const ports = { ...systemPorts(), crashPoints: { at } }
const exitCode = await runCommandLine(process.argv.slice(separator + 1), { process, version: '0.0.0-bench', ports })
mark('ended')
saveMarks()
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))
