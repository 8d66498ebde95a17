import { defineConfig } from 'vitest/config'

// One run of all months takes minutes, so the replay is invoked by name: npm run test:replay.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['tests/replay/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
