/** What happens in a world, as data: fast-check makes it from a seed and shrinks it when a check fails. */
import fc from 'fast-check'
import { type WriteFault, writeFaults } from './sim-destination.ts'
import type { Fate } from './sim-process.ts'
import { type VariantName, variantNames } from './variants.ts'

/** Verbs that open a sync run for something else than `run` and `plan` do; `save` is `plan --out`. */
export const errands = ['save', 'apply', 'revert', 'preview revert', 'drift', 'repair', 'reconcile'] as const
export type Errand = (typeof errands)[number]

export interface RunStep {
  do: 'run'
  verb: 'run' | 'plan'
  /** In the place of the verb. */
  errand?: Errand
  /** Which plan file is applied, which run is reverted: counted from the last, from 1. */
  pick: number
  /** Of the orchestrator: the same key is the same trigger. */
  key: number | undefined
  waits: boolean
  skewMs: number
  fates: readonly Fate[]
  writes: readonly { nth: number; fault: WriteFault }[]
  reads: readonly number[]
}

export interface SourceStep {
  do: 'source'
  what: 'inserts' | 'changes' | 'deletes' | 'repeats' | 'blanks' | 'spoils' | 'unnames'
  row: number
  value: number
}

export interface UserStep {
  do: 'user'
  what: 'edits' | 'notes' | 'deletes' | 'looks alike'
  row: number
  value: number
}

export interface OutageStep {
  do: 'outage'
  ms: number
  applies: boolean
}

/** A person lets a sync run again that a revert has paused. */
export interface ResumeStep {
  do: 'resume'
}

export type Step = { afterMs: number } & (RunStep | SourceStep | UserStep | OutageStep | ResumeStep)

export interface Scenario {
  variant: VariantName
  /** Of everything that is not said here: latencies, ids, ties. */
  seed: number
  rows: number
  /** Bit n: the CRM has a record for row n before anything runs. */
  existing: number
  steps: readonly Step[]
}

export const rowCount = 6

/** Of a run of some fifty calls; what is sent, is sent behind the first forty. */
const call = fc.oneof(
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 70 }) },
  { weight: 2, arbitrary: fc.integer({ min: 40, max: 58 }) },
)
const points = ['CP08', 'CP09', 'CP11', 'CP24', 'CP26']

const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.record({
    kind: fc.constant('kill' as const),
    at: call,
    when: fc.constantFrom('before' as const, 'under way' as const, 'after' as const),
  }),
  fc.record({
    kind: fc.constant('kill at' as const),
    point: fc.constantFrom(...points),
    hit: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant('pause' as const), at: call, ms: fc.constantFrom(8_000, 100_000, 130_000, 290_000) }),
  fc.record({ kind: fc.constant('abort' as const), at: call }),
  fc.record({
    kind: fc.constant('warehouse' as const),
    at: call,
    how: fc.constantFrom('refuses' as const, 'loses answer' as const, 'slow' as const),
  }),
)

const fault: fc.Arbitrary<WriteFault> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...writeFaults) },
  { weight: 1, arbitrary: fc.constant('far too late' as const) },
)

const run: fc.Arbitrary<RunStep & { pick: 1 }> = fc.record({
  do: fc.constant('run' as const),
  pick: fc.constant(1 as const),
  verb: fc.oneof(
    { weight: 8, arbitrary: fc.constant('run' as const) },
    { weight: 1, arbitrary: fc.constant('plan' as const) },
  ),
  key: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) },
  ),
  waits: fc.boolean(),
  skewMs: fc.constantFrom(0, 0, 0, 3_600_000, -3_600_000),
  fates: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(fate, { minLength: 1, maxLength: 2 }) },
  ),
  writes: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    {
      weight: 3,
      arbitrary: fc.array(fc.record({ nth: fc.integer({ min: 1, max: 4 }), fault }), {
        minLength: 1,
        maxLength: 4,
        size: 'max',
      }),
    },
  ),
  reads: fc.oneof({ weight: 12, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.constant([1]) }),
})

