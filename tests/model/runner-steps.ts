/** What a runner does next, as runner/sync does it (protocol A4, A5, A8). Every function changes the world it is given. */
import type { Protocol } from './protocol.ts'
import { type OpenRun, type Runner, valueAt, type World } from './state.ts'

export function holdsLease(world: World, runner: Runner): boolean {
  return world.lease.held && world.lease.epoch === runner.epoch
}

export function mayAcquire(world: World, { lease }: Protocol): boolean {
  return !lease || !world.lease.held || world.lease.expired
}

/** The lease with the next epoch, and the row that says that this run exists. */
export function acquire(world: World, runner: Runner, protocol: Protocol): void {
  world.lease = { epoch: world.lease.epoch + 1, held: true, expired: false }
  runner.epoch = world.lease.epoch
  world.open.push({ epoch: runner.epoch, announced: null, verdict: 'none', record: -1 })
  // What happens to older runs in between changes nothing of what is found, so this is one step; to newer ones it does.
  if (protocol.closesOnlyOlder) findOpenRuns(world, runner, protocol)
  else runner.step = 'recover'
}

/** Reads which runs have not ended. */
export function findOpenRuns(world: World, runner: Runner, { closesOnlyOlder, verdictsBeforeClosing }: Protocol): void {
  const found = world.open.filter(({ epoch }) => (closesOnlyOlder ? epoch < runner.epoch : epoch !== runner.epoch))
  runner.recovering = found.map(({ epoch }) => epoch)
  runner.step = found.length === 0 ? 'read' : verdictsBeforeClosing ? 'resolve' : 'close'
}

/** Rows that were announced and have no result: they may have been sent. */
export function resolveOrphans(world: World, runner: Runner, protocol: Protocol): void {
  for (const run of recovered(world, runner)) {
    // The log's view does not take a word about a newer epoch.
    const heard = run.epoch <= runner.epoch
    if (run.announced !== null && run.verdict === 'none' && heard)
      run.verdict = protocol.orphansAreUnknown ? 'unknown' : 'notSent'
  }
}

/** Folds what the log says of the runs that were found, and ends them. */
export function closeRuns(world: World, runner: Runner): void {
  for (const run of recovered(world, runner)) fold(world, run)
  world.open = world.open.filter(({ epoch }) => !runner.recovering.includes(epoch))
  runner.recovering = []
}

function recovered(world: World, runner: Runner): OpenRun[] {
  return world.open.filter(({ epoch }) => runner.recovering.includes(epoch))
}

/** What state holds once a run's rows are settled. */
export function fold({ state }: World, { announced, verdict, record }: OpenRun): void {
  if (announced === null) return
  if (verdict === 'acked') {
    state.acked = announced.version
    state.record = record
    state.unsettled = false
  }
  if (verdict === 'unknown') {
    state.unsettled = true
    state.sent = announced.version
  }
}

/** Nothing that was sent before can have an effect any more: true after the settling time, as long as pauses are bounded (S3). */
export function isSettled(world: World, runner: Runner, { settles }: Protocol): boolean {
  if (!settles) return true
  if (world.messages.some(({ status }) => status === 'underway')) return false
  return !world.runners.some((other) => other !== runner && other.step === 'send')
}

export function hasDrifted(world: World, runner: Runner, protocol: Protocol): boolean {
  const { state, records } = world
  const live = records[state.record]
  if (!protocol.driftCheck || state.unsettled || live === undefined) return false
  return valueAt(live.version) !== valueAt(state.acked) && isSettled(world, runner, protocol)
}

