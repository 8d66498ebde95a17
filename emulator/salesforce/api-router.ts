import { BodyPieces } from '../core/body-pieces.ts'
import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { ApiCall, ApiHandler } from './api-call.ts'
import { ApiError, notFound, rowError } from './api-error.ts'
import { sessionInvalid, userOf } from './api-session.ts'
import { versionOf, versions } from './api-versions.ts'
import { BULK_ROUTES } from './bulk/bulk-routes.ts'
import {
  createCollection,
  deleteCollection,
  retrieveCollection,
  updateCollection,
  upsertCollection,
} from './collections.ts'
import { composite, compositeBatch, compositeGraph } from './composite.ts'
import { compositeTree } from './composite-tree.ts'
import { describeObject, listObjects, objectInfo } from './describe.ts'
import { baseUrl, bearerOf } from './oauth-request.ts'
import type { Org } from './org.ts'
import { query, queryAll, queryPage } from './query.ts'
import { createRow, deleteRow, deleteRowByKey, readRow, readRowByKey, updateRow, upsertRow } from './rows.ts'

const MAX_URI_BYTES = 16_384

interface Route {
  /** Segments after the version; `*` is left open and becomes an argument. */
  pattern: readonly string[]
  methods: Readonly<Record<string, ApiHandler>>
}

const ROUTES: readonly Route[] = [
  route('', { GET: resources }),
  route('limits', {
    GET: (call) => ({ status: 200, body: { ...call.org.usage.limits(), ...call.org.bulk.usage.limits() } }),
  }),
  route('limits/recordCount', { GET: recordCount }),
  route('sobjects', { GET: listObjects }),
  route('sobjects/*', { GET: objectInfo, POST: createRow }),
  route('sobjects/*/describe', { GET: describeObject }),
  route('sobjects/*/*', { GET: readRow, PATCH: updateRow, DELETE: deleteRow }),
  route('sobjects/*/*/*', { GET: readRowByKey, PATCH: upsertRow, DELETE: deleteRowByKey }),
  route('composite', { GET: compositeResources, POST: composite }),
  route('composite/batch', { POST: compositeBatch }),
  route('composite/graph', { POST: compositeGraph }),
  route('composite/tree/*', { POST: compositeTree }),
  route('composite/sobjects', { POST: createCollection, PATCH: updateCollection, DELETE: deleteCollection }),
  route('composite/sobjects/*', { GET: retrieveCollection, POST: retrieveCollection }),
  route('composite/sobjects/*/*', { PATCH: upsertCollection }),
  ...Object.entries(BULK_ROUTES).map(([pattern, methods]) => route(pattern, methods)),
  route('query', { GET: query }),
  route('query/*', { GET: queryPage }),
  route('queryAll', { GET: queryAll }),
]

function route(pattern: string, methods: Route['methods']): Route {
  return { pattern: pattern.split('/').filter((part) => part !== ''), methods }
}

/** Everything under /services that is not OAuth. */
export function answerApi(org: Org, request: CrmRequest): CrmResponse {
  return printed(request, answerOrError(org, request))
}

function answerOrError(org: Org, request: CrmRequest): CrmResponse {
  try {
    return answer(org, request)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const response = error.response()
    return bearerOf(request) !== undefined ? withUsage(org, response) : response
  }
}

function printed(request: CrmRequest, response: CrmResponse): CrmResponse {
  const { body } = response
  if (request.headers['x-prettyprint'] !== '1' || body === null || typeof body !== 'object') return response
  if (Buffer.isBuffer(body) || body instanceof BodyPieces) return response
  const headers = { ...response.headers, 'content-type': 'application/json;charset=UTF-8' }
  return { ...response, headers, body: JSON.stringify(body, null, 2) }
}

function answer(org: Org, received: CrmRequest): CrmResponse {
  const request = withOverride(received)
  const tooLong = lengthRefusal(request)
  if (tooLong !== undefined) return tooLong
  const [services, data, versioned, ...rest] = segments(request.path)
  if (services !== 'services' || data !== 'data') throw notFound()
  if (versioned === undefined) return { status: 200, body: versions() }
  const version = versionOf(versioned)
  const userId = userOf(org, request)
  if (userId === undefined) return sessionInvalid(org)
  const { handler, args } = find(request.method, rest)
  takeCall(org)
  const dispatch = (inner: CrmRequest): CrmResponse => answerInner({ org, userId, request: inner })
  return withUsage(org, handler({ org, request, userId, version, args, dispatch }))
}

