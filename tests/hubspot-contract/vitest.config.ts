import { defineConfig } from 'vitest/config'
import { contractFolder } from './contract-folder.ts'
import { reportNotRun } from './global-setup.ts'

const present = contractFolder() !== undefined
if (!present) reportNotRun()

/** The suites of the emulator, of the destination, and of the pipeline where they are about HubSpot. */
const SUITES = [
  'tests/contract/destination-*.test.ts',
  'tests/contract/hubspot-*.test.ts',
  'tests/conformance/hubspot/**/*.test.ts',
  'tests/conformance/hubspot-*.test.ts',
  'tests/hubspot-contract/*.test.ts',
]

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: present ? SUITES : [],
    passWithNoTests: !present,
    globalSetup: ['tests/hubspot-contract/global-setup.ts'],
    setupFiles: present ? ['tests/hubspot-contract/watch-exchanges.ts'] : [],
    // Of the suites that run on both CRMs only HubSpot's half.
    testNamePattern: /^(?!'?salesforce\b)/,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
