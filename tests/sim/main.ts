import { scenarioOf } from './scenario.ts'
import { simulate } from './simulate.ts'
import { Counters } from './counters.ts'
import { openStage } from './variants.ts'
const stage = await openStage()
const from = Number(process.argv[2]), to = Number(process.argv[3])
const trace = process.argv[4] === 'trace'
let runs = 0
const all = new Counters()
const t = performance.now()
const c0 = process.cpuUsage()
const first = new Map<string, string[]>()
for (let n = from; n < to; n++) {
  const v = await simulate(stage, scenarioOf(n), { trace })
  runs += v.runs
  all.merge(v.counters)
  if (trace) { console.log(JSON.stringify(scenarioOf(n), null, 1)); console.log(v.trace.join('\n')) }
  const seen = new Set<string>()
  for (const { check, what } of v.violations) {
    if (seen.has(check)) continue
    seen.add(check)
    const list = first.get(check) ?? []
    list.push(`${n} ${scenarioOf(n).variant}: ${what}`)
    first.set(check, list)
  }
}
const s = (performance.now() - t) / 1000
const c = process.cpuUsage(c0)
for (const [check, list] of first) console.log(`${check}: ${list.length}\n   ${list.slice(0, 5).join('\n   ')}`)
console.log('cpu', ((c.user + c.system) / 1e6).toFixed(2))
console.log(to - from, 'seeds', runs, 'runs', s.toFixed(1), 's', ((to - from) / s * 60).toFixed(0), 'per minute')
if (!trace) console.log(all.entries().map(([k, v]) => `${k} ${v}`).join(' | '))
