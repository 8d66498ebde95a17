import { test } from 'vitest'
import { openStage } from './variants.ts'
import { World } from './world.ts'
import { scenarioOf } from './scenario.ts'
test('x', async () => {
  const stage = await openStage()
  for (let n = 1; n < 30; n++) {
    const s = scenarioOf(n)
    const w = new World(stage, s, { trace: true })
    const t = performance.now()
    await w.stormy()
    const r = await w.calmly()
    console.log(n, s.variant, (performance.now() - t).toFixed(1), w.runs.length, w.runs.map(r => r.broken ?? r.error?.message ?? r.applied ?? (r.process.alive ? r.result?.status : 'dead')), w.violations)
    if (process.env.TR === String(n)) console.log(w.trace?.join('\n'))
  }
}, 600000)
