import type { CrmResponse } from '../core/crm.ts'
import type { StoredRecord } from '../core/record-store.ts'
import type { ApiCall } from './api-call.ts'
import { badRequest } from './api-error.ts'
import type { Field } from './field.ts'
import type { Org } from './org.ts'
import type { BoundPath } from './soql-binding.ts'
import { parseSoql } from './soql-parser.ts'
import { type BoundQuery, bindQuery, findRecords, shownRow } from './soql-run.ts'

const DEFAULT_PAGE = 2000
const MIN_PAGE = 200
const OPEN_CURSORS = 100

interface Cursor {
  bound: BoundQuery
  /** Fixed when the query ran: rows inserted since do not shift the pages. */
  ids: readonly string[]
  withDeleted: boolean
}

// Per org and not part of the snapshot: cursors do not outlive a restart on the platform either.
const CURSORS = new WeakMap<Org, Map<string, Cursor>>()

/** GET /query?q=[&columns=true] */
export function query(call: ApiCall): CrmResponse {
  return answer(call, { withDeleted: false })
}

/** GET /queryAll?q= : deleted records too */
export function queryAll(call: ApiCall): CrmResponse {
  return answer(call, { withDeleted: true })
}

/** GET /query/{locator}-{offset} */
export function queryPage(call: ApiCall): CrmResponse {
  const [locator = '', offset = ''] = (call.args[0] ?? '').split('-')
  const cursor = cursorsOf(call.org).get(locator)
  const from = Number(offset)
  if (cursor === undefined || !Number.isInteger(from) || from < 0 || from >= cursor.ids.length) {
    throw badRequest('INVALID_QUERY_LOCATOR', 'invalid query locator')
  }
  const records = cursor.ids.slice(from, from + pageSize(call)).flatMap((id) => recordOf(call.org, cursor, id) ?? [])
  return page(call, { cursor, locator, from, records })
}

function answer(call: ApiCall, options: { withDeleted: boolean }): CrmResponse {
  const text = call.request.query.get('q')
  if (text === null || text.trim() === '') throw badRequest('MALFORMED_QUERY', 'A query string has to be specified')
  const bound = bindQuery(call.org, parseSoql(text.trim()))
  if (call.request.query.get('columns') === 'true') return columns(bound)
  const records = findRecords(call.org, bound, options)
  if (bound.query.count) return { status: 200, body: { totalSize: records.length, done: true, records: [] } }
  const cursor = { bound, ids: records.map((record) => record.id), withDeleted: options.withDeleted }
  const locator = records.length > pageSize(call) ? openCursor(call, cursor) : ''
  return page(call, { cursor, locator, from: 0, records: records.slice(0, pageSize(call)) })
}

function page(
  call: ApiCall,
  {
    cursor,
    locator,
    from,
    records,
  }: { cursor: Cursor; locator: string; from: number; records: readonly StoredRecord[] },
): CrmResponse {
  const next = from + pageSize(call)
  const done = next >= cursor.ids.length
  const path = `/services/data/v${call.version}/query/${locator}-${next}`
  const rows = records.map((record) => shownRow(call.org, cursor.bound, { record, version: call.version }))
  const body = { totalSize: cursor.ids.length, done, ...(done ? {} : { nextRecordsUrl: path }), records: rows }
  return { status: 200, body }
}

function openCursor(call: ApiCall, cursor: Cursor): string {
  const cursors = cursorsOf(call.org)
  const oldest = cursors.keys().next()
  if (cursors.size >= OPEN_CURSORS && oldest.done !== true) cursors.delete(oldest.value)
  const random = Math.floor(call.org.context.random.next() * 62 ** 5)
    .toString(36)
    .toUpperCase()
  const locator = `01g5g00000${random.padStart(8, '0')}`
  cursors.set(locator, cursor)
  return locator
}

function cursorsOf(org: Org): Map<string, Cursor> {
  const held = CURSORS.get(org) ?? new Map<string, Cursor>()
  CURSORS.set(org, held)
  return held
}

function recordOf(org: Org, cursor: Cursor, id: string): StoredRecord | undefined {
  const { name } = cursor.bound.object
  return org.store.get(name, id) ?? (cursor.withDeleted ? org.store.removed(name, id) : undefined)
}

/** `Sforce-Query-Options: batchSize=500`, between 200 and 2000. */
function pageSize(call: ApiCall): number {
  const match = /batchSize=(\d+)/i.exec(call.request.headers['sforce-query-options'] ?? '')
  return match === null ? DEFAULT_PAGE : Math.min(DEFAULT_PAGE, Math.max(MIN_PAGE, Number(match[1])))
}

function columns(bound: BoundQuery): CrmResponse {
  const body = {
    columnMetadata: columnsBelow(bound.columns, 0),
    entityName: bound.object.name,
    groupBy: false,
    idSelected: bound.columns.some((column) => column.via.length === 0 && column.field.type === 'id'),
    keyPrefix: bound.object.keyPrefix,
  }
  return { status: 200, body }
}

/** Fields at this depth, then one column per relationship with those behind it as its joinColumns. */
function columnsBelow(columns: readonly BoundPath[], depth: number): Record<string, unknown>[] {
  const own = columns.filter((column) => column.via.length === depth)
  const deeper = columns.filter((column) => column.via.length > depth)
  const references = new Set(deeper.flatMap((column) => column.via[depth]?.reference ?? []))
  const joined = [...references].map((reference) => {
    const inside = deeper.filter((column) => column.via[depth]?.reference === reference)
    const joinColumns = columnsBelow(inside, depth + 1)
    return { ...columnMetadata(String(reference.relationshipName), reference), aggregate: true, joinColumns }
  })
  return [...own.map((column) => columnMetadata(column.field.name, column.field)), ...joined]
}

function columnMetadata(name: string, field: Field): Record<string, unknown> {
  const numeric = ['int', 'double', 'currency', 'percent'].includes(field.type)
  return {
    aggregate: false,
    apexType: field.type,
    booleanType: field.type === 'boolean',
    columnName: name,
    custom: field.custom,
    displayName: name,
    foreignKeyName: null,
    insertable: field.createable,
    joinColumns: [],
    numberType: numeric,
    textType: !numeric && field.type !== 'boolean',
    updatable: field.updateable,
  }
}
