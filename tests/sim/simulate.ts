/** One seed from its first event to its verdict. */
import { checkHistory } from './check-history.ts'
import { checkInvariants } from './check-invariants.ts'
import { checkLedger, countPaths } from './check-ledger.ts'
import { checkRest } from './check-rest.ts'
import type { Counters } from './counters.ts'
import type { Scenario } from './scenario.ts'
import type { Stage } from './variants.ts'
import { type RunRecord, type Tamper, type Violation, World } from './world.ts'

export interface Verdict {
  violations: readonly Violation[]
  counters: Counters
  traceHash: string
  /** Only when it was asked for. */
  trace: readonly string[]
  runs: number
}

export interface SimulateOptions {
  tamper?: Tamper
  trace?: boolean
}

/** More runs than any chain of settle times needs. */
const mostCalmRuns = 12
/** Longer than a lease and than the time after which an unknown outcome is looked at again. */
const betweenCalmRunsMs = 200_000

export async function simulate(stage: Stage, scenario: Scenario, options: SimulateOptions = {}): Promise<Verdict> {
  const world = new World(stage, scenario, options)
  await world.stormy()
  checkEndings(world)
  await comeToRest(world)
  if (world.violations.length === 0) await checkRest(world)
  checkHistory(world)
  checkLedger(world)
  await checkInvariants(world)
  countPaths(world)
  return {
    violations: world.violations,
    counters: world.counters,
    trace: world.trace ?? [],
    traceHash: world.traceHash(),
    runs: world.runs.length,
  }
}

async function comeToRest(world: World): Promise<void> {
  world.resume()
  for (let count = 0; count < mostCalmRuns; count += 1) {
    await world.letPass(betweenCalmRunsMs)
    const record = await world.calmly()
    checkEnding(world, record)
    if (record.error || record.broken || !record.done) {
      world.violated('liveness', `a run without faults ends with ${record.error?.message ?? String(record.broken)}`)
      return
    }
    const { result } = record
    if (result?.plan?.counts.send === 0 && result.unresolved === 0) return
  }
  world.violated('liveness', `still something to send after ${mostCalmRuns} runs without faults`)
}

function checkEndings(world: World): void {
  for (const record of world.runs) checkEnding(world, record)
}

const expectedErrors = /^E-(RUN|WH|CRM|PLAN|REV|BUDGET|GUARD)-/

/** What a run says of itself: it ends, in words a person can act on, and its numbers add up. */
function checkEnding(world: World, { process, done, broken, error, result }: RunRecord): void {
  const { name } = process
  if (process.alive && !done) world.violated('ending', `${name} never ends`)
  if (broken !== undefined && !process.abort.signal.aborted)
    world.violated('ending', `${name} breaks: ${String(broken)}`)
  if (error && !expectedErrors.test(error.code)) world.violated('ending', `${name} ends with ${error.message}`)
  if (!result?.totals || result.plan === undefined || result.status === 'refused') return
  const { succeeded, rejected, retryable, unknown } = result.totals
  const { send } = result.plan.counts
  if (succeeded + rejected + retryable + unknown !== send)
    world.violated('sums', `${name}: ${send} planned, ${succeeded} + ${rejected} + ${retryable} + ${unknown} told`)
  if (result.exitCode === 0 && succeeded !== send) world.violated('sums', `${name} says all is well and it is not`)
}
