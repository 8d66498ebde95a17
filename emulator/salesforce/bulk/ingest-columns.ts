import type { Field } from '../field.ts'
import type { ObjectSchema } from '../object-schema.ts'
import { isLookupKey, type Org } from '../org.ts'

const MAX_HEADER_CHARS = 32_000
const MAX_COLUMNS = 5_000

/** What a column of an upload means. */
export type IngestColumn =
  | { kind: 'field'; name: string }
  | { kind: 'parent'; relationship: string; key: string; type: string | undefined }

export type BoundColumns = { columns: readonly IngestColumn[] } | { errorMessage: string }

export interface BindColumns {
  org: Org
  object: ObjectSchema
  operation: string
  /** The header row as uploaded, and its names. */
  header: string
  names: readonly string[]
}

/** The columns of a header row, or the errorMessage of the job: then nothing is written. Only the first fault is named. */
export function bindColumns({ org, object, operation, header, names }: BindColumns): BoundColumns {
  if (header.length > MAX_HEADER_CHARS) return failed(`Header row is longer than ${MAX_HEADER_CHARS} characters`)
  if (names.length > MAX_COLUMNS) return failed(`The number of fields exceeds the maximum of ${MAX_COLUMNS}`)
  const deletes = operation === 'delete' || operation === 'hardDelete'
  if (deletes && (names.length !== 1 || names[0]?.toLowerCase() !== 'id')) {
    return failed('Delete batch must contain only ids')
  }
  const seen = new Set<string>()
  const columns: IngestColumn[] = []
  for (const name of names) {
    const column = bound(org, object, name)
    if ('errorMessage' in column) return column
    const identity = identityOf(column)
    if (seen.has(identity)) return failed(`Duplicate field name found : ${name}`)
    seen.add(identity)
    columns.push(column)
  }
  return { columns }
}

function identityOf(column: IngestColumn): string {
  return (column.kind === 'field' ? column.name : `${column.relationship}.`).toLowerCase()
}

function bound(org: Org, object: ObjectSchema, name: string): IngestColumn | { errorMessage: string } {
  const field = object.byName.get(name.toLowerCase())
  if (field !== undefined && field.type !== 'address' && field.type !== 'location') {
    return { kind: 'field', name: field.name }
  }
  const path = /^(?:([^:.]+):)?([^:.]+)\.([^:.]+)$/.exec(name)
  if (path === null) return failed(`Field name not found : ${name}`)
  const [, type, relationship = '', key = ''] = path
  const reference = object.byRelationship.get(relationship.toLowerCase())
  if (reference === undefined) return failed(`Unable to find relationship: ${relationship}`)
  return boundParent(org, reference, { name, type, relationship, key })
}

function boundParent(
  org: Org,
  reference: Field,
  path: { name: string; type: string | undefined; relationship: string; key: string },
): IngestColumn | { errorMessage: string } {
  const polymorphic = reference.polymorphicForeignKey || reference.referenceTo.length > 1
  const { type, relationship } = path
  if (type !== undefined && !polymorphic) {
    return failed(`type is not needed for non polymorphic foreign key references: ${relationship}`)
  }
  if (type === undefined && polymorphic) {
    return failed(`type is needed for polymorphic foreign key references: ${relationship}`)
  }
  const parentName = type ?? reference.referenceTo[0] ?? ''
  const parent = org.schema.find(parentName)
  if (parent === undefined || !reference.referenceTo.includes(parent.name)) {
    return failed(`Unable to find relationship: ${relationship}`)
  }
  const key = parent.byName.get(path.key.toLowerCase())
  if (key === undefined || !isLookupKey(key)) return failed(`Field name not found : ${path.name}`)
  const typed = polymorphic ? parent.name : undefined
  return { kind: 'parent', relationship: String(reference.relationshipName), key: key.name, type: typed }
}

function failed(what: string): { errorMessage: string } {
  return { errorMessage: `InvalidBatch : ${what}` }
}
