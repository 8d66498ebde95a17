import { expect, test } from 'vitest'
import { CUSTOMERS, smallSync } from './small-sync.ts'

test('running twice changes nothing the second time: zero write calls', async () => {
  const project = await smallSync()
  try {
    expect(await project.cli('run', '--output', 'json')).toMatchObject({ exit: 0 })
    expect(await project.takeWrites()).toHaveLength(1)
    expect(await project.control.records('salesforce', 'Account')).toHaveLength(CUSTOMERS.length)

    expect(await project.cli('run', '--output', 'json')).toMatchObject({ exit: 0 })
    expect(await project.takeWrites()).toEqual([])
  } finally {
    await project.close()
  }
})
