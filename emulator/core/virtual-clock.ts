import type { EmulatorClock } from './crm.ts'

/** Wall time plus what the control plane added: time can be skipped, never turned back. */
export class VirtualClock implements EmulatorClock {
  #offsetMs = 0
  readonly #wallMs: () => number

  constructor(wallMs: () => number = Date.now) {
    this.#wallMs = wallMs
  }

  nowMs(): number {
    return this.#wallMs() + this.#offsetMs
  }

  advance(ms: number): void {
    this.#offsetMs += ms
  }

  get offsetMs(): number {
    return this.#offsetMs
  }

  set offsetMs(value: number) {
    this.#offsetMs = value
  }
}
