/** The SQL that `audit grants` prints, per warehouse and role. */
import { describe, expect, test } from 'vitest'
import { grantRoles, grantsFor } from '../../runner/audit/grants.ts'
import { warehouseNames } from '../../runner/warehouse/registry.ts'

const places = { schema: 'backfeed', auditSchema: 'backfeed_audit', sources: ['crm.customers', 'crm.orders', 'product.usage'] }

describe.each(warehouseNames)('grants on %s', (name) => {
  test.each(grantRoles)('%s', async (role) => {
    await expect(`${grantsFor(name, role, places)}\n`).toMatchFileSnapshot(`${name}/grants/${role}.sql`)
  })
})
