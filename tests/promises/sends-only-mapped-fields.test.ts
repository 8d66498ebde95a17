import { expect, test } from 'vitest'
import { sentRecords, smallSync } from './small-sync.ts'

test('only mapped fields are ever in a request, and assignment rules stay off', async () => {
  const project = await smallSync()
  try {
    await project.cli('run')
    const writes = await project.takeWrites()
    const allowed = ['attributes', 'Customer_Id__c', 'LTV__c', 'Segment__c', 'Name']
    const names = sentRecords(writes).flatMap((record) => Object.keys(record))
    expect(new Set(names)).toEqual(new Set(allowed))
    for (const write of writes) expect(write.headers['sforce-auto-assign']?.toUpperCase()).toBe('FALSE')
  } finally {
    await project.close()
  }
})
