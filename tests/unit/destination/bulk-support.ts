import { createHash } from 'node:crypto'
import type { BulkChange, BulkRequest } from '../../../runner/destination/bulk.ts'
import { type CsvLoad, prepareLoad } from '../../../runner/destination/salesforce/bulk/prepare-load.ts'
import { NEVER } from '../../support/open-for-test.ts'

export const UPSERT: BulkRequest = { object: 'Account', path: 'upsert', matchField: 'Customer_Id__c' }
export const UPDATE: BulkRequest = { object: 'Account', path: 'update' }

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

/** `members` is JSON behind the type: `"Customer_Id__c":"C-1","Name":"x"`. */
export function change(changeId: string, members: string): BulkChange {
  const body = `{"attributes":{"type":"Account"},${members}}`
  return { changeId, body, payloadHash: md5(body) }
}

export interface Prepared {
  load: CsvLoad
  text: string
}

/** Prepares, reads the file and removes it. */
export async function prepared(request: BulkRequest, changes: readonly BulkChange[]): Promise<Prepared> {
  const load = await prepareLoad({ request, changes: inPages(changes), signal: NEVER })
  const parts: Uint8Array[] = []
  if (load.bytes > 0) for await (const part of load.body.open()) parts.push(part)
  await load.discard()
  return { load, text: Buffer.concat(parts).toString('utf8') }
}

export async function* inPages(changes: readonly BulkChange[], size = 3): AsyncIterable<readonly BulkChange[]> {
  for (let at = 0; at < changes.length; at += size) yield changes.slice(at, at + size)
}
