import type { EmulatorClock } from '../core/crm.ts'
import type { PropertyDefinition, PropertyPart } from './property-definition.ts'
import { completeProperty } from './property-definition.ts'
import type { ObjectType, StandardObject } from './standard-objects.ts'
import { customObject, STANDARD_OBJECTS, systemProperties } from './standard-objects.ts'

/** An object type with its property definitions, and what writes look up per row. */
export interface ObjectSchema extends ObjectType {
  properties: Map<string, PropertyDefinition>
  /** Names of the properties no two records share a value of; contact `email` first. Derived. */
  unique: string[]
}

export type SchemaSnapshot = [ObjectType, PropertyDefinition[]][]

/** Object types and properties of one portal. `hasUniqueValue` is as defined; contact e-mail is unique without it. */
export class PortalSchema {
  readonly #clock: EmulatorClock
  readonly #objects = new Map<string, ObjectSchema>()

  constructor(clock: EmulatorClock) {
    this.#clock = clock
    this.reset()
  }

  reset(): void {
    this.#objects.clear()
    for (const standard of STANDARD_OBJECTS) this.#add(standard, true)
  }

  /** By name, singular or plural, in any case, by type id, or by the fully qualified name of a custom object. */
  find(spelling: string): ObjectSchema | undefined {
    const word = spelling.toLowerCase().replace(/^p\d+_/, '')
    const byName = this.#objects.get(word)
    if (byName !== undefined) return byName
    for (const object of this.#objects.values()) {
      if (object.typeId === word || object.singular === word) return object
    }
    return undefined
  }

  all(): Iterable<ObjectSchema> {
    return this.#objects.values()
  }

  addCustom(name: string): ObjectSchema {
    return this.#add(customObject(name.toLowerCase(), this.#objects.size), false)
  }

  /** Existing properties keep what `part` does not say. */
  merge(object: ObjectSchema, part: PropertyPart): PropertyDefinition {
    const definition = completeProperty(part, {
      existing: object.properties.get(part.name),
      group: object.group,
      at: new Date(this.#clock.nowMs()).toISOString(),
    })
    object.properties.set(part.name, definition)
    refreshUnique(object)
    return definition
  }

  snapshot(): SchemaSnapshot {
    return [...this.#objects.values()].map(({ properties, unique: _, ...type }) => [type, [...properties.values()]])
  }

  restore(snapshot: SchemaSnapshot): void {
    this.#objects.clear()
    for (const [type, definitions] of snapshot) {
      const properties = new Map(definitions.map((definition) => [definition.name, definition]))
      const object: ObjectSchema = { ...type, properties, unique: [] }
      refreshUnique(object)
      this.#objects.set(type.name, object)
    }
  }

  #add({ properties, ...type }: StandardObject, hubspotDefined: boolean): ObjectSchema {
    const object: ObjectSchema = { ...type, properties: new Map(), unique: [] }
    this.#objects.set(type.name, object)
    for (const part of systemProperties(type.lastModified)) this.merge(object, { ...part, hubspotDefined: true })
    for (const part of properties) this.merge(object, { ...part, hubspotDefined })
    return object
  }
}

function refreshUnique(object: ObjectSchema): void {
  const unique = [...object.properties.values()].filter((property) => property.hasUniqueValue && !property.archived)
  const names = unique.map((property) => property.name).filter((name) => !isContactEmail(object, name))
  object.unique = object.properties.has('email') && object.name === 'contacts' ? ['email', ...names] : names
}

export function isContactEmail(object: ObjectType, property: string): boolean {
  return object.name === 'contacts' && property === 'email'
}
