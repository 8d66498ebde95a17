import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const files = readdirSync('runner', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

test.each([
  ['jsforce', 'destination/salesforce/salesforce-transport.ts'],
  ['@hubspot/api-client', 'destination/hubspot/hubspot-transport.ts'],
])('%s is named by one file, and loaded by its first request only', (library, owner) => {
  const users = files.filter((file) => readFileSync(`runner/${file}`, 'utf8').includes(`'${library}`))
  expect(users).toEqual([owner])
  const imports =
    readFileSync(`runner/${owner}`, 'utf8').match(new RegExp(`^.*(?:from |import\\()'${library}[^']*'.*$`, 'gm')) ?? []
  expect(imports.length).toBeGreaterThan(0)
  for (const line of imports) expect(line).toMatch(/^import type |await import\(/)
})
