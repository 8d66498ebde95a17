/**
 * One runner process of a world: its ports, and what fate does to it. Every call of a port is an event that arrives, takes effect
 * and is answered. A process that died is never answered again, but what it had sent still arrives.
 */
import type { CrashPoints, Ports } from '../../runner/ports.ts'
import { WarehouseError } from '../../runner/warehouse/warehouse-error.ts'
import type { Counters } from './counters.ts'
import type { Prng, Scheduler } from './scheduler.ts'

export type Fate =
  /** SIGKILL: before the call leaves, while it is on its way, or when its answer has come. */
  | { kind: 'kill'; at: number; when: 'before' | 'under way' | 'after' }
  /** SIGKILL at a named point. */
  | { kind: 'kill at'; point: string; hit: number }
  /** SIGSTOP: the answer is seen this much later. */
  | { kind: 'pause'; at: number; ms: number }
  /** SIGTERM. */
  | { kind: 'abort'; at: number }
  /** The warehouse fails: nothing happened, it happened and nobody heard, or it takes long. */
  | { kind: 'warehouse'; at: number; how: 'refuses' | 'loses answer' | 'slow' }

export interface ProcessWorld {
  scheduler: Scheduler
  prng: Prng
  counters: Counters
  trace: (line: string) => void
}

interface Call<T> {
  port: 'warehouse' | 'crm'
  what: string
  latencyMs: number
  /** Takes place as the call leaves the process. */
  leaves?: () => void
  /** Takes place when the call arrives, whatever became of the process. */
  effect: () => T
}

/** Where a call stands when it is about to be answered. */
type Answer<T> = { value: T } | { error: unknown }

export class SimProcess {
  readonly name: string
  readonly abort = new AbortController()
  alive = true
  calls = 0
  /** Of its wall clock, against the warehouse's. */
  skewMs: number
  readonly #world: ProcessWorld
  readonly #fates: readonly Fate[]
  readonly #hits = new Map<string, number>()
  #outstanding = 0
  /** What is still under way is answered to nobody. */
  #over = false
  #pausedUntilMs = 0

  constructor(
    name: string,
    world: ProcessWorld,
    { fates = [], skewMs = 0 }: { fates?: readonly Fate[]; skewMs?: number },
  ) {
    this.name = name
    this.#world = world
    this.#fates = fates
    this.skewMs = skewMs
  }

