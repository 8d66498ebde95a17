import type { Crm, CrmContext, CrmRequest, CrmResponse } from '../core/crm.ts'
import { batchArchive, batchRead } from './batch-read.ts'
import type { BatchCall } from './batch-write.ts'
import { batchCreate, batchUpdate, batchUpsert } from './batch-write.ts'
import type { ApiVersion } from './check-value.ts'
import {
  controlHistory,
  controlRecords,
  controlSchema,
  putControlRecords,
  putControlSchema,
} from './hubspot-control.ts'
import type { PortalSnapshot } from './portal.ts'
import { Portal } from './portal.ts'
import { handleProperties } from './property-routes.ts'
import type { HubspotLimits } from './rate-limit.ts'
import { NO_LIMITS, RateLimit } from './rate-limit.ts'
import { decodeSegment, jsonObject } from './request-body.ts'
import { RequestRefused, refusalResponse } from './request-refused.ts'
import { searchRecords } from './search-records.ts'
import { archiveRecord, createRecord, listRecords, readRecord, updateRecord } from './single-record.ts'

const OWN_PATHS = ['/crm/', '/account-info/', '/integrations/']
// /crm/v3/objects/contacts/… and /crm/objects/2026-09/contacts/…; the same for properties.
const ROUTE = /^\/crm\/(?:(v3)\/(objects|properties)|(objects|properties)\/(v3|2026-03|2026-09))\/([^/]+)(?:\/(.*))?$/

/** A HubSpot account as its public API shows it. Facts and their sources: HubSpot's API guides of 2026-09 and its OpenAPI files. */
export function createHubspotCrm(context: CrmContext, limits: HubspotLimits = NO_LIMITS): Crm {
  const portal = new Portal(context)
  let rateLimit = new RateLimit(context.clock, limits)
  return {
    name: 'hubspot',
    owns: (path) => OWN_PATHS.some((start) => path.startsWith(start)),
    handle: (request) => answer(portal, rateLimit, request),
    records: (object) => controlRecords(portal, object),
    putRecords: (object, rows) => putControlRecords(portal, object, rows),
    history: (object, id) => controlHistory(portal, object, id),
    schema: (object) => controlSchema(portal, object),
    putSchema: (object, schema) => putControlSchema(portal, object, schema),
    reset: () => {
      portal.reset()
      rateLimit = new RateLimit(context.clock, limits)
    },
    snapshot: () => portal.snapshot(),
    // Written by snapshot() above; the server checks nothing more than that it is JSON.
    restore: (snapshot) => portal.restore(snapshot as PortalSnapshot),
  }
}

function answer(portal: Portal, rateLimit: RateLimit, request: CrmRequest): CrmResponse {
  let headers: Record<string, string> = {}
  try {
    requireToken(request)
    headers = rateLimit.count(request.path.endsWith('/search'))
    const response = route(portal, request) ?? routeMissing(request)
    return { ...response, headers: { ...headers, ...response.headers } }
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    return { ...refusalResponse(error.refusal, portal.context.random), headers }
  }
}

function requireToken({ headers }: CrmRequest): void {
  if (/^bearer +\S/i.test(headers.authorization ?? '')) return
  const message = 'Authentication credentials not found. This API supports OAuth 2.0 authentication.'
  throw new RequestRefused({ status: 401, message, category: 'INVALID_AUTHENTICATION' })
}

function route(portal: Portal, request: CrmRequest): CrmResponse | undefined {
  const path = request.path.replace(/\/$/, '')
  const { method } = request
  if (method === 'GET' && /^\/account-info\/(v3|2026-0[39])\/details$/.test(path)) return accountDetails(portal)
  if (method === 'GET' && path === '/integrations/v1/me') return integrationsMe(portal)
  const matched = ROUTE.exec(path)
  if (matched === null) return undefined
  const [, v3, v3Area, datedArea, dated, type = '', rest = ''] = matched
  const call = { portal, object: objectType(portal, type), version: apiVersion(v3 ?? dated) }
  if ((v3Area ?? datedArea) === 'properties') return handleProperties(call, request, rest)
  return rest.startsWith('batch/') ? batch(call, request, rest) : objects(call, request, rest)
}

function apiVersion(version: string | undefined): ApiVersion {
  return version === '2026-03' || version === '2026-09' ? version : 'v3'
}

function objectType(portal: Portal, spelling: string) {
  const object = portal.schema.find(decodeSegment(spelling))
  if (object !== undefined) return object
  throw new RequestRefused({ status: 400, message: `Unable to infer object type from: ${spelling}` })
}

function batch(call: BatchCall, request: CrmRequest, rest: string): CrmResponse | undefined {
  if (request.method !== 'POST') return undefined
  switch (rest) {
    case 'batch/read':
      return batchRead(call, jsonObject(request), request.query.get('archived') === 'true')
    case 'batch/create':
      return batchCreate(call, jsonObject(request))
    case 'batch/update':
      return batchUpdate(call, jsonObject(request))
    case 'batch/upsert':
      return batchUpsert(call, jsonObject(request))
    case 'batch/archive':
      return batchArchive(call, jsonObject(request))
    default:
      return undefined
  }
}

function objects(call: BatchCall, request: CrmRequest, rest: string): CrmResponse | undefined {
  const { method } = request
  if (rest === '' && method === 'GET') return listRecords(call, request)
  if (rest === '' && method === 'POST') return createRecord(call, request)
  if (rest === 'search' && method === 'POST') return searchRecords(call, request)
  if (rest === '' || rest.includes('/')) return undefined
  const id = decodeSegment(rest)
  if (method === 'GET') return readRecord(call, request, id)
  if (method === 'PATCH') return updateRecord(call, request, id)
  if (method === 'DELETE') return archiveRecord(call, id)
  return undefined
}

function routeMissing({ method, path }: CrmRequest): never {
  throw new RequestRefused({ status: 404, message: `No route for ${method} ${path}` })
}

function accountDetails({ portalId }: Portal): CrmResponse {
  const body = {
    portalId,
    accountType: 'DEVELOPER_TEST',
    timeZone: 'UTC',
    companyCurrency: 'USD',
    additionalCurrencies: [],
    utcOffset: '+00:00',
    utcOffsetMilliseconds: 0,
    uiDomain: 'app.hubspot.com',
    dataHostingLocation: 'na1',
  }
  return { status: 200, body }
}

function integrationsMe({ portalId }: Portal): CrmResponse {
  const body = { portalId, timeZone: 'UTC', accountType: 'DEVELOPER_TEST', currency: 'USD', utcOffset: '+00:00' }
  return { status: 200, body: { ...body, utcOffsetMilliseconds: 0 } }
}