/** Looks at source, state and CRM and decides. `misses`: a search that does not find what exists. */
export function readAndDecide(world: World, runner: Runner, { protocol, misses }: Reading): void {
  const { state, source, records } = world
  const base = protocol.diffsAgainstAcknowledged ? state.acked : state.planned
  const unsettled = state.unsettled && protocol.unknownBlocks
  runner.step = 'prove'
  if (!unsettled && valueAt(base) === valueAt(source)) return
  const found = state.record >= 0 ? state.record : records.length > 0 && !misses ? 0 : -1
  const isThere = found >= 0 && valueAt(records[found]?.version ?? 0) === valueAt(source)
  if (unsettled && !isSettled(world, runner, protocol)) {
    const wasSent = valueAt(state.sent) === valueAt(source) || !protocol.adoptsOnlyWhatWasSent
    if (isThere && wasSent) adopt(world, runner, found)
  } else if (isThere) adopt(world, runner, found)
  else {
    runner.change = { op: found < 0 ? 'create' : 'update', version: source, record: found }
    // Nobody looks at the plan of another run, so that writing one's own needs no step of its own.
    if (protocol.sendsOwnPlan) writePlan(world, runner, protocol)
    else runner.step = 'plan'
  }
}

export interface Reading {
  protocol: Protocol
  misses: boolean
}

/** Remembered by the runner until it folds: a plan row without anything to send. */
function adopt(world: World, runner: Runner, record: number): void {
  runner.verdict = 'acked'
  runner.record = record
  runner.change = { op: 'update', version: world.source, record }
}

export function writePlan(world: World, runner: Runner, protocol: Protocol): void {
  if (!protocol.sendsOwnPlan) world.shared = runner.change?.version ?? 0
  if (!protocol.diffsAgainstAcknowledged) world.state.planned = runner.change?.version ?? 0
  const first = protocol.intent && protocol.checkAfterIntent ? 'intent' : 'check'
  runner.step = first
}

/** One write: the intent, and the lease renewed if it is still ours. */
export function writeIntent(world: World, runner: Runner): void {
  const run = ownRun(world, runner)
  if (run) run.announced = runner.change
  if (holdsLease(world, runner)) world.lease.expired = false
}

export function afterIntent({ resultAfterAnswer, checkAfterIntent }: Protocol): Runner['step'] {
  if (!resultAfterAnswer) return 'ackEarly'
  return checkAfterIntent ? 'check' : 'send'
}

export function writeResult(world: World, runner: Runner): void {
  const run = ownRun(world, runner)
  // Without an intent the result names its row itself.
  if (run) run.announced ??= runner.change
  // The recoverer's word has a higher epoch and stands.
  if (run === undefined || run.verdict !== 'none') runner.verdict = run?.verdict ?? 'unknown'
  else {
    run.verdict = runner.verdict
    run.record = runner.record
  }
}

export function send(world: World, runner: Runner, protocol: Protocol): void {
  const { change } = runner
  if (change === null) return
  runner.sends += 1
  world.messages.push({
    ...change,
    version: protocol.sendsOwnPlan ? change.version : world.shared,
    from: runner.epoch,
    token: protocol.fencePerAttempt ? runner.epoch * 100 + runner.sends : runner.epoch,
    awaited: true,
    status: 'underway',
    answer: -1,
  })
  runner.step = 'wait'
}

/** Only where a run plans twice: its unknown row is folded, and the key is looked at once more. */
export function planAgain(world: World, runner: Runner): void {
  const run = ownRun(world, runner)
  if (run) {
    fold(world, run)
    Object.assign(run, { announced: null, verdict: 'none', record: -1 })
  }
  Object.assign(runner, { change: null, verdict: 'none', record: -1, step: 'read' })
}

/** The end of a run: what its plan says and the log knows into state, and the event that ends it, in one write. */
export function foldOwn(world: World, runner: Runner): void {
  const { epoch, change, verdict, record } = runner
  fold(world, { epoch, announced: change, verdict, record })
  world.open = world.open.filter((run) => run.epoch !== epoch)
}

export function ownRun(world: World, runner: Runner): OpenRun | undefined {
  return world.open.find(({ epoch }) => epoch === runner.epoch)
}
