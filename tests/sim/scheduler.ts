/** Virtual time: a queue of events in order of their moment, ties broken by the seed. One seed, one order of everything. */

export interface Prng {
  /** Uniform in [0, 1). */
  unit(): number
  /** Whole number in [from, to]. */
  between(from: number, to: number): number
  hex(bytes: number): string
}

/** mulberry32: small, fast, and the same on every machine. */
export function createPrng(seed: number): Prng {
  let state = seed >>> 0
  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    unit,
    between: (from, to) => from + Math.floor(unit() * (to - from + 1)),
    hex: (bytes) =>
      Array.from({ length: bytes }, () =>
        Math.floor(unit() * 256)
          .toString(16)
          .padStart(2, '0'),
      ).join(''),
  }
}

interface Event {
  atMs: number
  tie: number
  run: () => void
}

/** Where virtual time begins: 2026-01-01T00:00:00Z. */
export const EPOCH_MS = Date.UTC(2026, 0, 1)

const turnsPerEvent = 100
const turnsAfterActivity = 12

export class Scheduler {
  nowMs = EPOCH_MS
  /** Grows with everything a process does at a port: what an event set off has come to rest when it stops growing. */
  activity = 0
  /** Processes that compute and wait for no port. */
  computing = new Set<object>()
  readonly #prng: Prng
  readonly #events: Event[] = []

  constructor(prng: Prng) {
    this.#prng = prng
  }

  in(delayMs: number, run: () => void): void {
    const event = { atMs: this.nowMs + Math.max(0, delayMs), tie: this.#prng.unit(), run }
    let place = this.#events.length
    while (place > 0 && isBefore(event, this.#events[place - 1])) place -= 1
    this.#events.splice(place, 0, event)
  }

  get idle(): boolean {
    return this.#events.length === 0
  }

  /** Runs everything that happens until then, and lets time pass. */
  async until(atMs: number): Promise<void> {
    for (let next = this.#events.at(0); next !== undefined && next.atMs <= atMs; next = this.#events.at(0)) {
      await this.#next()
    }
    this.nowMs = Math.max(this.nowMs, atMs)
  }

  /** Runs until there is nothing left to happen. */
  async untilIdle(): Promise<void> {
    while (!this.idle) await this.#next()
  }

  async #next(): Promise<void> {
    const event = this.#events.shift()
    if (!event) return
    this.nowMs = Math.max(this.nowMs, event.atMs)
    event.run()
    await this.settle()
  }

  /** Lets promises run on. How many turns they get depends on nothing but what they do, so it is the same every time. */
  async settle(): Promise<void> {
    let before = this.activity
    let quiet = 0
    for (let turn = 0; turn < turnsPerEvent && quiet < turnsAfterActivity; turn += 1) {
      await null
      if (this.activity !== before) quiet = 1
      else if (quiet > 0 || this.computing.size === 0) quiet += 1
      before = this.activity
    }
    // Real input and output: rare, and only before the first statement.
    while (this.computing.size > 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

function isBefore(a: Event, b: Event | undefined): boolean {
  return b !== undefined && (a.atMs < b.atMs || (a.atMs === b.atMs && a.tie < b.tie))
}
