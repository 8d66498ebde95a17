import type { EmulatorState } from './emulator-state.ts'
import { writeSnapshotFile } from './snapshot-file.ts'

const QUIET_MS = 500
const LONGEST_WAIT_MS = 5_000

/** Writes the snapshot a moment after the last change, and at the latest when a burst of changes has gone on for a while. */
export class SnapshotKeeper {
  readonly #state: EmulatorState
  readonly #file: string
  #timer: NodeJS.Timeout | undefined
  #dirtySinceMs: number | undefined
  #lastWriteTookMs = 0

  constructor(state: EmulatorState, file: string) {
    this.#state = state
    this.#file = file
  }

  changed(): void {
    const nowMs = performance.now()
    this.#dirtySinceMs ??= nowMs
    // A write blocks the server: a big store is written less often, never more than a twentieth of the time.
    const longestMs = Math.max(LONGEST_WAIT_MS, this.#lastWriteTookMs * 20)
    const waitMs = Math.min(QUIET_MS, Math.max(0, this.#dirtySinceMs + longestMs - nowMs))
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.write(), waitMs)
    this.#timer.unref()
  }

  write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#dirtySinceMs = undefined
    const startedMs = performance.now()
    writeSnapshotFile(this.#file, this.#state.snapshot())
    this.#lastWriteTookMs = performance.now() - startedMs
  }
}
