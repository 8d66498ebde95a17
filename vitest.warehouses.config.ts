import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { findPostgres } from './tests/support/postgres-server.ts'
import { reportNotRun } from './tests/support/warehouses-not-run.ts'

/** Every suite that asks tests/support/warehouses.ts for a warehouse. */
function parametrisedSuites(): string[] {
  const files = readdirSync('tests', { recursive: true, encoding: 'utf8' }).map((file) => join('tests', file))
  const asks = /\b(warehousesUnderTest|openTestWarehouse)\b/
  return files.filter((file) => file.endsWith('.test.ts') && asks.test(readFileSync(file, 'utf8')))
}

const missing = findPostgres() === undefined
// Without suites vitest does not come to the global setup, which says it otherwise.
if (missing) reportNotRun()

export default defineConfig({
  test: {
    // Without a server no suite may run, and none may be reported as passed.
    include: missing ? [] : parametrisedSuites(),
    passWithNoTests: missing,
    globalSetup: ['tests/support/postgres-global-setup.ts'],
    env: { BACKFEED_TEST_WAREHOUSES: 'postgres' },
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
