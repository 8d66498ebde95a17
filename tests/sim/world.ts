/**
 * One world: the production runner against a simulated warehouse and CRM. First everything may fail; then nothing fails any more,
 * and the sync must come to rest with everything in its place.
 */
import { createHash } from 'node:crypto'
import { BackfeedError } from '../../runner/errors.ts'
import { executeSync, type SyncResult } from '../../runner/sync/execute-sync.ts'
import { pauseStatement } from '../../runner/sync/pauses.ts'
import { appliedRun } from '../../runner/sync/run-key.ts'
import type { Session } from '../../runner/sync/session.ts'
import { findSendProblems } from './check-send.ts'
import { Counters } from './counters.ts'
import { CrmStore, type SentRequest } from './crm-store.ts'
import { countErrand, purposeOf, refuseBefore, savePlan, verbOf } from './errands.ts'
import type { RunStep, Scenario, Step } from './scenario.ts'
import { createPrng, EPOCH_MS, type Prng, Scheduler } from './scheduler.ts'
import { simDestination, type Weather } from './sim-destination.ts'
import { SimProcess } from './sim-process.ts'
import { makeSession } from './sim-session.ts'
import { simWarehouse } from './sim-warehouse.ts'
import { emailOf, idOf, refusedValue, SourceTable } from './source-table.ts'
import type { Stage, Variant } from './variants.ts'
import { type WatchedTemplates, watchTemplates } from './watch-templates.ts'

/** What a mutant changes of the production code's surroundings; the production code itself is never touched. */
export interface Tamper {
  session?: (session: Session, process: SimProcess) => Session
  destination?: (destination: ReturnType<typeof simDestination>, world: World) => ReturnType<typeof simDestination>
}

export interface RunRecord {
  process: SimProcess
  step: RunStep
  runId?: string
  result?: SyncResult
  applied?: string
  error?: BackfeedError
  /** Neither a result nor an error of ours. */
  broken?: unknown
  done: boolean
}

export interface Violation {
  check: string
  what: string
}

export const calmRun: RunStep = {
  do: 'run',
  verb: 'run',
  pick: 1,
  key: undefined,
  waits: false,
  skewMs: 0,
  fates: [],
  writes: [],
  reads: [],
}

export class World {
  readonly scheduler: Scheduler
  readonly prng: Prng
  readonly counters = new Counters()
  readonly variant: Variant
  readonly crm: CrmStore
  readonly source: SourceTable
  readonly runs: RunRecord[] = []
  /** Plan files of this world, sealed and known to the warehouse. */
  readonly planFiles: string[] = []
  readonly violations: Violation[] = []
  readonly trace: string[] | undefined
  readonly stage: Stage
  readonly scenario: Scenario
  /** The templates, and what the last sync saw of itself. */
  readonly templates: WatchedTemplates
  readonly #tamper: Tamper
  readonly #hash = createHash('sha256')
  #outage: { untilMs: number; applies: boolean } = { untilMs: 0, applies: false }
  #calm = false

  constructor(
    stage: Stage,
    scenario: Scenario,
    { tamper = {}, trace = false }: { tamper?: Tamper; trace?: boolean } = {},
  ) {
    const variant = stage.variants.get(scenario.variant)
    if (!variant) throw new RangeError(`no variant ${scenario.variant}`)
    this.stage = stage
    this.templates = watchTemplates(stage.environment)
    this.scenario = scenario
    this.variant = variant
    this.#tamper = tamper
    this.trace = trace ? [] : undefined
    this.prng = createPrng(scenario.seed)
    this.scheduler = new Scheduler(this.prng)
    const nowMs = (): number => this.scheduler.nowMs
    stage.store.clock.nowMs = nowMs
    stage.store.clear()
    this.crm = new CrmStore({ refusedValue, ...(variant.unique && { uniqueField: variant.match }) }, nowMs)
    this.source = new SourceTable(stage.store)
    this.source.fill(scenario.rows)
    for (let row = 0; row < 6; row += 1) if ((scenario.existing >> row) & 1) this.#userMakes(row, 'was here')
  }

  /** Everything may fail. */
  async stormy(): Promise<void> {
    for (const step of this.scenario.steps) {
      await this.scheduler.until(this.scheduler.nowMs + step.afterMs)
      this.#take(step)
      await this.scheduler.settle()
    }
    await this.scheduler.untilIdle()
  }

  /** Nothing fails any more: one run, from its beginning to its end. */
  async calmly(change: Partial<RunStep> = {}): Promise<RunRecord> {
    this.#calm = true
    const record = this.#run({ ...calmRun, ...change })
    await this.scheduler.settle()
    await this.scheduler.untilIdle()
    return record
  }

  async letPass(ms: number): Promise<void> {
    await this.scheduler.until(this.scheduler.nowMs + ms)
  }

  /** What a revert has paused goes on. */
  resume(): void {
    const { environment, target, store } = this.stage
    const { name } = this.variant.sync
    if (store.select('select 1 from backfeed.sync_pause').length === 0) return
    this.say(`user resumes ${name}`)
    this.counters.add('user resumes')
    store.exec(pauseStatement({ environment, target, actor: 'user' }, { event: 'resumed', sync: name }))
  }

  violated(check: string, what: string): void {
    this.violations.push({ check, what })
    this.say(`VIOLATION ${check}: ${what}`)
  }

  say(line: string): void {
    const text = `${String(this.scheduler.nowMs - EPOCH_MS).padStart(9)} ${line}`
    this.#hash.update(`${text}\n`)
    this.trace?.push(text)
  }

