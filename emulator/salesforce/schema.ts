import { record, records, strictKeys } from '../core/control-input.ts'
import { ControlError } from '../core/crm.ts'
import { type Field, type FieldSpec, fieldOf, fieldSpecOf } from './field.ts'
import {
  definitionOf,
  type ObjectAccess,
  type ObjectDefinition,
  type ObjectSchema,
  RECORD_TYPE_FIELD,
  viewOf,
} from './object-schema.ts'
import type { ObjectSpec } from './object-spec.ts'
import { customObjectFields, STANDARD_OBJECTS } from './standard-objects.ts'

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
  readonly #whole = new Map<string, ObjectSchema>()
  readonly #seen = new Map<string, ObjectSchema>()
  readonly #byPrefix = new Map<string, ObjectSchema>()
  #access: ReadonlyMap<string, ObjectAccess> = new Map()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.reset()
  }

  reset(): void {
    this.#forget()
    for (const spec of STANDARD_OBJECTS) this.#set(objectOf(spec, this.#nowMs()))
  }

  /** As the API user sees it; undefined also where the profile may not read it. Case-insensitive. */
  find(name: string): ObjectSchema | undefined {
    return this.#seen.get(name.toLowerCase())
  }

  /** Whatever the profile hides. */
  whole(name: string): ObjectSchema | undefined {
    return this.#whole.get(name.toLowerCase())
  }

  /** Those the API user may read. */
  all(): readonly ObjectSchema[] {
    return [...this.#seen.values()]
  }

  everything(): readonly ObjectSchema[] {
    return [...this.#whole.values()]
  }

  byKeyPrefix(prefix: string): ObjectSchema | undefined {
    return this.#byPrefix.get(prefix)
  }

  /** What the API user's profile may do, by lower-case object name; absent: everything. */
  restrict(access: ReadonlyMap<string, ObjectAccess>): void {
    this.#access = access
    this.#seen.clear()
    this.#byPrefix.clear()
    for (const object of this.#whole.values()) this.#show(object)
  }

  /** Describe answers changed, so that If-Modified-Since brings them again. */
  touch(name: string): void {
    const object = this.whole(name)
    if (object !== undefined) this.#set({ ...object, changedAtMs: this.#nowMs() })
  }

  addRecordTypeField(name: string): void {
    const object = this.whole(name)
    if (object === undefined || object.byName.has('recordtypeid')) return
    this.#set(viewOf({ ...definitionOf(object), fields: [...definitionOf(object).fields, RECORD_TYPE_FIELD] }))
  }

  /**
   * Merges fields by name; a new object gets the fields every custom object has. Throws ControlError(400), changing
   * nothing. Returns the object.
   */
  put(objectName: string, input: unknown): ObjectSchema {
    const given = record(input, 'schema')
    strictKeys(given, OBJECT_KEYS, 'schema')
    const before = this.whole(objectName) ?? this.#newObject(objectName)
    const specs = records(given.fields ?? [], 'fields')
    const known = [...before.fields, ...before.hidden]
    const fields = new Map(known.map((field) => [field.name.toLowerCase(), field]))
    for (const spec of specs) {
      const field = fieldOf(fieldSpecOf(spec, fields.get(String(spec.name).toLowerCase())))
      this.#checkReferences(field, objectName)
      fields.set(field.name.toLowerCase(), field)
    }
    const { fields: _fields, name: _name, ...attributes } = given
    const after = viewOf({ ...before, ...attributes, changedAtMs: this.#nowMs(), fields: [...fields.values()] })
    this.#set(after)
    return after
  }

  snapshot(): SchemaSnapshot {
    return { objects: this.everything().map(definitionOf) }
  }

  restore(snapshot: SchemaSnapshot): void {
    this.#forget()
    for (const object of snapshot.objects) this.#set(viewOf(object))
  }

  #set(object: ObjectSchema): void {
    this.#whole.set(object.name.toLowerCase(), object)
    this.#show(object)
  }

  #show(object: ObjectSchema): void {
    const access = this.#access.get(object.name.toLowerCase())
    const seen = access === undefined ? object : viewOf(definitionOf(object), access)
    this.#byPrefix.set(object.keyPrefix, seen)
    if (access?.read !== false) this.#seen.set(object.name.toLowerCase(), seen)
  }

  #forget(): void {
    this.#whole.clear()
    this.#seen.clear()
    this.#byPrefix.clear()
  }

  #newObject(name: string): ObjectSchema {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) throw new ControlError(400, `'${name}' cannot be an object's name`)
    const customs = this.everything().filter((one) => one.keyPrefix.startsWith('a')).length
    const keyPrefix = `a${customs.toString(36).padStart(2, '0')}`
    return objectOf({ name, keyPrefix, fields: customObjectFields() }, this.#nowMs())
  }

  #checkReferences(field: Field, objectName: string): void {
    for (const target of field.referenceTo) {
      if (this.whole(target) === undefined && target.toLowerCase() !== objectName.toLowerCase()) {
        throw new ControlError(400, `field ${field.name}: referenceTo names '${target}', which is not an object`)
      }
    }
  }
}

function objectOf(spec: ObjectSpec, nowMs: number): ObjectSchema {
  const label = spec.label ?? spec.name.replace(/__c$/i, '').replace(/_/g, ' ')
  const writable = spec.readOnly !== true
  const standard = !/__c$/i.test(spec.name)
  return viewOf({
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
