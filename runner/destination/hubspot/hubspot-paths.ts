import { BackfeedError } from '../../errors.ts'
import type { WritePath } from '../destination.ts'

/** Addresses of one API family. Dated families (2026-09 and later) spell them differently; nothing else may build a path. */
export interface HubspotPaths {
  account: string
  schemas: string
  owners: string
  properties(object: string): string
  pipelines(object: string): string
  /** Rules of administrators; undefined in a family that has no such address. Takes the type id, as `0-1`. */
  validations(objectTypeId: string): string | undefined
  search(object: string): string
  batch(object: string, action: 'read' | WritePath): string
}

export const DEFAULT_API_VERSION = 'v3'

export function hubspotPaths(apiVersion: string, connection: string): HubspotPaths {
  if (apiVersion !== DEFAULT_API_VERSION) {
    throw new BackfeedError({
      code: 'E-CFG-NOTYET',
      message: `connection ${connection}: HubSpot api_version ${apiVersion} is not supported yet`,
      help: `use "${DEFAULT_API_VERSION}" or leave it out`,
    })
  }
  const objects = (object: string): string => `/crm/v3/objects/${encodeURIComponent(object)}`
  return {
    account: '/account-info/v3/details',
    schemas: '/crm-object-schemas/v3/schemas',
    owners: '/crm/v3/owners',
    properties: (object) => `/crm/v3/properties/${encodeURIComponent(object)}`,
    pipelines: (object) => `/crm/v3/pipelines/${encodeURIComponent(object)}`,
    validations: () => undefined,
    search: (object) => `${objects(object)}/search`,
    batch: (object, action) => `${objects(object)}/batch/${action}`,
  }
}