  /** Of everything that happened, in its order. Ends the trace. */
  traceHash(): string {
    return this.#hash.digest('hex').slice(0, 16)
  }

  #take(step: Step): void {
    switch (step.do) {
      case 'run':
        this.#run(step)
        return
      case 'source':
        this.say(`source ${step.what} row ${step.row} (${step.value})`)
        this.source.apply(step)
        return
      case 'outage':
        this.say(`outage for ${step.ms} ms`)
        this.#outage = { untilMs: this.scheduler.nowMs + step.ms, applies: step.applies }
        return
      case 'resume':
        this.resume()
        return
      default:
        this.say(`user ${step.what} row ${step.row} (${step.value})`)
        this.#userDoes(step.what, step.row, step.value)
    }
  }

  #userDoes(what: string, row: number, value: number): void {
    const { match, notes, sync } = this.variant
    const records = this.crm.find(match, match === 'Email__c' ? emailOf(row) : idOf(row))
    const [record] = records
    if (what === 'looks alike') {
      if (!this.variant.unique || records.length === 0) this.#userMakes(row, `alike ${value}`)
      return
    }
    if (!record) return
    this.counters.add(`user ${what}`)
    const mapped = sync.fields[0]?.to ?? ''
    if (what === 'deletes') this.crm.userDeletes(record)
    else this.crm.userEdits(record, what === 'notes' ? { [notes]: `note ${value}` } : { [mapped]: `u${value}` })
  }

  #userMakes(row: number, note: string): void {
    const { match, notes } = this.variant
    const own = match === 'Email__c' ? emailOf(row) : idOf(row)
    const segment = this.variant.sync.fields[0]?.to ?? ''
    this.crm.userCreates({ [match]: own, [notes]: note, ...(row % 2 === 0 ? { [segment]: `old${row}` } : {}) })
  }

  #run(step: RunStep): RunRecord {
    const name = `p${this.runs.length + 1}`
    const world = {
      scheduler: this.scheduler,
      prng: this.prng,
      counters: this.counters,
      trace: (line: string) => this.say(line),
    }
    const process = new SimProcess(name, world, step)
    const record: RunRecord = { process, step, done: false }
    this.runs.push(record)
    this.say(`${name} starts: ${step.errand ?? step.verb}${step.key === undefined ? '' : ` key ${step.key}`}`)
    process.start()
    this.scheduler.activity += 1
    this.#execute(record).then(
      () => this.#ended(record),
      (error: unknown) => {
        if (error instanceof BackfeedError && error.code !== 'E-INTERNAL') record.error = error
        else record.broken = error
        this.#ended(record)
      },
    )
    return record
  }

  #ended(record: RunRecord): void {
    if (!record.process.alive) return
    record.done = true
    const { result, error, applied, broken } = record
    const how = broken
      ? `broken: ${String(broken)}`
      : error
        ? error.code
        : applied
          ? 'already applied'
          : `${result?.status} exit ${result?.exitCode}`
    this.say(`${record.process.name} ends: ${how}`)
    this.counters.add(
      `run ends: ${broken ? 'broken' : error ? error.code : applied ? 'already applied' : result?.status}`,
    )
    countErrand(this, record)
    if (error) for (const { code } of error.problems) this.counters.add(`problem: ${code}`)
    if (result?.error) this.counters.add(`problem: ${result.error.code}`)
    record.process.ended()
  }

  async #execute(record: RunRecord): Promise<void> {
    const { process, step } = record
    const warehouse = simWarehouse({
      store: this.stage.store,
      process,
      prng: this.prng,
      onStatement: ({ run }) => {
        if (run.startsWith('run_')) record.runId = run
      },
    })
    const made = makeSession({
      stage: this.stage,
      environment: this.templates.environment,
      process,
      warehouse,
      step,
      purpose: purposeOf(this, step),
      isCalm: this.#calm,
    })
    const session = this.#tamper.session?.(made, process) ?? made
    const { sync } = this.variant
    const applied = await appliedRun(session, sync)
    if (applied !== undefined) {
      record.applied = applied
      return
    }
    const real = this.#destination(record)
    const destination = this.#tamper.destination?.(real, this) ?? real
    const type = sync.connection === 'salesforce' ? ('salesforce' as const) : ('hubspot' as const)
    const org = await destination.identify(session.signal)
    const crm = { type, destination, org, description: this.variant.fields, related: new Map() }
    await refuseBefore(session, { sync, crm })
    record.result = await executeSync(session, {
      sync,
      crm,
      report: { samples: 0, requests: verbOf(step) === 'plan' },
    })
    const file = step.errand === 'save' ? await savePlan(session, record.result) : undefined
    if (file !== undefined) this.planFiles.push(file)
  }

  #destination(record: RunRecord): ReturnType<typeof simDestination> {
    const { step, process } = record
    const weather: Weather = {
      writes: new Map(step.writes.map(({ nth, fault }) => [nth, fault])),
      reads: new Set(step.reads),
      outage: () =>
        this.#calm || this.scheduler.nowMs >= this.#outage.untilMs
          ? undefined
          : this.#outage.applies
            ? 'applies'
            : 'drops',
    }
    const { crm, prng, scheduler, counters, variant } = this
    const onSend = (sent: SentRequest): void => findSendProblems(this, record, sent)
    return simDestination({ crm, process, prng, scheduler, counters, weather, fields: variant.fields, onSend })
  }
}
