import { type Field, fieldOf } from './field.ts'

export interface ObjectDefinition {
  name: string
  label: string
  labelPlural: string
  keyPrefix: string
  custom: boolean
  assignmentRules: boolean
  createable: boolean
  updateable: boolean
  deletable: boolean
  queryable: boolean
  /** Virtual epoch milliseconds, for If-Modified-Since. */
  changedAtMs: number
  fields: readonly Field[]
}

/** What a profile may do with an object, where it is less than everything. */
export interface ObjectAccess {
  create: boolean
  read: boolean
  update: boolean
  delete: boolean
  /** By lower-case field name. */
  fields: ReadonlyMap<string, 'hidden' | 'read_only'>
}

/** A definition as one profile sees it, with what writes look up for every row. `fields` are the visible ones. */
export interface ObjectSchema extends ObjectDefinition {
  /** `deprecatedAndHidden`: as a deleted field. Its values stay in the records. */
  hidden: readonly Field[]
  /** There, but hidden from the profile: naming one in a write is refused as not writable. By lower-case name. */
  inaccessible: ReadonlyMap<string, Field>
  /** By lower-case name: the API ignores the case of names. */
  byName: ReadonlyMap<string, Field>
  /** References by lower-case relationship name. */
  byRelationship: ReadonlyMap<string, Field>
  /** Without a value in a create: an error. */
  required: readonly Field[]
  /** Without a value in a create: filled in, also where the profile does not see it. */
  defaulted: readonly Field[]
  unique: readonly Field[]
}

export const FULL_ACCESS: ObjectAccess = { create: true, read: true, update: true, delete: true, fields: new Map() }

export function viewOf(definition: ObjectDefinition, access: ObjectAccess = FULL_ACCESS): ObjectSchema {
  const present = definition.fields.filter((field) => !field.deprecatedAndHidden)
  const accessOf = (field: Field): 'hidden' | 'read_only' | undefined => access.fields.get(field.name.toLowerCase())
  const fields = present
    .filter((field) => accessOf(field) !== 'hidden')
    .map((field) => (accessOf(field) === 'read_only' ? { ...field, createable: false, updateable: false } : field))
  const references = fields.filter((field) => field.relationshipName !== null)
  return {
    ...definition,
    createable: definition.createable && access.create,
    updateable: definition.updateable && access.update,
    deletable: definition.deletable && access.delete,
    fields,
    hidden: definition.fields.filter((field) => field.deprecatedAndHidden),
    inaccessible: byLowerName(present.filter((field) => accessOf(field) === 'hidden')),
    byName: byLowerName(fields),
    byRelationship: new Map(references.map((field) => [String(field.relationshipName).toLowerCase(), field])),
    required: fields.filter((field) => !field.nillable && !field.defaultedOnCreate && field.createable),
    defaulted: present.filter(isDefaulted),
    unique: present.filter((field) => field.unique),
  }
}

/** Definition of a whole view; one a profile sees has lost what it hides. */
export function definitionOf(object: ObjectSchema): ObjectDefinition {
  const { name, label, labelPlural, keyPrefix, custom, assignmentRules } = object
  const { createable, updateable, deletable, queryable, changedAtMs } = object
  const rights = { createable, updateable, deletable, queryable, changedAtMs }
  const fields = [...object.fields, ...object.inaccessible.values(), ...object.hidden]
  return { name, label, labelPlural, keyPrefix, custom, assignmentRules, ...rights, fields }
}

/** The field an object has once it has record types. */
export const RECORD_TYPE_FIELD: Field = fieldOf({
  name: 'RecordTypeId',
  type: 'reference',
  referenceTo: ['RecordType'],
  label: 'Record Type ID',
})

function byLowerName(fields: readonly Field[]): ReadonlyMap<string, Field> {
  return new Map(fields.map((field) => [field.name.toLowerCase(), field]))
}

function isDefaulted(field: Field): boolean {
  if (field.type === 'id' || field.name === 'IsDeleted') return false
  const preset = field.picklistValues.some((one) => one.defaultValue)
  const named = field.nameField && field.defaultedOnCreate
  return field.autoNumber || field.name === 'OwnerId' || field.defaultValue !== null || preset || named
}
