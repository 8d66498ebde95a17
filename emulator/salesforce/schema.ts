import { record, records, strictKeys } from '../core/control-input.ts'
import { ControlError } from '../core/crm.ts'
import { type Field, type FieldSpec, fieldOf, fieldSpecOf } from './field.ts'
import type { ObjectSpec } from './object-spec.ts'
import { customObjectFields, STANDARD_OBJECTS } from './standard-objects.ts'

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

/** A definition with what writes look up for every row. `fields` are the visible ones. */
export interface ObjectSchema extends ObjectDefinition {
  /** `deprecatedAndHidden`: as a deleted field, or one the user may not see. Its values stay in the records. */
  hidden: readonly Field[]
  /** By lower-case name: the API ignores the case of names. */
  byName: ReadonlyMap<string, Field>
  /** References by lower-case relationship name. */
  byRelationship: ReadonlyMap<string, Field>
  /** Without a value in a create: an error. */
  required: readonly Field[]
  /** Without a value in a create: filled in. */
  defaulted: readonly Field[]
  unique: readonly Field[]
}

export interface SchemaSnapshot {
  objects: readonly ObjectDefinition[]
}

const OBJECT_KEYS = [
  'fields',
  'label',
  'labelPlural',
  'keyPrefix',
  'createable',
  'updateable',
  'deletable',
  'queryable',
  'name',
  'custom',
]

/** Objects and fields of the org. Describe answers from it and every write is checked against it, so the two cannot differ. */
export class Schema {
  readonly #objects = new Map<string, ObjectSchema>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.reset()
  }

  reset(): void {
    this.#objects.clear()
    for (const spec of STANDARD_OBJECTS) this.#set(objectOf(spec, this.#nowMs()))
  }

  /** Case-insensitive. */
  find(name: string): ObjectSchema | undefined {
    return this.#objects.get(name.toLowerCase())
  }

  all(): readonly ObjectSchema[] {
    return [...this.#objects.values()]
  }

  byKeyPrefix(prefix: string): ObjectSchema | undefined {
    return this.all().find((one) => one.keyPrefix === prefix)
  }

  /**
   * Merges fields by name; a new object gets the fields every custom object has. Throws ControlError(400), changing
   * nothing. Returns the object.
   */
  put(objectName: string, input: unknown): ObjectSchema {
    const given = record(input, 'schema')
    strictKeys(given, OBJECT_KEYS, 'schema')
    const before = this.find(objectName) ?? this.#newObject(objectName)
    const specs = records(given.fields ?? [], 'fields')
    const known = [...before.fields, ...before.hidden]
    const fields = new Map(known.map((field) => [field.name.toLowerCase(), field]))
    for (const spec of specs) {
      const field = fieldOf(fieldSpecOf(spec, fields.get(String(spec.name).toLowerCase())))
      this.#checkReferences(field, objectName)
      fields.set(field.name.toLowerCase(), field)
    }
    const { fields: _fields, name: _name, ...attributes } = given
    const after = withMaps({ ...before, ...attributes, changedAtMs: this.#nowMs(), fields: [...fields.values()] })
    this.#set(after)
    return after
  }

  snapshot(): SchemaSnapshot {
    return { objects: this.all().map(definitionOf) }
  }

  restore(snapshot: SchemaSnapshot): void {
    this.#objects.clear()
    for (const object of snapshot.objects) this.#set(withMaps(object))
  }

  #set(object: ObjectSchema): void {
    this.#objects.set(object.name.toLowerCase(), object)
  }

  #newObject(name: string): ObjectSchema {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) throw new ControlError(400, `'${name}' cannot be an object's name`)
    const customs = this.all().filter((one) => one.keyPrefix.startsWith('a')).length
    const keyPrefix = `a${customs.toString(36).padStart(2, '0')}`
    return objectOf({ name, keyPrefix, fields: customObjectFields() }, this.#nowMs())
  }

  #checkReferences(field: Field, objectName: string): void {
    for (const target of field.referenceTo) {
      if (this.find(target) === undefined && target.toLowerCase() !== objectName.toLowerCase()) {
        throw new ControlError(400, `field ${field.name}: referenceTo names '${target}', which is not an object`)
      }
    }
  }
}

function objectOf(spec: ObjectSpec, nowMs: number): ObjectSchema {
  const label = spec.label ?? spec.name.replace(/__c$/i, '').replace(/_/g, ' ')
  const writable = spec.readOnly !== true
  const standard = !/__c$/i.test(spec.name)
  return withMaps({
    name: spec.name,
    label,
    labelPlural: spec.labelPlural ?? `${label}s`,
    keyPrefix: spec.keyPrefix,
    custom: !standard,
    assignmentRules: spec.assignmentRules === true,
    createable: writable,
    updateable: writable,
    deletable: writable && spec.name !== 'User',
    queryable: true,
    changedAtMs: nowMs,
    fields: spec.fields.map((field: FieldSpec) => fieldOf(field)),
  })
}

export function definitionOf(object: ObjectSchema): ObjectDefinition {
  const { byName: _1, byRelationship: _2, required: _3, defaulted: _4, unique: _5, hidden, ...definition } = object
  return { ...definition, fields: [...definition.fields, ...hidden] }
}

function withMaps(object: ObjectDefinition): ObjectSchema {
  const fields = object.fields.filter((field) => !field.deprecatedAndHidden)
  const references = fields.filter((field) => field.relationshipName !== null)
  return {
    ...object,
    fields,
    hidden: object.fields.filter((field) => field.deprecatedAndHidden),
    byName: new Map(fields.map((field) => [field.name.toLowerCase(), field])),
    byRelationship: new Map(references.map((field) => [String(field.relationshipName).toLowerCase(), field])),
    required: fields.filter((field) => !field.nillable && !field.defaultedOnCreate && field.createable),
    defaulted: fields.filter(isDefaulted),
    unique: fields.filter((field) => field.unique),
  }
}

function isDefaulted(field: Field): boolean {
  if (field.type === 'id' || field.name === 'IsDeleted') return false
  const preset = field.picklistValues.some((one) => one.defaultValue)
  const named = field.nameField && field.defaultedOnCreate
  return field.autoNumber || field.name === 'OwnerId' || field.defaultValue !== null || preset || named
}
