import { expect, test } from 'vitest'
import { accountsModel, CUSTOMERS, smallSync } from './small-sync.ts'

test('a run that would change too much stops before its first call', async () => {
  const project = await smallSync(CUSTOMERS, { more: ['guards: {max_creates: 2}'] })
  try {
    const refused = await project.cli('run')
    expect(refused.exit).toBe(3)
    expect(refused.stdout + refused.stderr).toContain('--allow creates=3')
    expect(await project.takeWrites()).toEqual([])
    expect(await project.control.records('salesforce', 'Account')).toEqual([])

    expect(await project.cli('run', '--allow', 'creates=3', '--reason', 'first load')).toMatchObject({ exit: 0 })
    expect(await project.control.records('salesforce', 'Account')).toHaveLength(3)
  } finally {
    await project.close()
  }
})

test('an empty model stops the run', async () => {
  const project = await smallSync()
  try {
    await project.cli('run')
    await project.takeWrites()
    project.write('models/accounts.sql', `${accountsModel(CUSTOMERS)}where customer_id = 'nobody'\n`)
    expect(await project.cli('run')).toMatchObject({ exit: 3 })
    expect(await project.takeWrites()).toEqual([])
  } finally {
    await project.close()
  }
})
