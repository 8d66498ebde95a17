import { BackfeedError } from '../../errors.ts'
import type { WritePath } from '../destination.ts'

/** Addresses of one API family. v3 and the dated ones spell them differently; nothing else may build a path. */
export interface HubspotPaths {
  version: HubspotVersion
  account: string
  /** Calls of the day, of private apps and service keys. */
  usage: string
  schemas: string
  owners: string
  properties(object: string): string
  /** Rules of an object's properties; absent: this family does not tell them. */
  propertyValidations?: (objectTypeId: string) => string
  pipelines(object: string): string
  search(object: string): string
  batch(object: string, action: 'read' | 'archive' | Exclude<WritePath, 'associate' | 'delete'>): string
  /** Of two objects: `create`, `read`, `archive` or `associate/default`. */
  associations(from: string, to: string, action: AssociationAction): string
  associationLabels(from: string, to: string): string
}

export type AssociationAction = 'create' | 'read' | 'archive' | 'associate/default'

/** Oldest first. HubSpot adds a dated family every March and September and keeps each for 18 months. */
export const HUBSPOT_VERSIONS = ['v3', '2026-03', '2026-09'] as const
export type HubspotVersion = (typeof HUBSPOT_VERSIONS)[number]

export const DEFAULT_API_VERSION: HubspotVersion = '2026-09'

/** Tokens are issued and looked at by endpoints with versions of their own. */
export const TOKEN_PATHS = {
  refresh: '/oauth/2026-03/token',
  introspect: '/oauth/2026-03/token/introspect',
  privateApp: '/oauth/v2/private-apps/get/access-token-info',
} as const

/** Throws E-CFG-VALUE for a version this Backfeed does not speak. */
export function hubspotPaths(apiVersion: string, connection: string): HubspotPaths {
  const version = HUBSPOT_VERSIONS.find((known) => known === apiVersion)
  if (version === undefined) {
    throw new BackfeedError({
      code: 'E-CFG-VALUE',
      message: `connection ${connection}: api_version "${apiVersion}" is none that Backfeed speaks to HubSpot`,
      help: `write one of ${HUBSPOT_VERSIONS.join(', ')}, in quotes, or leave it out for ${DEFAULT_API_VERSION}`,
    })
  }
  return version === 'v3' ? v3Paths() : datedPaths(version)
}

const part = encodeURIComponent

function v3Paths(): HubspotPaths {
  const objects = (object: string): string => `/crm/v3/objects/${part(object)}`
  return {
    version: 'v3',
    account: '/account-info/v3/details',
    usage: '/account-info/v3/api-usage/daily/private-apps',
    schemas: '/crm-object-schemas/v3/schemas',
    owners: '/crm/v3/owners',
    properties: (object) => `/crm/v3/properties/${part(object)}`,
    pipelines: (object) => `/crm/v3/pipelines/${part(object)}`,
    search: (object) => `${objects(object)}/search`,
    batch: (object, action) => `${objects(object)}/batch/${action}`,
    // Associations never had a v3 that is worth using: v4 is their undated family.
    associations: (from, to, action) => `/crm/v4/associations/${part(from)}/${part(to)}/batch/${action}`,
    associationLabels: (from, to) => `/crm/v4/associations/${part(from)}/${part(to)}/labels`,
  }
}

function datedPaths(version: Exclude<HubspotVersion, 'v3'>): HubspotPaths {
  const objects = (object: string): string => `/crm/objects/${version}/${part(object)}`
  const associations = (from: string, to: string): string => `/crm/associations/${version}/${part(from)}/${part(to)}`
  const validations = (objectTypeId: string): string => `/crm/property-validations/${version}/${part(objectTypeId)}`
  return {
    version,
    account: `/account-info/${version}/details`,
    usage: `/account-info/${version}/api-usage/daily/private-apps`,
    schemas: `/crm-object-schemas/${version}/schemas`,
    owners: `/crm/owners/${version}`,
    properties: (object) => `/crm/properties/${version}/${part(object)}`,
    ...(version === '2026-03' ? {} : { propertyValidations: validations }),
    pipelines: (object) => `/crm/pipelines/${version}/${part(object)}`,
    search: (object) => `${objects(object)}/search`,
    batch: (object, action) => `${objects(object)}/batch/${action}`,
    associations: (from, to, action) => `${associations(from, to)}/batch/${action}`,
    associationLabels: (from, to) => `${associations(from, to)}/labels`,
  }
}
