import { ControlError, type Crm, type CrmContext, type CrmRequest, type CrmResponse } from '../core/crm.ts'
import { answerApi } from './api-router.ts'
import { bulkControl } from './bulk/bulk-control.ts'
import { answerOauth } from './oauth.ts'
import { definitionOf, type ObjectSchema } from './object-schema.ts'
import { Org, type OrgSnapshot } from './org.ts'
import { adminAct } from './policies/admin-acts.ts'
import { NO_POLICIES } from './policies/org-policies.ts'
import { putRecords } from './put-records.ts'
import { canonicalId } from './record-id.ts'
import { shownValue } from './record-json.ts'

/** A local Salesforce org: OAuth endpoints and the REST API of versions 60.0 to 68.0. */
export function createSalesforceCrm(context: CrmContext): Crm {
  const org = new Org(context)
  const objectNamed = (name: string): ObjectSchema => {
    const object = org.schema.whole(name)
    if (object === undefined) throw new ControlError(404, `Salesforce has no object '${name}'`)
    return object
  }
  return {
    name: 'salesforce',
    owns: (path) => /^\/(services|id)(\/|$)/.test(path),
    handle: (request) => handle(org, request),
    records: (name) => {
      const object = objectNamed(name)
      const fields = object.fields.filter((field) => field.type !== 'address')
      return [...org.store.all(object.name)].map((record) =>
        Object.fromEntries(fields.map((field) => [field.name, shownValue(record, field)])),
      )
    },
    putRecords: (name, rows) => putRecords(org, objectNamed(name), rows),
    history: (name, id) => org.store.versions(objectNamed(name).name, canonicalId(id) ?? id),
    schema: (name) => definitionOf(objectNamed(name)),
    putSchema: (name, schema) => {
      org.indexObject(org.schema.put(name, schema))
      org.policies.schemaChanged()
    },
    policies: {
      get: () => org.policies.current,
      put: (input) => org.policies.put(input),
      clear: () => org.policies.enforce(NO_POLICIES),
    },
    act: (name, input) => adminAct(org, name, input),
    reset: () => org.reset(),
    bulk: bulkControl(org),
    clockMoved: () => org.bulk.wake(),
    snapshot: () => org.snapshot(),
    restore: (snapshot) => org.restore(snapshot as OrgSnapshot),
  }
}

function handle(org: Org, request: CrmRequest): CrmResponse {
  return answerOauth(org, request) ?? answerApi(org, request)
}
