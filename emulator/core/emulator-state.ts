import type { Crm, CrmContext, CrmName } from './crm.ts'
import { ControlError } from './crm.ts'
import { Faults } from './faults.ts'
import { Journal, type JournalOptions } from './journal.ts'
import { SeededRandom } from './seeded-random.ts'
import { VirtualClock } from './virtual-clock.ts'

export type CreateCrm = (context: CrmContext) => Crm

/** What the snapshot file holds. The journal is not in it; its numbers go on. */
export interface EmulatorSnapshot {
  version: 1
  seed: number
  clockOffsetMs: number
  randomState: number
  journalSeq: number
  crms: Partial<Record<CrmName, unknown>>
}

export interface EmulatorStateOptions {
  seed: number
  crms: readonly CreateCrm[]
  journal?: JournalOptions
}

/** Everything behind both ports. One request is applied at a time: handling is synchronous. */
export class EmulatorState {
  readonly seed: number
  readonly clock = new VirtualClock()
  readonly random: SeededRandom
  readonly journal: Journal
  readonly faults = new Faults()
  readonly crms: readonly Crm[]
  /** Told of changes made between requests. */
  onChange: () => void = () => {}
  #currentRequest: number | 'control' = 'control'

  constructor(options: EmulatorStateOptions) {
    this.seed = options.seed
    this.random = new SeededRandom(options.seed)
    this.journal = new Journal(options.journal)
    const context: CrmContext = {
      clock: this.clock,
      random: this.random,
      currentRequest: () => this.#currentRequest,
      background: {
        during: (request, apply) => this.during(request, apply),
        changed: () => this.onChange(),
      },
    }
    this.crms = options.crms.map((create) => create(context))
  }

  crm(name: string): Crm {
    const found = this.crms.find((one) => one.name === name)
    if (!found)
      throw new ControlError(404, `no CRM named '${name}'; there are ${this.crms.map((c) => c.name).join(', ')}`)
    return found
  }

  /** Runs `apply` as request number `seq`, so that the record versions it makes name it. */
  during<T>(seq: number | 'control', apply: () => T): T {
    const before = this.#currentRequest
    this.#currentRequest = seq
    try {
      return apply()
    } finally {
      this.#currentRequest = before
    }
  }

  /** As freshly started with the same seed: records, schemas, histories, journal, faults and clock. */
  reset(): void {
    this.random.state = this.seed
    this.clock.offsetMs = 0
    this.journal.clear()
    this.faults.clear()
    for (const crm of this.crms) crm.reset()
  }

  snapshot(): EmulatorSnapshot {
    return {
      version: 1,
      seed: this.seed,
      clockOffsetMs: this.clock.offsetMs,
      randomState: this.random.state,
      journalSeq: this.journal.lastSeq,
      crms: Object.fromEntries(this.crms.map((crm) => [crm.name, crm.snapshot()])),
    }
  }

  restore(snapshot: EmulatorSnapshot): void {
    for (const crm of this.crms) {
      const held = snapshot.crms[crm.name]
      if (held !== undefined) crm.restore(held)
    }
    this.clock.offsetMs = snapshot.clockOffsetMs
    this.random.state = snapshot.randomState
    this.journal.continueFrom(snapshot.journalSeq)
  }
}
