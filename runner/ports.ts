/** Everything non-deterministic the runner touches. Production passes systemPorts(); tests pass their own. */
import { randomBytes } from 'node:crypto'

export interface Clock {
  /** Wall time in epoch milliseconds. Only ever compared with other values of this clock. */
  nowMs(): number
  /** Milliseconds that never go back; stops while the machine sleeps. */
  monotonicMs(): number
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Random {
  /** Lower-case hexadecimal text of `bytes` random bytes. */
  hex(bytes: number): string
  /** Uniform in [0, 1). For jitter only. */
  unit(): number
}

/** The one HTTP function destinations may use beside their client library; replaced in simulations. */
export type Http = typeof fetch

/**
 * Places in the order of writes at which a process may die (protocol A5). What each stands for is in docs/failure.md.
 * CP10, CP13 and CP18 are reached while something is under way: a request, a write of results, an upload.
 */
export type CrashPoint =
  | `CP0${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`
  | `CP1${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`
  | `CP2${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9}`
  | 'CP30'

/** A no-op in production; only a test entry point passes something else. */
export interface CrashPoints {
  at(point: CrashPoint): void
}

export interface Ports {
  clock: Clock
  random: Random
  http: Http
  crashPoints: CrashPoints
}

export function systemPorts(): Ports {
  return { clock: systemClock(), random: systemRandom(), http: fetch, crashPoints: { at: () => {} } }
}

function systemClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const timer = setTimeout(done, ms)
        function done(): void {
          signal?.removeEventListener('abort', stop)
          resolve()
        }
        function stop(): void {
          clearTimeout(timer)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', stop, { once: true })
      }),
  }
}

function systemRandom(): Random {
  return { hex: (bytes) => randomBytes(bytes).toString('hex'), unit: () => Math.random() }
}
