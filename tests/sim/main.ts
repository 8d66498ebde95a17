import { openStage } from './variants.ts'
import { World } from './world.ts'
import { scenarioOf } from './scenario.ts'
const stage = await openStage()
const from = Number(process.argv[2]), to = Number(process.argv[3])
let runs = 0
const t = performance.now()
const c0 = process.cpuUsage()
for (let n = from; n < to; n++) {
  const w = new World(stage, scenarioOf(n), {})
  await w.stormy()
  await w.calmly()
  runs += w.runs.length
}
const s = (performance.now() - t) / 1000
const c = process.cpuUsage(c0)
console.log('cpu', ((c.user + c.system) / 1e6).toFixed(2))
console.log(to - from, 'seeds', runs, 'runs', s.toFixed(1), 's', ((to - from) / s * 60).toFixed(0), 'per minute')
