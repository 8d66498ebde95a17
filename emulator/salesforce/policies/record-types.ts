import type { StoredRecord } from '../../core/record-store.ts'
import type { Org } from '../org.ts'
import type { ObjectPolicy, RecordTypePolicy } from './org-policies.ts'

export const MASTER_RECORD_TYPE = '012000000000000AAA'

export interface RecordType {
  id: string
  name: string
  developerName: string
  active: boolean
  available: boolean
  default: boolean
}

/** The record types of an object, without the master. */
export function recordTypesOf(org: Org, object: string, policy: ObjectPolicy | undefined): RecordType[] {
  return (policy?.record_types ?? []).flatMap((type) => {
    const record = recordOf(org, object, type)
    if (record === undefined) return []
    return {
      id: record.id,
      name: type.name,
      developerName: developerNameOf(type),
      active: type.active ?? true,
      available: (type.active ?? true) && (type.available ?? true),
      default: type.default ?? false,
    }
  })
}

/** Rows of RecordType as the policy has them, and the field that points at them. */
export function setRecordTypes(org: Org, object: string, policy: ObjectPolicy): void {
  const types = policy.record_types ?? []
  const definition = org.schema.whole('RecordType')
  if (types.length === 0 || definition === undefined) return
  org.schema.addRecordTypeField(object)
  for (const type of types) {
    const fields = { Name: type.name, IsActive: type.active ?? true }
    const record = recordOf(org, object, type)
    if (record !== undefined && record.fields.Name === type.name && record.fields.IsActive === fields.IsActive) continue
    if (record !== undefined) {
      org.store.update('RecordType', record.id, fields)
      continue
    }
    const now = org.now()
    const stamps = { CreatedDate: now, LastModifiedDate: now, SystemModstamp: now }
    const names = { DeveloperName: developerNameOf(type), SobjectType: object }
    org.store.create('RecordType', org.newId(definition), { ...fields, ...names, ...stamps })
  }
}

function recordOf(org: Org, object: string, type: RecordTypePolicy): StoredRecord | undefined {
  const name = developerNameOf(type)
  for (const record of org.store.all('RecordType')) {
    if (record.fields.SobjectType === object && record.fields.DeveloperName === name) return record
  }
  return undefined
}

function developerNameOf(type: RecordTypePolicy): string {
  return type.developer_name ?? type.name.replace(/[^A-Za-z0-9]+/g, '_')
}
