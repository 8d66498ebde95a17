/** How often each thing happened: a batch of seeds in which a rare path never occurred proves nothing about it. */
export class Counters {
  readonly #counts = new Map<string, number>()

  add(what: string, times = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + times)
  }

  merge(other: Counters): void {
    for (const [what, times] of other.#counts) this.add(what, times)
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0
  }

  entries(): [string, number][] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1))
  }
}
