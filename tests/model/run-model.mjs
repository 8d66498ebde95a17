// `npm run test:model [-- --large]`: vitest takes no options of its own tests, so the bounds travel in the environment.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const isLarge = process.argv.includes('--large')
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url))
const { status } = spawnSync(process.execPath, ['--max-old-space-size=6000', vitest, 'run', 'tests/model'], {
  stdio: 'inherit',
  env: { ...process.env, ...(isLarge ? { MODEL_BOUNDS: 'large' } : {}) },
})
process.exitCode = status ?? 1
