import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Deviations, OpenApi } from './check-schema.ts'

/** Where to say that the contract lies elsewhere than beside the checkout. */
export const FOLDER_VARIABLE = 'BACKFEED_HUBSPOT_CONTRACT'

/** The folder with HubSpot's derived OpenAPI documents; undefined where there is none. */
export function contractFolder(): string | undefined {
  const shared = process.env.BACKFEED_SHARED ?? join(import.meta.dirname, '../../../shared')
  const folder = process.env[FOLDER_VARIABLE] ?? join(shared, 'contracts/hubspot')
  return existsSync(join(folder, 'derived/crm-merged.json')) ? folder : undefined
}

export interface Contract {
  api: OpenApi
  deviations: Deviations
}

export function readContract(): Contract {
  const folder = contractFolder()
  if (folder === undefined) throw new Error(`no HubSpot contract: set ${FOLDER_VARIABLE}`)
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))
  return { api: read('derived/crm-merged.json'), deviations: read('deviations.json') }
}