function takeCall(org: Org): void {
  if (org.usage.takeConcurrent()) throw limitExceeded('ConcurrentPerOrgLongTxn Limit exceeded.')
  if (!org.usage.take()) throw limitExceeded('TotalRequests Limit exceeded.')
}

function limitExceeded(message: string): ApiError {
  return new ApiError(403, rowError('REQUEST_LIMIT_EXCEEDED', message))
}

/** A request inside a composite one. */
function answerInner({ org, userId, request }: { org: Org; userId: string; request: CrmRequest }): CrmResponse {
  try {
    const [services, data, versioned = '', ...rest] = segments(request.path)
    if (services !== 'services' || data !== 'data') throw notFound()
    const version = versionOf(versioned)
    const { handler, args } = find(request.method, rest)
    if (rest[0]?.toLowerCase() === 'composite' && rest[1]?.toLowerCase() !== 'sobjects') throw notFound()
    const dispatch = (inner: CrmRequest): CrmResponse => answerInner({ org, userId, request: inner })
    return handler({ org, request, userId, version, args, dispatch })
  } catch (error) {
    if (error instanceof ApiError) return error.response()
    throw error
  }
}

// For clients behind proxies that know only GET and POST.
function withOverride(request: CrmRequest): CrmRequest {
  const method = request.method === 'POST' ? request.query.get('_HttpMethod') : null
  return method === null ? request : { ...request, method: method.toUpperCase() }
}

function lengthRefusal(request: CrmRequest): CrmResponse | undefined {
  const uri = request.path.length + request.query.toString().length
  if (uri > MAX_URI_BYTES) return { status: 414, body: [{ message: 'URI Too Long', errorCode: 'URI_TOO_LONG' }] }
  let all = uri
  for (const name in request.headers) all += name.length + (request.headers[name]?.length ?? 0) + 4
  if (all <= MAX_URI_BYTES) return undefined
  const message = 'Request Header Fields Too Large'
  return { status: 431, body: [{ message, errorCode: 'REQUEST_HEADER_FIELDS_TOO_LARGE' }] }
}

function withUsage(org: Org, response: CrmResponse): CrmResponse {
  return { ...response, headers: { ...response.headers, 'Sforce-Limit-Info': org.usage.header() } }
}

function segments(path: string): string[] {
  return path
    .split('/')
    .filter((part) => part !== '')
    .map(decoded)
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw notFound()
  }
}

function find(method: string, rest: readonly string[]): { handler: ApiHandler; args: string[] } {
  for (const { pattern, methods } of ROUTES) {
    const args = matched(pattern, rest)
    if (args === undefined) continue
    const handler = methods[method === 'HEAD' ? 'GET' : method]
    if (handler !== undefined) return { handler, args }
    const allowed = Object.keys(methods).join(',')
    const message = `HTTP Method '${method}' not allowed. Allowed are ${allowed}`
    throw new ApiError(405, rowError('METHOD_NOT_ALLOWED', message))
  }
  throw notFound()
}

function matched(pattern: readonly string[], rest: readonly string[]): string[] | undefined {
  if (pattern.length !== rest.length) return undefined
  const args: string[] = []
  for (const [index, part] of rest.entries()) {
    const expected = pattern[index]
    if (expected === '*') args.push(part)
    else if (expected?.toLowerCase() !== part.toLowerCase()) return undefined
  }
  return args
}

function resources(call: ApiCall): CrmResponse {
  const base = `/services/data/v${call.version}`
  const names = ['sobjects', 'query', 'queryAll', 'composite', 'limits']
  const identity = `${baseUrl(call.request)}/id/${call.org.id}/${call.userId}`
  return { status: 200, body: { ...Object.fromEntries(names.map((name) => [name, `${base}/${name}`])), identity } }
}

function compositeResources(call: ApiCall): CrmResponse {
  const base = `/services/data/v${call.version}/composite`
  const names = ['tree', 'batch', 'sobjects', 'graph']
  return { status: 200, body: Object.fromEntries(names.map((name) => [name, `${base}/${name}`])) }
}

function recordCount(call: ApiCall): CrmResponse {
  const wanted = call.request.query.get('sObjects')?.split(',')
  const objects =
    wanted === undefined ? call.org.schema.all() : wanted.flatMap((name) => call.org.schema.find(name) ?? [])
  const sObjects = objects.map((object) => ({ count: call.org.store.count(object.name), name: object.name }))
  return { status: 200, body: { sObjects } }
}
