import { expect, test } from 'vitest'
import { accountsModel, accountsYaml, CUSTOMERS, smallSync } from './small-sync.ts'

test('F69 an edit of a person to an unmapped and to a CRM-owned field survives', async () => {
  const project = await smallSync(CUSTOMERS, { more: ['ownership: {crm: [Custom_Notes__c]}'] })
  try {
    await project.cli('run')
    await project.control.putRecords('salesforce', 'Account', [
      { Customer_Id__c: 'C-1', Custom_Notes__c: 'Call on Friday', Risk__c: 77 },
    ])
    project.write('models/accounts.sql', accountsModel(CUSTOMERS.map((row) => ({ ...row, ltv: '99.00' }))))
    await project.cli('run')
    const records = await project.control.records('salesforce', 'Account')
    expect(records.find((record) => record.Customer_Id__c === 'C-1')).toMatchObject({
      Custom_Notes__c: 'Call on Friday',
      Risk__c: 77,
      LTV__c: 99,
    })
  } finally {
    await project.close()
  }
})

test('a CRM-owned field in a mapping is a compile error', async () => {
  const project = await smallSync(CUSTOMERS, { more: ['ownership: {crm: [LTV__c]}'] })
  try {
    const { exit, stderr, stdout } = await project.cli('parse')
    expect(exit).toBe(2)
    expect(stderr + stdout).toMatch(/E-MAP-CRM-OWNED\s+syncs\/accounts\.yml:\d+:\d+/)
    expect(await project.cli('run')).toMatchObject({ exit: 2 })
    expect(await project.control.journal()).toEqual([])
  } finally {
    await project.close()
  }
})

test('two syncs that write one field of one object are a compile error', async () => {
  const project = await smallSync()
  try {
    project.write('syncs/second.yml', accountsYaml().replace('name: accounts', 'name: accounts_again'))
    const { exit, stderr, stdout } = await project.cli('parse')
    expect(exit).toBe(2)
    expect(stderr + stdout).toContain('E-MAP-OWNED-TWICE')
  } finally {
    await project.close()
  }
})
