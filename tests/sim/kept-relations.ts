/**
 * Tables and views that a sync builds anew with every plan, kept from plan to plan: SQLite prepares every statement again when
 * anything is created or dropped. What is made by another select gets a place of its own, and statements are sent to the place
 * that holds now; what is dropped is in no place at all.
 */
export interface Place {
  name: string
  isNew: boolean
}

export class KeptRelations {
  /** Where a name is not in the place that is called like it. */
  #moved = new Map<string, string>()
  readonly #places = new Map<string, Map<string, string>>()

  /** The same statement about the places. */
  placed(sql: string): string {
    if (this.#moved.size === 0) return sql
    return sql.replace(/\bbackfeed__[a-z0-9_]+/g, (name) => this.placeOf(name))
  }

  placeOf(name: string): string {
    return this.#moved.get(name) ?? name
  }

  isGone(name: string): boolean {
    return this.#moved.get(name) === gone(name)
  }

  isKept(name: string): boolean {
    return this.#places.has(name)
  }

  /** `shape`: what makes it. */
  make(name: string, shape: string): Place {
    const places = this.#places.get(name) ?? new Map<string, string>()
    this.#places.set(name, places)
    const known = places.get(shape)
    const place = known ?? (places.size === 0 ? name : `${name}__${places.size + 1}`)
    places.set(shape, place)
    this.#move(name, place)
    return { name: place, isNew: known === undefined }
  }

  drop(name: string): void {
    this.#move(name, gone(name))
  }

  /** A table with a definition of its own is in its place again. */
  restore(name: string): void {
    this.#moved.delete(name)
  }

  /** Another world begins. */
  reset(): void {
    this.#moved.clear()
  }

  #move(name: string, place: string): void {
    if (place === name) this.#moved.delete(name)
    else this.#moved.set(name, place)
  }
}

/** Nothing is called like this, so a statement about it fails as it would in a warehouse. */
function gone(name: string): string {
  return `${name}__gone`
}
