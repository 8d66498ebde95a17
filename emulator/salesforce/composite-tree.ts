import type { CrmResponse } from '../core/crm.ts'
import { type ApiCall, jsonBody, objectNamed, writeContext } from './api-call.ts'
import { badRequest, type RowError } from './api-error.ts'
import { childRelationshipName } from './child-relationship.ts'
import type { ObjectSchema } from './object-schema.ts'
import type { RawRow } from './row-values.ts'
import type { WriteContext } from './write-context.ts'
import { prepareCreate, storeWrite } from './write-row.ts'

const MAX_RECORDS = 200
const MAX_DEPTH = 5

interface Node {
  object: ObjectSchema
  row: RawRow
  referenceId: string
  children: readonly { field: string; node: Node }[]
}

type TreeResult = { referenceId: string } & ({ id: string } | { errors: readonly unknown[] })

/** POST /composite/tree/{object}: parents with their children in one go, all or none. */
export function compositeTree(call: ApiCall): CrmResponse {
  const object = objectNamed(call, call.args[0])
  const nodes = recordsIn(jsonBody(call)).map((row) => nodeOf(call, { object, row, depth: 1 }))
  const count = nodes.reduce((sum, node) => sum + sizeOf(node), 0)
  if (count > MAX_RECORDS) throw badRequest('EXCEEDED_ID_LIMIT', `A tree can have at most ${MAX_RECORDS} records`)
  const context = writeContext(call)
  const results: TreeResult[] = []
  call.org.store.transaction(() => {
    for (const node of nodes) store(context, { node, link: {}, results })
    return !results.some((one) => 'errors' in one)
  })
  const failed = results.filter((one) => 'errors' in one)
  if (failed.length > 0) return { status: 400, body: { hasErrors: true, results: failed } }
  return { status: 201, body: { hasErrors: false, results } }
}

function store(
  context: WriteContext,
  { node, link, results }: { node: Node; link: RawRow; results: TreeResult[] },
): void {
  context.claims.clear()
  const prepared = prepareCreate(context, node.object, { row: { ...node.row, ...link } })
  if ('errors' in prepared) {
    results.push({ referenceId: node.referenceId, errors: prepared.errors.map(shownError) })
    return
  }
  storeWrite(context, prepared.write)
  const { id } = prepared.write
  results.push({ referenceId: node.referenceId, id })
  for (const child of node.children) store(context, { node: child.node, link: { [child.field]: id }, results })
}

function nodeOf(call: ApiCall, { object, row, depth }: { object: ObjectSchema; row: RawRow; depth: number }): Node {
  if (depth > MAX_DEPTH) throw badRequest('INVALID_INPUT', `A tree can be at most ${MAX_DEPTH} levels deep`)
  const mark = row.attributes as { type?: unknown; referenceId?: unknown } | undefined
  if (typeof mark?.referenceId !== 'string' || String(mark.type).toLowerCase() !== object.name.toLowerCase()) {
    throw badRequest('INVALID_INPUT', `Every record needs attributes with type ${object.name} and a referenceId`)
  }
  const own: Record<string, unknown> = {}
  const children: { field: string; node: Node }[] = []
  for (const [name, value] of Object.entries(row)) {
    if (!isChildren(name, value)) {
      own[name] = value
      continue
    }
    const { child, field } = relationOf(call, object, name)
    for (const one of recordsIn(value)) {
      children.push({ field, node: nodeOf(call, { object: child, row: one, depth: depth + 1 }) })
    }
  }
  return { object, row: own, referenceId: mark.referenceId, children }
}

function isChildren(name: string, value: unknown): value is RawRow {
  return name !== 'attributes' && value !== null && typeof value === 'object' && 'records' in value
}

function relationOf(call: ApiCall, parent: ObjectSchema, name: string): { child: ObjectSchema; field: string } {
  for (const child of call.org.schema.all()) {
    for (const field of child.fields) {
      if (!field.referenceTo.includes(parent.name)) continue
      if (childRelationshipName(child, field)?.toLowerCase() === name.toLowerCase()) return { child, field: field.name }
    }
  }
  throw badRequest('INVALID_FIELD', `No such relationship '${name}' on sobject of type ${parent.name}`)
}

function recordsIn(body: RawRow): readonly RawRow[] {
  const { records } = body
  if (!Array.isArray(records) || records.some((row) => row === null || typeof row !== 'object')) {
    throw badRequest('JSON_PARSER_ERROR', 'The body needs an array of records')
  }
  return records as RawRow[]
}

function sizeOf(node: Node): number {
  return 1 + node.children.reduce((sum, child) => sum + sizeOf(child.node), 0)
}

function shownError({ code, message, fields }: RowError): unknown {
  return { statusCode: code, message, fields }
}
