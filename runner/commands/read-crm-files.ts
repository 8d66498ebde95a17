/**
 * Files that fill an emulator. Either one file per object and kind, `salesforce.Account.schema.json` and
 * `salesforce.Account.records.json`; or one file for all: `{"salesforce": {"Account": {"schema": …, "records": […]}}}`.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { BackfeedError } from '../errors.ts'

export interface CrmBatch {
  crm: 'salesforce' | 'hubspot'
  object: string
  schema?: unknown
  records?: readonly unknown[]
}

const NAMED = /^(salesforce|hubspot)\.([A-Za-z0-9_-]+)\.(schema|records)\.json$/

/** Files of a folder in the order of their names. @throws BackfeedError E-EMU-FILE */
export function readCrmFiles(path: string): CrmBatch[] {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw badFile(path, 'does not exist')
  if (!stat.isDirectory()) return readCrmFile(path)
  const files = readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort()
  if (files.length === 0) throw badFile(path, 'holds no .json file')
  return files.flatMap((name) => readCrmFile(join(path, name)))
}

function readCrmFile(path: string): CrmBatch[] {
  const content = parseFile(path)
  const named = NAMED.exec(basename(path))
  if (named === null) return wholeFile(path, content)
  const crm = crmName(path, named[1] ?? '')
  const object = named[2] ?? ''
  if (named[3] === 'schema') return [{ crm, object, schema: content }]
  return [{ crm, object, records: rowsOf(path, content) }]
}

function wholeFile(path: string, content: unknown): CrmBatch[] {
  return Object.entries(mappingOf(path, content)).flatMap(([crm, objects]) =>
    Object.entries(mappingOf(path, objects)).map(([object, parts]) => {
      const { schema, records, ...rest } = mappingOf(path, parts)
      const unknown = Object.keys(rest)[0]
      if (unknown !== undefined)
        throw badFile(path, `has the unknown key ${JSON.stringify(unknown)} under ${crm}.${object}`)
      return {
        crm: crmName(path, crm),
        object,
        ...(schema === undefined ? {} : { schema }),
        ...(records === undefined ? {} : { records: rowsOf(path, records) }),
      }
    }),
  )
}

function crmName(path: string, name: string): CrmBatch['crm'] {
  if (name === 'salesforce' || name === 'hubspot') return name
  throw badFile(path, `names the CRM ${JSON.stringify(name)}; expected salesforce or hubspot`)
}

function parseFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw badFile(path, `is not JSON (${error instanceof SyntaxError ? 'syntax' : 'cannot be read'})`)
  }
}

function mappingOf(path: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw badFile(path, 'is not of the form {"salesforce": {"Account": {"schema": …, "records": […]}}}')
}

function rowsOf(path: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw badFile(path, 'does not hold a list of records')
}

function badFile(path: string, what: string): BackfeedError {
  return new BackfeedError({
    code: 'E-EMU-FILE',
    message: `${basename(path)} ${what}`,
    help: 'name files salesforce.Account.schema.json or salesforce.Account.records.json, or put all into one object',
  })
}