  ports(): Ports {
    const { prng, scheduler } = this.#world
    const crashPoints: CrashPoints = { at: (point) => this.#reach(point) }
    return {
      clock: {
        nowMs: () => scheduler.nowMs + this.skewMs,
        monotonicMs: () => scheduler.nowMs,
        sleep: (ms, signal) => this.#sleep(ms, signal),
      },
      random: { hex: (bytes) => prng.hex(bytes), unit: () => prng.unit() },
      http: () => Promise.reject(new TypeError('no network in a simulation')),
      crashPoints,
    }
  }

  start(): void {
    this.#world.scheduler.computing.add(this)
  }

  ended(): void {
    this.#over = true
    this.#world.scheduler.computing.delete(this)
    this.#world.scheduler.activity += 1
  }

  kill(why: string): void {
    if (!this.alive) return
    this.alive = false
    this.#world.trace(`${this.name} dies: ${why}`)
    this.ended()
  }

  call<T>(call: Call<T>): Promise<T> {
    if (!this.alive) return never()
    this.calls += 1
    const number = this.calls
    this.#issued()
    this.#world.trace(`${this.name} #${number} ${call.what}`)
    const fates = this.#fates.filter((fate) => 'at' in fate && fate.at === number)
    if (this.#killedBefore(fates)) return never()
    call.leaves?.()
    return new Promise<T>((resolve, reject) => {
      this.#world.scheduler.in(call.latencyMs + this.#delay(call, fates), () => {
        const answer = this.#takeEffect(call, fates)
        this.#world.scheduler.in(1, () =>
          this.#answer(fates, () => ('value' in answer ? resolve(answer.value) : reject(answer.error))),
        )
      })
      this.#strike(fates)
    })
  }

  #killedBefore(fates: readonly Fate[]): boolean {
    if (!fates.some((fate) => fate.kind === 'kill' && fate.when === 'before')) return false
    this.#count('kill before a call')
    this.kill('before the call')
    return true
  }

  #delay(call: Call<unknown>, fates: readonly Fate[]): number {
    if (call.port !== 'warehouse' || !fates.some((fate) => fate.kind === 'warehouse' && fate.how === 'slow')) return 0
    this.#count('warehouse slow')
    return 20_000
  }

  #strike(fates: readonly Fate[]): void {
    for (const fate of fates) {
      if (fate.kind === 'kill' && fate.when === 'under way') {
        this.#count('kill under way')
        this.kill('while the call was under way')
      }
      if (fate.kind === 'pause') {
        this.#count(fate.ms > 120_000 ? 'pause longer than the lease' : 'pause')
        this.#pausedUntilMs = this.#world.scheduler.nowMs + fate.ms
      }
      if (fate.kind === 'abort') {
        this.#count('signal')
        this.abort.abort(new DOMException('SIGTERM', 'AbortError'))
      }
    }
  }

  #takeEffect<T>(call: Call<T>, fates: readonly Fate[]): Answer<T> {
    const fault = fates.find((fate) => fate.kind === 'warehouse')
    const how = call.port === 'warehouse' && fault?.kind === 'warehouse' ? fault.how : undefined
    if (how === 'refuses') {
      this.#count('warehouse refuses')
      return { error: lost('transient', 'the connection was refused') }
    }
    const answer = attempt(call.effect)
    if (how !== 'loses answer') return answer
    this.#count('warehouse loses an answer')
    return { error: lost('unknown', 'the connection broke before the answer came') }
  }

  #answer(fates: readonly Fate[], give: () => void): void {
    if (!this.alive) return
    const waitMs = this.#pausedUntilMs - this.#world.scheduler.nowMs
    if (waitMs > 0) {
      this.#world.scheduler.in(waitMs, () => this.#answer(fates, give))
      return
    }
    if (fates.some((fate) => fate.kind === 'kill' && fate.when === 'after')) {
      this.#count('kill after an answer')
      this.kill('when the answer came')
      return
    }
    this.#answered()
    give()
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.alive) return never()
    if (signal?.aborted) return Promise.reject(signal.reason)
    this.#issued()
    return new Promise((resolve, reject) => {
      let over = false
      const end = (give: () => void): void => {
        if (over) return
        over = true
        this.#answer([], give)
      }
      this.#world.scheduler.in(ms, () => end(resolve))
      signal?.addEventListener('abort', () => end(() => reject(signal.reason)), { once: true })
    })
  }

  #reach(point: string): void {
    const hit = (this.#hits.get(point) ?? 0) + 1
    this.#hits.set(point, hit)
    this.#count(`reached ${point}`)
    const struck = this.#fates.some((fate) => fate.kind === 'kill at' && fate.point === point && fate.hit === hit)
    if (!struck || !this.alive) return
    this.#count(`kill at ${point}`)
    this.kill(`at ${point}`)
  }

  #issued(): void {
    this.#outstanding += 1
    this.#world.scheduler.activity += 1
    this.#world.scheduler.computing.delete(this)
  }

  #answered(): void {
    this.#outstanding -= 1
    if (this.#outstanding === 0 && !this.#over) this.#world.scheduler.computing.add(this)
  }

  #count(what: string): void {
    this.#world.counters.add(what)
  }
}

function attempt<T>(effect: () => T): Answer<T> {
  try {
    return { value: effect() }
  } catch (error) {
    return { error }
  }
}

function lost(kind: 'transient' | 'unknown', message: string): WarehouseError {
  return new WarehouseError(kind, { code: 'E-WH-CONNECT', message })
}

function never(): Promise<never> {
  return new Promise(() => {})
}
