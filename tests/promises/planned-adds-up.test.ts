import { expect, test } from 'vitest'
import { z } from 'zod'
import { CUSTOMERS, smallSync } from './small-sync.ts'

const counts = z.object({
  planned: z.number(),
  succeeded: z.number(),
  rejected: z.number(),
  retryable: z.number(),
  unknown: z.number(),
  held: z.number(),
})
const runLine = z.object({ syncs: z.array(counts) })

test('planned = succeeded + rejected + retryable + unknown + held, also when the CRM refuses a row and a connection dies', async () => {
  const rows = Array.from({ length: 30 }, (_, n) => ({ ...CUSTOMERS[0], customer_id: `C-${n}`, segment: `ref-${n}` }))
  const project = await smallSync(rows, {
    fields: ['{to: Ref__c, from: segment}', '{to: Name, from: company_name, write: on_create}'],
    more: ['limits: {batch_size: 10, concurrency: 1}', 'guards: {max_rejected: 100%}'],
  })
  try {
    await project.control.putSchema('salesforce', 'Account', {
      fields: [{ name: 'Ref__c', type: 'string', length: 40, unique: true }],
    })
    await project.control.putRecords('salesforce', 'Account', [{ Name: 'Somebody else', Ref__c: 'ref-0' }])
    const action = { drop_after_apply: true }
    await project.control.addFault({ match: { crm: 'salesforce', path: '/\\/composite\\/sobjects/', nth: 2 }, action })
    const result = await project.cli('run', '--output', 'json')
    expect(result.exit, result.stderr).toBe(5)
    const [sync] = runLine.parse(result.json).syncs
    expect(sync).toEqual({ planned: 30, succeeded: 19, rejected: 1, retryable: 0, unknown: 10, held: 0 })
  } finally {
    await project.close()
  }
})
