import { defineConfig } from 'vitest/config'

// Kills, cuts and delays real processes: minutes, so it is invoked by name. npm run test:faults; the full matrix with -- --full.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['tests/faults/**/*.test.ts'],
    globalSetup: ['tests/faults/support/global-setup.ts'],
    setupFiles: ['tests/faults/support/count-cpu.ts'],
    reporters: ['default', new URL('support/faults-reporter.ts', import.meta.url).pathname],
    testTimeout: 900_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // Much of the time is waiting: for leases, for deadlines, for a warehouse that is gone.
    maxWorkers: 3,
  },
})
