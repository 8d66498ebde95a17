import { expect, test } from 'vitest'
import { accountsModel, accountsYaml, CUSTOMERS, MORE_FIELDS, sentRecords, smallSync } from './small-sync.ts'

test('only fields that changed travel', async () => {
  const project = await smallSync()
  try {
    await project.cli('run')
    await project.takeWrites()
    project.write(
      'models/accounts.sql',
      accountsModel(CUSTOMERS.map((row) => (row.customer_id === 'C-2' ? { ...row, ltv: '21.00' } : row))),
    )
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    expect(sentRecords(await project.takeWrites())).toEqual([
      { attributes: { type: 'Account' }, Customer_Id__c: 'C-2', LTV__c: 21 },
    ])
  } finally {
    await project.close()
  }
})

test('a new mapping re-plans only the new field', async () => {
  const project = await smallSync()
  try {
    await project.cli('run')
    await project.takeWrites()
    project.write('syncs/accounts.yml', accountsYaml({ fields: MORE_FIELDS }))
    expect(await project.cli('run')).toMatchObject({ exit: 0 })
    const sent = sentRecords(await project.takeWrites())
    expect(sent).toHaveLength(CUSTOMERS.length)
    for (const record of sent) expect(Object.keys(record).sort()).toEqual(['Customer_Id__c', 'Risk__c', 'attributes'])
  } finally {
    await project.close()
  }
})
