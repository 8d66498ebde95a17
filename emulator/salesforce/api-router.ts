import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import type { ApiCall, ApiHandler } from './api-call.ts'
import { ApiError, notFound, rowError } from './api-error.ts'
import { BULK_ROUTES } from './bulk/bulk-routes.ts'
import {
  createCollection,
  deleteCollection,
  retrieveCollection,
  updateCollection,
  upsertCollection,
} from './collections.ts'
import { describeObject, listObjects, objectInfo } from './describe.ts'
import { hasToken, sessionInvalid } from './oauth.ts'
import type { Org } from './org.ts'
import { query, queryAll, queryPage } from './query.ts'
import { createRow, deleteRow, deleteRowByKey, readRow, readRowByKey, updateRow, upsertRow } from './rows.ts'

const SEASONS = ['Winter', 'Spring', 'Summer']
const NEWEST = 68
const OLDEST_LISTED = 60
const OLDEST_ANSWERED = 31
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
  try {
    return answer(org, request)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const response = error.response()
    return hasToken(request) ? withUsage(org, response) : response
  }
}

function answer(org: Org, request: CrmRequest): CrmResponse {
  if (request.path.length + request.query.toString().length > MAX_URI_BYTES) {
    return { status: 414, body: [{ message: 'URI Too Long', errorCode: 'URI_TOO_LONG' }] }
  }
  const [services, data, versioned, ...rest] = segments(request.path)
  if (services !== 'services' || data !== 'data') throw notFound()
  if (versioned === undefined) return { status: 200, body: versions() }
  const version = versionOf(versioned)
  if (!hasToken(request)) return sessionInvalid()
  const { handler, args } = find(request.method, rest)
  if (!org.usage.take()) {
    throw new ApiError(403, rowError('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'))
  }
  return withUsage(org, handler({ org, request, version, args }))
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

function versionOf(segment: string): string {
  const match = /^v(\d{2})\.0$/.exec(segment)
  const number = Number(match?.[1])
  if (match === null || number > NEWEST) throw notFound()
  if (number >= OLDEST_ANSWERED) return `${number}.0`
  throw new ApiError(410, rowError('UNSUPPORTED_API_VERSION', 'The requested API version is no longer supported'))
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

function versions(): { label: string; url: string; version: string }[] {
  return Array.from({ length: NEWEST - OLDEST_LISTED + 1 }, (_, index) => {
    const number = OLDEST_LISTED + index
    // 66 is Spring '26; three releases a year, Winter carrying the next year's number.
    const season = SEASONS[(number - 65) % 3 < 0 ? ((number - 65) % 3) + 3 : (number - 65) % 3] ?? 'Winter'
    const year = 26 + Math.floor((number - 65) / 3)
    return { label: `${season} '${year}`, url: `/services/data/v${number}.0`, version: `${number}.0` }
  })
}

function resources(call: ApiCall): CrmResponse {
  const base = `/services/data/v${call.version}`
  const names = ['sobjects', 'query', 'queryAll', 'composite', 'limits']
  const identity = `http://${call.request.headers.host ?? '127.0.0.1'}/id/${call.org.id}/${call.org.users.api}`
  return { status: 200, body: { ...Object.fromEntries(names.map((name) => [name, `${base}/${name}`])), identity } }
}

function recordCount(call: ApiCall): CrmResponse {
  const wanted = call.request.query.get('sObjects')?.split(',')
  const objects =
    wanted === undefined ? call.org.schema.all() : wanted.flatMap((name) => call.org.schema.find(name) ?? [])
  const sObjects = objects.map((object) => ({ count: call.org.store.count(object.name), name: object.name }))
  return { status: 200, body: { sObjects } }
}