const row = fc.integer({ min: 0, max: rowCount - 1 })
const value = fc.integer({ min: 1, max: 99 })

const source: fc.Arbitrary<SourceStep> = fc.record({
  do: fc.constant('source' as const),
  what: fc.constantFrom(
    'inserts',
    'changes',
    'changes',
    'changes',
    'deletes',
    'repeats',
    'blanks',
    'spoils',
    'unnames',
  ),
  row,
  value,
})

const user: fc.Arbitrary<UserStep> = fc.record({
  do: fc.constant('user' as const),
  what: fc.constantFrom('edits', 'edits', 'notes', 'deletes', 'looks alike'),
  row,
  value,
})

const outage: fc.Arbitrary<OutageStep> = fc.record({
  do: fc.constant('outage' as const),
  ms: fc.constantFrom(5_000, 90_000, 400_000),
  applies: fc.boolean(),
})

const afterMs = fc.constantFrom(0, 150, 600, 3_000, 20_000, 125_000, 160_000, 300_000)

const step: fc.Arbitrary<Step> = fc
  .tuple(
    afterMs,
    fc.oneof(
      { weight: 8, arbitrary: run },
      { weight: 5, arbitrary: source },
      { weight: 3, arbitrary: user },
      { weight: 1, arbitrary: outage },
    ),
  )
  .map(([after, what]) => ({ afterMs: after, ...what }))

/** Half of them meet no fault of their own: most verbs do something only after others went well. */
const errand: fc.Arbitrary<RunStep> = fc
  .tuple(
    run,
    fc.constantFrom<Errand[]>(...errands, 'save', 'save', 'apply', 'apply', 'revert', 'drift'),
    fc.constantFrom(1, 1, 2, 3),
    fc.boolean(),
  )
  .map(([step, what, pick, faulty]) => ({
    ...step,
    ...(faulty ? {} : { fates: [], writes: [], reads: [] }),
    errand: what,
    pick,
  }))

const editing: fc.Arbitrary<UserStep> = user.map((step) => ({ ...step, what: 'edits' as const }))

const calmer = run.map((step) => ({ ...step, fates: [] }))

const wideStep: fc.Arbitrary<Step> = fc
  .tuple(
    afterMs,
    fc.oneof(
      { weight: 2, arbitrary: run },
      { weight: 2, arbitrary: calmer },
      { weight: 9, arbitrary: errand },
      { weight: 4, arbitrary: source },
      { weight: 2, arbitrary: user },
      { weight: 5, arbitrary: editing },
      { weight: 1, arbitrary: outage },
      { weight: 1, arbitrary: fc.constant({ do: 'resume' as const }) },
    ),
  )
  .map(([after, what]) => ({ afterMs: after, ...what }))

function scenariosOf(steps: fc.Arbitrary<Step>): fc.Arbitrary<Scenario> {
  return fc.record({
    variant: fc.constantFrom(...variantNames),
    seed: fc.integer({ min: 0, max: 0x7fffffff }),
    rows: fc.integer({ min: 2, max: rowCount }),
    existing: fc.integer({ min: 0, max: 2 ** rowCount - 1 }),
    steps: fc.array(steps, { minLength: 3, maxLength: 9, size: 'max' }),
  })
}

const common = scenariosOf(step)
const wide = scenariosOf(wideStep)

/** Every fifth world meets all verbs: they take longer, and the others hold the protocol of a run down more often. */
export function scenariosFor(number: number): fc.Arbitrary<Scenario> {
  return number % 5 === 0 ? wide : common
}

/** The scenario of a number. The same number gives the same scenario in every process. */
export function scenarioOf(number: number): Scenario {
  const [made] = fc.sample(scenariosFor(number), { seed: number, numRuns: 1 })
  if (made === undefined) throw new RangeError(`no scenario for ${number}`)
  return made
}
