import type { ObjectSchema } from '../portal-schema.ts'

export interface AssociationType {
  typeId: number
  category: 'HUBSPOT_DEFINED' | 'USER_DEFINED'
  /** Object names. */
  from: string
  to: string
  /** Null: the unlabelled type that every association of the pair has. */
  label: string | null
  /** At most one association of the `from` record has it. */
  primary: boolean
  /** Type id of the same association seen from the other side. */
  inverseId: number
}

type Pair = [from: string, to: string, ids: [number, number], primaryIds?: [number, number]]

const STANDARD: readonly Pair[] = [
  ['contacts', 'companies', [279, 280], [1, 2]],
  ['deals', 'companies', [341, 342], [5, 6]],
  ['tickets', 'companies', [339, 340], [26, 25]],
  ['deals', 'contacts', [3, 4]],
  ['tickets', 'contacts', [16, 15]],
  ['deals', 'tickets', [27, 28]],
  ['contacts', 'contacts', [449, 449]],
  ['companies', 'companies', [450, 450]],
  ['deals', 'deals', [451, 451]],
  ['tickets', 'tickets', [452, 452]],
]

/** Primary is a matter of the one side: the company's view of it has the label, and as many as it likes. */
function standardTypes(): AssociationType[] {
  return STANDARD.flatMap(([from, to, ids, primaryIds]) => {
    const plain = pair({ from, to, ids, category: 'HUBSPOT_DEFINED', labels: [null, null] })
    if (primaryIds === undefined) return plain
    const labelled = pair({ from, to, ids: primaryIds, category: 'HUBSPOT_DEFINED', labels: ['Primary', 'Primary'] })
    return [...plain, ...labelled.map((type) => ({ ...type, primary: type.from === from }))]
  })
}

function pair(what: {
  from: string
  to: string
  ids: [number, number]
  category: AssociationType['category']
  labels: [string | null, string | null]
}): AssociationType[] {
  const { from, to, ids, category, labels } = what
  const there = { typeId: ids[0], category, from, to, label: labels[0], primary: false, inverseId: ids[1] }
  if (ids[0] === ids[1]) return [there]
  const back = { ...there, typeId: ids[1], from: to, to: from, label: labels[1], inverseId: ids[0] }
  return [there, back]
}

/** The association types of one account. Pairs with a custom object get their unlabelled type when first asked for. */
export class AssociationTypes {
  #types = standardTypes()
  #nextId = 1

  between(from: ObjectSchema, to: ObjectSchema): AssociationType[] {
    this.#plain(from, to)
    return this.#types.filter((type) => type.from === from.name && type.to === to.name)
  }

  unlabelled(from: ObjectSchema, to: ObjectSchema): AssociationType {
    return this.#plain(from, to)
  }

  /** By category and id, whatever the direction. */
  find(category: string, typeId: number): AssociationType | undefined {
    return this.#types.find((type) => type.category === category && type.typeId === typeId)
  }

  addLabel(from: ObjectSchema, to: ObjectSchema, labels: [string, string]): AssociationType[] {
    const ids = this.#newIds(labels[0] === labels[1] && from.name === to.name)
    const added = pair({ from: from.name, to: to.name, ids, category: 'USER_DEFINED', labels })
    this.#types.push(...added)
    return added
  }

  remove(category: string, typeId: number): void {
    const gone = this.find(category, typeId)
    if (gone === undefined) return
    const both = [gone.typeId, gone.inverseId]
    this.#types = this.#types.filter((type) => type.category !== category || !both.includes(type.typeId))
  }

  reset(): void {
    this.#types = standardTypes()
    this.#nextId = 1
  }

  snapshot(): AssociationType[] {
    return this.#types
  }

  restore(types: readonly AssociationType[]): void {
    this.#types = [...types]
    const own = types.filter((type) => type.category === 'USER_DEFINED').map((type) => type.typeId)
    this.#nextId = Math.max(0, ...own) + 1
  }

  #plain(from: ObjectSchema, to: ObjectSchema): AssociationType {
    const find = () => this.#types.find((type) => type.from === from.name && type.to === to.name && type.label === null)
    const found = find()
    if (found !== undefined) return found
    const ids = this.#newIds(from.name === to.name)
    const added = pair({ from: from.name, to: to.name, ids, category: 'USER_DEFINED', labels: [null, null] })
    this.#types.push(...added)
    return added[0] as AssociationType
  }

  #newIds(same: boolean): [number, number] {
    const first = this.#nextId
    this.#nextId += same ? 1 : 2
    return [first, same ? first : first + 1]
  }
}
