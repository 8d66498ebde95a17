/** Other names a record answers to: ids of records merged into it, and secondary e-mails. */
export class RecordAliases {
  /** "object id" of a merged record to the id it became. */
  #merged = new Map<string, string>()
  #emails = new Map<string, string>()

  /** The id that answers for `id` now; itself where nothing was merged. */
  resolve(object: string, id: string): string {
    if (this.#merged.size === 0) return id
    let now = id
    for (let next = this.#merged.get(`${object} ${now}`); next !== undefined; ) {
      now = next
      next = this.#merged.get(`${object} ${now}`)
    }
    return now
  }

  merge(object: string, { from, into }: { from: string; into: string }): void {
    this.#merged.set(`${object} ${from}`, into)
  }

  /** Id of the contact that has, or once had, the address as a secondary one: the caller looks whether it still does. */
  emailOwner(email: string): string | undefined {
    return this.#emails.get(email.toLowerCase())
  }

  setEmails(id: string, list: unknown): void {
    for (const email of secondaryEmails(list)) this.#emails.set(email, id)
  }

  reset(): void {
    this.#merged.clear()
    this.#emails.clear()
  }

  snapshot(): [string, string][] {
    return [...this.#merged]
  }

  restore(snapshot: readonly [string, string][]): void {
    this.#merged = new Map(snapshot)
    this.#emails.clear()
  }
}

/** `hs_additional_emails` is one text, separated by semicolons. */
export function secondaryEmails(list: unknown): string[] {
  if (typeof list !== 'string') return []
  return list
    .split(';')
    .map((email) => email.trim().toLowerCase())
    .filter((email) => email !== '')
}
