import type { CrmRequest, CrmResponse } from '../core/crm.ts'
import { accountDetails, dailyUsage, integrationsMe } from './account-routes.ts'
import type { AssociationCall } from './associations/association-call.ts'
import { handlePair, handleSingle, SINGLE, writesAssociations } from './associations/association-routes.ts'
import type { BatchCall } from './batch-write.ts'
import type { ApiVersion } from './check-value.ts'
import { handleObjects, writesRecords } from './object-routes.ts'
import { handleOwners } from './owner-routes.ts'
import { handlePipelines } from './pipelines.ts'
import type { Portal } from './portal.ts'
import type { ObjectSchema } from './portal-schema.ts'
import { handleProperties } from './property-routes.ts'
import { decodeSegment } from './request-body.ts'
import { RequestRefused } from './request-refused.ts'
import { definitionScopes, recordScopes, requireScopes } from './required-scopes.ts'
import { handleSchemas } from './schema-routes.ts'
import { handleValidations } from './validation-routes.ts'

interface RoutedCall {
  portal: Portal
  request: CrmRequest
  version: ApiVersion
  /** What follows area and version, without the slash. */
  rest: string
}

type Area = (call: RoutedCall) => CrmResponse | undefined

const AREAS: Readonly<Record<string, Area>> = {
  objects,
  properties: (call) => {
    const { object, rest } = typed(call)
    const access = call.request.method === 'GET' || rest === 'batch/read' ? 'read' : 'write'
    requireScopes(call.portal.policies.auth, [definitionScopes(object, access)])
    return handleProperties({ ...call, object }, call.request, rest)
  },
  associations,
  pipelines: (call) => {
    const { object, rest } = typed(call)
    requireScopes(call.portal.policies.auth, [definitionScopes(object, 'read')])
    return handlePipelines({ ...call, object }, call.request, rest)
  },
  owners: ({ portal, request, rest }) => {
    requireScopes(portal.policies.auth, [['crm.objects.owners.read']])
    return handleOwners(portal, request, rest)
  },
  'property-validations': (call) => {
    const { object, rest } = typed(call)
    requireScopes(call.portal.policies.auth, [definitionScopes(object, 'read')])
    return handleValidations({ ...call, object }, call.request, rest)
  },
}

// /crm/v3/objects/contacts and /crm/objects/2026-09/contacts; v4 has the associations only.
const UNDATED = /^\/crm\/(v3|v4)\/([a-z-]+)(?:\/(.*))?$/
const DATED = /^\/crm\/([a-z-]+)\/(v3|v4|2026-03|2026-09)(?:\/(.*))?$/
const SCHEMAS = /^\/crm-object-schemas\/(?:v3|2026-0[39])\/schemas(?:\/(.*))?$/

/** Undefined: no such route. Throws RequestRefused. */
export function routeRequest(portal: Portal, request: CrmRequest): CrmResponse | undefined {
  const { method, path } = request
  if (method === 'GET' && /^\/account-info\/(v3|2026-0[39])\/details$/.test(path)) return accountDetails(portal)
  if (method === 'GET' && /^\/account-info\/(v3|2026-0[39])\/api-usage\/daily\/private-apps$/.test(path)) {
    return dailyUsage(portal)
  }
  if (method === 'GET' && path === '/integrations/v1/me') return integrationsMe(portal)
  const schemas = SCHEMAS.exec(path)
  if (schemas !== null) {
    requireScopes(portal.policies.auth, [[`crm.schemas.custom.${method === 'GET' ? 'read' : 'write'}`]])
    return handleSchemas(portal, request, schemas[1] ?? '')
  }
  const [, area = '', version = '', rest = ''] = DATED.exec(path) ?? undated(path)
  // v4 is for associations: of a pair, or of one record.
  if (version === 'v4' && area === 'objects' && !rest.includes('/associations/')) return undefined
  return AREAS[area]?.({ portal, request, version: apiVersion(version), rest })
}

function undated(path: string): (string | undefined)[] {
  const [, version, area, rest] = UNDATED.exec(path) ?? []
  return [path, area, version, rest]
}

function apiVersion(version: string): ApiVersion {
  return version === '2026-03' || version === '2026-09' ? version : 'v3'
}

function typed({ portal, rest }: RoutedCall): { object: ObjectSchema; rest: string } {
  const [type = '', ...more] = rest.split('/')
  return { object: objectType(portal, type), rest: more.join('/') }
}

function objectType(portal: Portal, spelling: string): ObjectSchema {
  const object = portal.schema.find(decodeSegment(spelling))
  if (object !== undefined) return object
  throw new RequestRefused({ status: 400, message: `Unable to infer object type from: ${spelling}` })
}

function objects(call: RoutedCall): CrmResponse | undefined {
  const { portal, request } = call
  const { object, rest } = typed(call)
  const [, fromId = '', isDefault, to = '', toId] = SINGLE.exec(rest) ?? []
  if (fromId !== '') {
    const pair = { ...call, from: object, to: objectType(portal, to) }
    requireAssociationScopes(pair, request)
    return handleSingle(pair, request, { fromId, isDefault: isDefault !== undefined, toId })
  }
  const batch: BatchCall = { portal, object, version: call.version }
  requireScopes(portal.policies.auth, [recordScopes(object, writesRecords(request.method, rest) ? 'write' : 'read')])
  return handleObjects(batch, request, rest)
}

function associations(call: RoutedCall): CrmResponse | undefined {
  const { portal, request } = call
  const [from = '', to = '', ...more] = call.rest.split('/')
  const pair = { ...call, from: objectType(portal, from), to: objectType(portal, to) }
  requireAssociationScopes(pair, request)
  return handlePair(pair, request, more.join('/'))
}

function requireAssociationScopes({ portal, from, to }: AssociationCall, request: CrmRequest): void {
  const access = writesAssociations(request) ? 'write' : 'read'
  requireScopes(portal.policies.auth, [recordScopes(from, access), recordScopes(to, access)])
}
