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
  const rows = Array.from({ length: 30 }, (_, n) => ({
    ...CUSTOMERS[0],
    customer_id: `C-${n}`,
    segment: n === 7 ? 'x'.repeat(41) : 'core',
  }))
  const project = await smallSync(rows, {
    more: ['limits: {batch_size: 10}', 'guards: {max_quarantined: 100%, max_rejected: 100%}'],
  })
  try {
    await project.control.addFault({
      match: { crm: 'salesforce', method: 'PATCH', path: '/composite/sobjects', nth: 2 },
      action: { drop_after_apply: true },
    })
    const result = await project.cli('run', '--output', 'json')
    expect(result.exit).toBe(5)
    const [sync] = runLine.parse(result.json).syncs
    expect(sync).toBeDefined()
    if (sync === undefined) return
    expect(sync.planned).toBe(sync.succeeded + sync.rejected + sync.retryable + sync.unknown + sync.held)
    expect(sync.unknown).toBe(10)
  } finally {
    await project.close()
  }
})
