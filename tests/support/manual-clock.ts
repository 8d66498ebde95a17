import type { Clock } from '../../runner/ports.ts'

/** A clock whose sleeps take no time: each moves it on by what was asked for. Sleepers wake in the order they asked. */
export class ManualClock implements Clock {
  #nowMs = 0

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const wakeMs = this.#nowMs + ms
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    this.#nowMs = Math.max(this.#nowMs, wakeMs)
  }
}
