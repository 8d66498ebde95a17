import type { Crm, CrmContext, CrmRequest, CrmResponse } from '../core/crm.ts'
import {
  controlHistory,
  controlRecords,
  controlSchema,
  putControlRecords,
  putControlSchema,
} from './hubspot-control.ts'
import { handleOauth } from './oauth-routes.ts'
import { adminAct } from './policies/admin-acts.ts'
import { clearPolicies, putPolicies } from './policies/policy-book.ts'
import type { PortalSnapshot } from './portal.ts'
import { Portal } from './portal.ts'
import { routeRequest } from './portal-routes.ts'
import { RequestRefused, refusalResponse } from './request-refused.ts'

const OWN_PATHS = ['/crm/', '/crm-object-schemas/', '/account-info/', '/integrations/', '/oauth/']

/** A HubSpot account as its public API shows it. Facts and their sources: HubSpot's API guides of 2026-09 and its OpenAPI files. */
export function createHubspotCrm(context: CrmContext): Crm {
  const portal = new Portal(context)
  return {
    name: 'hubspot',
    owns: (path) => OWN_PATHS.some((start) => path.startsWith(start)),
    handle: (request) => answer(portal, { ...request, path: request.path.replace(/\/$/, '') }),
    records: (object) => controlRecords(portal, object),
    putRecords: (object, rows) => putControlRecords(portal, object, rows),
    history: (object, id) => controlHistory(portal, object, id),
    schema: (object) => controlSchema(portal, object),
    putSchema: (object, schema) => putControlSchema(portal, object, schema),
    policies: {
      get: () => portal.policies,
      put: (input) => putPolicies(portal, input),
      clear: () => clearPolicies(portal),
    },
    act: (name, input) => adminAct(portal, name, input),
    reset: () => portal.reset(),
    snapshot: () => portal.snapshot(),
    // Written by snapshot() above; the server checks nothing more than that it is JSON.
    restore: (snapshot) => portal.restore(snapshot as PortalSnapshot),
  }
}

function answer(portal: Portal, request: CrmRequest): CrmResponse {
  let headers: Record<string, string> = {}
  try {
    if (request.path.startsWith('/oauth/')) return handleOauth(portal, request) ?? routeMissing(request)
    const token = portal.tokens.require(request.headers.authorization, portal.policies.auth)
    const isOauth = portal.tokens.expiresAtMs(token) !== undefined
    headers = portal.rateLimit.count({ isSearch: request.path.endsWith('/search'), isOauth })
    const response = routeRequest(portal, request) ?? routeMissing(request)
    return { ...response, headers: { ...headers, ...response.headers } }
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    return { ...refusalResponse(error.refusal, portal.context.random), headers }
  }
}

function routeMissing({ method, path }: CrmRequest): never {
  throw new RequestRefused({ status: 404, message: `No route for ${method} ${path}` })
}
