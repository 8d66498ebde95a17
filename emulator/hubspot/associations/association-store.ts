import type { ObjectSchema } from '../portal-schema.ts'
import type { AssociationType } from './association-types.ts'
import { AssociationTypes } from './association-types.ts'

export interface RecordEnd {
  object: ObjectSchema
  id: string
}

/** "category typeId" of every type an association has. */
type Held = Map<string, Set<string>>

export interface AssociationsSnapshot {
  types: AssociationType[]
  held: [string, [string, string[]][]][]
}

/** Associations of one account, each held in both directions. */
export class AssociationStore {
  readonly types = new AssociationTypes()
  /** "object id toObject" to the associated ids. */
  #held = new Map<string, Held>()

  /** Adds types; the unlabelled one comes with every other. The first company of a record becomes its primary one. */
  add(from: RecordEnd, to: RecordEnd, types: readonly AssociationType[]): void {
    const plain = this.types.unlabelled(from.object, to.object)
    for (const type of new Set([plain, ...types])) this.#addType(from, to, type)
    this.#electPrimary(from, to)
    this.#electPrimary(to, from)
  }

  /** All types of the pair, or those named. */
  remove(from: RecordEnd, to: RecordEnd, types?: readonly AssociationType[]): void {
    if (types === undefined) {
      this.#held.get(keyOf(from, to.object))?.delete(to.id)
      this.#held.get(keyOf(to, from.object))?.delete(from.id)
      return
    }
    for (const type of types) this.#removeType(from, to, type)
  }

  /** Ids in the order they were associated, with their types. */
  of(from: RecordEnd, to: ObjectSchema): { id: string; types: AssociationType[] }[] {
    return [...(this.#held.get(keyOf(from, to)) ?? [])].map(([id, held]) => ({
      id,
      types: [...held].flatMap((key) => {
        const [category = '', typeId] = key.split(' ')
        const type = this.types.find(category, Number(typeId))
        return type === undefined ? [] : [type]
      }),
    }))
  }

  /** What a merged record was associated with now belongs to the survivor. */
  move(object: string, { from, into }: { from: string; into: string }): void {
    for (const [key, held] of [...this.#held]) {
      const [name, id, toName] = key.split(' ')
      if (name === object && id === from) {
        this.#held.delete(key)
        const target = this.#open(`${object} ${into} ${toName}`)
        for (const [other, types] of held) target.set(other, new Set([...(target.get(other) ?? []), ...types]))
      } else if (toName === object && held.has(from)) {
        held.set(into, new Set([...(held.get(into) ?? []), ...(held.get(from) ?? [])]))
        held.delete(from)
      }
    }
  }

  reset(): void {
    this.types.reset()
    this.#held.clear()
  }

  snapshot(): AssociationsSnapshot {
    const held = [...this.#held].map(([key, ids]): [string, [string, string[]][]] => {
      return [key, [...ids].map(([id, types]) => [id, [...types]])]
    })
    return { types: this.types.snapshot(), held }
  }

  restore(snapshot: AssociationsSnapshot): void {
    this.types.restore(snapshot.types)
    this.#held = new Map(
      snapshot.held.map(([key, ids]) => [key, new Map(ids.map(([id, types]) => [id, new Set(types)]))]),
    )
  }

  #addType(from: RecordEnd, to: RecordEnd, type: AssociationType): void {
    const inverse = this.types.find(type.category, type.inverseId) ?? type
    // There is one primary: who gets the label takes it from the one that had it.
    if (type.primary) this.#clearPrimary(from, to, type)
    if (inverse.primary) this.#clearPrimary(to, from, inverse)
    this.#typesOf(from, to).add(typeKey(type))
    this.#typesOf(to, from).add(typeKey(inverse))
  }

  #removeType(from: RecordEnd, to: RecordEnd, type: AssociationType): void {
    const inverse = this.types.find(type.category, type.inverseId) ?? type
    this.#held.get(keyOf(from, to.object))?.get(to.id)?.delete(typeKey(type))
    this.#held.get(keyOf(to, from.object))?.get(from.id)?.delete(typeKey(inverse))
  }

  #clearPrimary(from: RecordEnd, to: RecordEnd, type: AssociationType): void {
    for (const [id, held] of this.#held.get(keyOf(from, to.object)) ?? []) {
      if (held.has(typeKey(type))) this.#removeType(from, { object: to.object, id }, type)
    }
  }

  #electPrimary(from: RecordEnd, to: RecordEnd): void {
    const primary = this.types.between(from.object, to.object).find((type) => type.primary)
    if (primary === undefined) return
    const held = [...(this.#held.get(keyOf(from, to.object))?.values() ?? [])]
    if (!held.some((types) => types.has(typeKey(primary)))) this.#addType(from, to, primary)
  }

  #typesOf(from: RecordEnd, to: RecordEnd): Set<string> {
    const held = this.#open(keyOf(from, to.object))
    const types = held.get(to.id) ?? new Set<string>()
    held.set(to.id, types)
    return types
  }

  #open(key: string): Held {
    const held = this.#held.get(key) ?? new Map<string, Set<string>>()
    this.#held.set(key, held)
    return held
  }
}

function keyOf({ object, id }: RecordEnd, to: ObjectSchema): string {
  return `${object.name} ${id} ${to.name}`
}

function typeKey({ category, typeId }: AssociationType): string {
  return `${category} ${typeId}`
}
