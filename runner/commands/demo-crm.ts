/** The people of the demo: what the CRMs hold before the first sync, what somebody edits there, and what was called. */
import { join } from 'node:path'
import { z } from 'zod'
import type { CommandContext } from './command.ts'
import { type ControlPlane, controlPlane } from './control-plane.ts'
import { readCrmFiles } from './read-crm-files.ts'

type Row = Readonly<Record<string, unknown>>

export interface DemoCrm {
  /** Schemas first, then records. Returns the number of records. */
  load(): Promise<number>
  edit(crm: string, object: string, rows: readonly Row[]): Promise<void>
  account(customerId: string): Promise<Row>
  /** Requests since the last call that could have changed a record; reading a CRM is often a POST too. */
  takeWriteCalls(): Promise<number>
}

const rowsSchema = z.array(z.record(z.string(), z.unknown()))
const journalSchema = z.array(z.object({ method: z.string(), path: z.string() }))
const READ_BY_POST = /\/(batch\/read|search|query|token|introspect|access-token-info)(\?|$)/

export function demoCrm(controlUrl: string, context: CommandContext): DemoCrm {
  const control = controlPlane(controlUrl, context)
  return {
    load: () => load(control, join(context.cwd, 'seeds/crm')),
    edit: async (crm, object, rows) => {
      await control.call('POST', `/records/${crm}/${object}`, rows)
    },
    account: async (customerId) => {
      const rows = rowsSchema.parse(await control.call('GET', '/records/salesforce/Account'))
      return rows.find((row) => row.Customer_Id__c === customerId) ?? {}
    },
    takeWriteCalls: async () => {
      const entries = journalSchema.parse(await control.call('GET', '/journal'))
      await control.call('DELETE', '/journal')
      return entries.filter(({ method, path }) => method !== 'GET' && !READ_BY_POST.test(path)).length
    },
  }
}

async function load(control: ControlPlane, folder: string): Promise<number> {
  const batches = readCrmFiles(folder)
  for (const { crm, object, schema } of batches)
    if (schema !== undefined) await control.call('PUT', `/schema/${crm}/${object}`, schema)
  let records = 0
  for (const { crm, object, records: rows } of batches) {
    if (rows === undefined) continue
    await control.call('POST', `/records/${crm}/${object}`, rows)
    records += rows.length
  }
  return records
}
