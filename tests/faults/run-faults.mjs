/** `npm run test:faults [-- --full] [file …]`: the suite of vitest.config.ts in this folder, short or full. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = join(dirname(fileURLToPath(import.meta.url)), '../..')
const tally = join(repository, 'target/faults-tally.txt')
mkdirSync(dirname(tally), { recursive: true })
rmSync(tally, { force: true })

const args = process.argv.slice(2)
const full = args.includes('--full') || process.env.BACKFEED_FAULTS === 'full'
const rest = args.filter((arg) => arg !== '--full')
const vitest = join(repository, 'node_modules/vitest/vitest.mjs')
const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', 'tests/faults/vitest.config.ts', ...rest], {
  cwd: repository,
  stdio: 'inherit',
  env: { ...process.env, BACKFEED_FAULTS_TALLY: tally, BACKFEED_FAULTS: full ? 'full' : 'short' },
})
process.exitCode = status ?? 1
