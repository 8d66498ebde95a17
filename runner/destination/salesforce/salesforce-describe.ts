import { unknownObject } from '../crm-problems.ts'
import type { FieldDescription, ObjectPermissions } from '../destination.ts'
import { isRecord, textOf } from '../raw-answer.ts'
import { recordTypesOf, toFieldDescription } from './field-description.ts'
import { bodyOf, type SalesforceClient } from './salesforce-client.ts'

export interface ObjectDescription {
  fields: readonly FieldDescription[]
  /** Undefined when the describe does not say. */
  permissions: ObjectPermissions | undefined
}

/** GET sobjects/{object}/describe. Fields the integration user may not see are not in it. */
export async function describeObject(
  client: SalesforceClient,
  object: string,
  signal: AbortSignal,
): Promise<ObjectDescription> {
  const answer = await client.read(`${client.root}/sobjects/${encodeURIComponent(object)}/describe`, signal)
  if (answer.refusal !== undefined && (answer.status === 404 || answer.refusal.code === 'INVALID_TYPE')) {
    throw unknownObject('Salesforce', object, await objectNames(client, signal))
  }
  return toObjectDescription(bodyOf(answer, client.place()))
}

/** Pure. `body` is the describe as it came, numbers as text. */
export function toObjectDescription(body: unknown): ObjectDescription {
  const described = isRecord(body) ? body : {}
  const fields = Array.isArray(described.fields) ? described.fields.filter(isRecord) : []
  const componentsOf = (name: string) =>
    fields.flatMap((field) =>
      field.compoundFieldName === name && field.name !== name ? (textOf(field.name) ?? []) : [],
    )
  return {
    fields: fields.map((field) => ({
      ...toFieldDescription(field, componentsOf(textOf(field.name) ?? '')),
      ...(field.name === 'RecordTypeId' ? { recordTypes: recordTypesOf(described.recordTypeInfos) } : {}),
    })),
    permissions: permissionsOf(described),
  }
}

function permissionsOf(described: Readonly<Record<string, unknown>>): ObjectPermissions | undefined {
  if (typeof described.createable !== 'boolean') return undefined
  const may = (name: string): boolean => described[name] === true
  return { read: may('queryable'), create: may('createable'), update: may('updateable'), delete: may('deletable') }
}

async function objectNames(client: SalesforceClient, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await client.read(`${client.root}/sobjects`, signal)
  const body = answer.refusal === undefined ? answer.body : undefined
  const objects = isRecord(body) && Array.isArray(body.sobjects) ? body.sobjects : []
  return objects.filter(isRecord).flatMap((object) => textOf(object.name) ?? [])
}
