/** What every client finds in the org: custom fields, rows enough for several pages, and the side that no client sees. */
import type { ControlClient } from '../../emulator/core/control-client.ts'

export interface Org {
  url: string
  controlUrl: string
  control: ControlClient
}

export const TOKEN_SHAPED_LIKE_ONE = '00D5g000000Emul!AQ.token'
export const CONTACTS = 4500
/** Of a bulk query, where the client names none: CONTACTS makes several. */
const PAGE_ROWS = 1000

const ACCOUNT_FIELDS = {
  fields: [
    { name: 'Customer_Id__c', type: 'string', length: 64, externalId: true, unique: true },
    { name: 'LTV__c', type: 'currency', precision: 18, scale: 2 },
    {
      name: 'Usage_Segment__c',
      type: 'picklist',
      picklistValues: ['power', 'core', 'light'],
      restrictedPicklist: true,
    },
    { name: 'Active__c', type: 'boolean' },
    { name: 'Renewal__c', type: 'date' },
  ],
}

/** Back to the start, then the same fields and rows for every client. */
export async function seedOrg(org: Org): Promise<void> {
  const { control } = org
  await control.reset()
  await control.putSchema('salesforce', 'Account', ACCOUNT_FIELDS)
  const contacts = Array.from({ length: CONTACTS }, (_, index) => ({ LastName: `Contact ${index + 1}` }))
  await control.putRecords('salesforce', 'Contact', contacts)
  await changeBulk(org, { query_page_rows: PAGE_ROWS })
}

/** How bulk jobs go from now on. */
export async function changeBulk({ controlUrl }: Org, settings: Record<string, number | null>): Promise<void> {
  const response = await fetch(`${controlUrl}/bulk/salesforce`, { method: 'PUT', body: JSON.stringify(settings) })
  if (!response.ok) throw new Error(`the control plane refuses bulk settings: ${await response.text()}`)
}

/** The stored row with this key, seen from behind the API. */
export async function storedAccount({ control }: Org, key: string): Promise<Record<string, unknown> | undefined> {
  const rows = await control.records('salesforce', 'Account')
  return rows.find((row) => row.Customer_Id__c === key)
}
