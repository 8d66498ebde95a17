/** The source of every sync: a table of customers that somebody else changes at any moment. */
import type { SourceStep } from './scenario.ts'
import type { SqliteStore } from './sqlite-store.ts'

export interface Customer {
  id: string
  email: string
  name: string | null
  segment: string | null
  score: number | null
}

export const refusedValue = 'refused'

export function idOf(row: number): string {
  return `k${row}`
}

export function emailOf(row: number): string {
  return `k${row}@x.example`
}

export class SourceTable {
  readonly rows: Customer[] = []
  readonly #store: SqliteStore

  constructor(store: SqliteStore) {
    this.#store = store
  }

  fill(count: number): void {
    for (let row = 0; row < count; row += 1) this.rows.push(customer(row, row))
    this.#write()
  }

  apply({ what, row, value }: SourceStep): void {
    const id = idOf(row)
    const own = this.rows.filter((each) => each.id === id)
    switch (what) {
      case 'inserts':
        if (own.length === 0) this.rows.push(customer(row, value))
        break
      case 'repeats':
        if (own.length > 0) this.rows.push(customer(row, value))
        break
      case 'deletes':
        this.rows.splice(0, this.rows.length, ...this.rows.filter((each) => each.id !== id))
        break
      case 'changes':
        for (const each of own) Object.assign(each, { segment: `s${value}`, score: value, name: `n${row}` })
        break
      case 'blanks':
        for (const each of own) Object.assign(each, value % 2 === 0 ? { segment: null } : { score: null })
        break
      case 'spoils':
        for (const each of own) each.segment = refusedValue
        break
      case 'unnames':
        for (const each of own) each.name = null
        break
      default:
        throw new RangeError(what satisfies never)
    }
    this.#write()
  }

  #write(): void {
    const cells = this.rows.map(({ id, email, name, segment, score }) => [
      id,
      email,
      name,
      segment,
      score === null ? null : String(score),
    ])
    this.#store.exec('delete from crm.customers')
    const columns = ['id', 'email', 'name', 'segment', 'score']
    if (cells.length > 0) this.#store.append({ schema: 'crm', name: 'customers' }, columns, cells)
  }
}

function customer(row: number, value: number): Customer {
  return { id: idOf(row), email: emailOf(row), name: `n${row}`, segment: `s${value}`, score: value }
}
