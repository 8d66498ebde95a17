import { expect, test } from 'vitest'
import { accountsModel, CUSTOMERS, smallSync } from './small-sync.ts'

const RULES = ['validate:', '  - {column: risk, rule: between, min: 0, max: 100}', 'guards: {max_source_drop: 100%}']
const keys = (records: readonly Record<string, unknown>[]): unknown[] =>
  records.map((record) => record.Customer_Id__c).sort()

test('invalid and duplicate-key rows never reach the CRM, and leave quarantine by themselves once fixed', async () => {
  const broken = [
    ...CUSTOMERS.slice(0, 2),
    { ...CUSTOMERS[2], risk: '250.00' },
    { ...CUSTOMERS[1], company_name: 'Two again' },
  ]
  const project = await smallSync(broken, { more: RULES })
  try {
    await project.cli('run')
    expect(keys(await project.control.records('salesforce', 'Account'))).toEqual(['C-1'])
    const held = await project.cli('quarantine', 'ls')
    expect(held.stdout).toContain('C-2')
    expect(held.stdout).toContain('C-3')

    project.write('models/accounts.sql', accountsModel(CUSTOMERS))
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    expect(keys(await project.control.records('salesforce', 'Account'))).toEqual(['C-1', 'C-2', 'C-3'])
    expect((await project.cli('quarantine', 'ls')).stdout).not.toContain('C-2')
  } finally {
    await project.close()
  }
})
