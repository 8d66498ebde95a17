import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import { ApiError, badRequest, notFound, rowError } from './api-error.ts'
import type { ObjectSchema } from './object-schema.ts'
import type { Org } from './org.ts'
import type { RawRow } from './row-values.ts'
import { newWriteContext, type WriteContext } from './write-context.ts'

/** One authenticated request under /services/data/vXX.X/. */
export interface ApiCall {
  org: Org
  request: CrmRequest
  /** Who calls. */
  userId: string
  /** As in the path, without the v: `66.0`. */
  version: string
  /** Decoded segments the route's pattern left open. */
  args: readonly string[]
  /** Answers a request inside this one, as the same user and without counting it; errors are answers too. */
  dispatch: (request: CrmRequest) => CrmResponse
}

export type ApiHandler = (call: ApiCall) => CrmResponse

export function objectNamed(call: ApiCall, name: string | undefined): ObjectSchema {
  const object = call.org.schema.find(name ?? '')
  if (object === undefined) throw notFound()
  return object
}

/** The JSON object in the body. */
export function jsonBody(call: ApiCall): RawRow {
  const type = call.request.headers['content-type']
  if (type !== undefined && !/json/i.test(type)) {
    const message = `The content type '${type}' is not supported for this resource`
    throw new ApiError(415, rowError('UNSUPPORTED_MEDIA_TYPE', message))
  }
  const text = call.request.body.toString('utf8')
  const parsed = parseBody(text)
  if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw badRequest('JSON_PARSER_ERROR', 'The HTTP entity body is required to be a JSON object')
  }
  return parsed as RawRow
}

/** Assignment rules run unless the caller says FALSE: that is the platform's default, and the reason for the header. */
export function writeContext(call: ApiCall): WriteContext {
  const header = call.request.headers['sforce-auto-assign']
  const assign = header === undefined || header.trim().toUpperCase() !== 'FALSE'
  const duplicates = call.request.headers['sforce-duplicate-rule-header'] ?? ''
  return newWriteContext(call.org, {
    userId: call.userId,
    assign,
    allowDuplicates: /\ballowSave\s*=\s*true\b/i.test(duplicates),
    duplicateDetails: /\bincludeRecordDetails\s*=\s*true\b/i.test(duplicates),
  })
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/\s+/g, ' ') : ''
    throw badRequest('JSON_PARSER_ERROR', `Unexpected character in the request body: ${detail}`)
  }
}
