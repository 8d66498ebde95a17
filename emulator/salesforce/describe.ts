import type { CrmResponse } from '../core/crm.ts'
import { type ApiCall, objectNamed } from './api-call.ts'
import { childRelationshipName } from './child-relationship.ts'
import type { ObjectSchema } from './object-schema.ts'
import { MASTER_RECORD_TYPE } from './policies/record-types.ts'

/** GET /sobjects */
export function listObjects(call: ApiCall): CrmResponse {
  const changedAtMs = Math.max(...call.org.schema.all().map((object) => wholeSeconds(object.changedAtMs)))
  if (unchangedSince(call, changedAtMs)) return { status: 304 }
  const sobjects = call.org.schema.all().map((object) => summary(call, object))
  const headers = { 'last-modified': new Date(changedAtMs).toUTCString() }
  return { status: 200, headers, body: { encoding: 'UTF-8', maxBatchSize: 200, sobjects } }
}

/** GET /sobjects/{object} */
export function objectInfo(call: ApiCall): CrmResponse {
  const object = objectNamed(call, call.args[0])
  return { status: 200, body: { objectDescribe: summary(call, object), recentItems: [] } }
}

/** GET /sobjects/{object}/describe; 304 when nothing changed since If-Modified-Since. */
export function describeObject(call: ApiCall): CrmResponse {
  const object = objectNamed(call, call.args[0])
  const changedAtMs = wholeSeconds(object.changedAtMs)
  if (unchangedSince(call, changedAtMs)) return { status: 304 }
  const headers = { 'last-modified': new Date(changedAtMs).toUTCString() }
  return { status: 200, headers, body: description(call, object) }
}

// HTTP dates have no milliseconds.
function wholeSeconds(ms: number): number {
  return ms - (ms % 1000)
}

function unchangedSince(call: ApiCall, changedAtMs: number): boolean {
  return Date.parse(call.request.headers['if-modified-since'] ?? '') >= changedAtMs
}

function description(call: ApiCall, object: ObjectSchema) {
  return {
    actionOverrides: [],
    ...summary(call, object),
    childRelationships: childRelationships(call, object),
    compactLayoutable: true,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: object.fields,
    implementedBy: null,
    implementsInterfaces: null,
    isInterface: false,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: recordTypeInfos(call, object),
    sobjectDescribeOption: 'FULL',
    supportedScopes: [{ label: `All ${object.labelPlural}`, name: 'everything' }],
  }
}

function summary(call: ApiCall, object: ObjectSchema) {
  const base = `/services/data/v${call.version}/sobjects/${object.name}`
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: object.createable,
    custom: object.custom,
    customSetting: false,
    deepCloneable: false,
    deletable: object.deletable,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isSubtype: false,
    keyPrefix: object.keyPrefix,
    label: object.label,
    labelPlural: object.labelPlural,
    layoutable: true,
    mergeable: ['Account', 'Contact', 'Lead', 'Case'].includes(object.name),
    mruEnabled: true,
    name: object.name,
    queryable: object.queryable,
    replicateable: true,
    retrieveable: true,
    searchable: true,
    triggerable: true,
    undeletable: object.deletable,
    updateable: object.updateable,
    urls: { describe: `${base}/describe`, rowTemplate: `${base}/{ID}`, sobject: base },
  }
}

function recordTypeInfos(call: ApiCall, object: ObjectSchema) {
  const layouts = `/services/data/v${call.version}/sobjects/${object.name}/describe/layouts`
  const types = call.org.policies.recordTypes(object)
  const infos = types.map((type) => ({
    active: type.active,
    available: type.available,
    defaultRecordTypeMapping: type.default,
    developerName: type.developerName,
    master: false,
    name: type.name,
    recordTypeId: type.id,
    urls: { layout: `${layouts}/${type.id}` },
  }))
  const master = {
    active: true,
    available: true,
    defaultRecordTypeMapping: !types.some((type) => type.default),
    developerName: 'Master',
    master: true,
    name: 'Master',
    recordTypeId: MASTER_RECORD_TYPE,
    urls: { layout: `${layouts}/${MASTER_RECORD_TYPE}` },
  }
  return [...infos, master]
}

function childRelationships(call: ApiCall, object: ObjectSchema) {
  return call.org.schema.all().flatMap((child) =>
    child.fields
      .filter((field) => field.referenceTo.includes(object.name))
      .map((field) => ({
        cascadeDelete: field.cascadeDelete,
        childSObject: child.name,
        deprecatedAndHidden: false,
        field: field.name,
        junctionIdListNames: [],
        junctionReferenceTo: [],
        relationshipName: childRelationshipName(child, field),
        restrictedDelete: field.restrictedDelete,
      })),
  )
}
