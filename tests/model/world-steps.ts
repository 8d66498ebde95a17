/** Every next world: what runners do, what may befall them, what the network and the people around do. */
import { applyMessage } from './crm.ts'
import { forget } from './forget.ts'
import type { Protocol } from './protocol.ts'
import {
  acquire,
  afterIntent,
  closeRuns,
  findOpenRuns,
  foldOwn,
  hasDrifted,
  holdsLease,
  mayAcquire,
  planAgain,
  readAndDecide,
  resolveOrphans,
  send,
  writeIntent,
  writePlan,
  writeResult,
} from './runner-steps.ts'
import { copyOf, newRunner, type Runner, type Step, type World } from './state.ts'

export interface Successor {
  label: string
  /** Part of a run without faults. */
  isClean: boolean
  world: World
}

export function successors(world: World, protocol: Protocol): Successor[] {
  if (world.violation !== '') return []
  const list = new Successors(world, protocol)
  list.surroundings()
  list.network()
  for (const index of world.runners.keys()) list.runner(index)
  return list.found
}

type Act = (world: World, runner: Runner) => void

class Successors {
  readonly found: Successor[] = []
  readonly #world: World
  readonly #protocol: Protocol

  constructor(world: World, protocol: Protocol) {
    this.#world = world
    this.#protocol = protocol
  }

  surroundings(): void {
    const { left, runners, lease } = this.#world
    if (left.changes > 0)
      this.#add('source changes', false, (world) => {
        world.source += 1
        world.left.changes -= 1
      })
    if (left.runs > 0 && runners.length < 2)
      this.#add('a run starts', false, (world) => {
        world.left.runs -= 1
        world.runners.push(newRunner())
      })
    if (this.#protocol.lease && lease.held && !lease.expired)
      this.#add('the lease expires', false, (world) => {
        world.lease.expired = true
      })
  }

  network(): void {
    for (const [index, { status }] of this.#world.messages.entries()) {
      if (status !== 'underway') continue
      this.#add('the CRM takes a request', true, (world) => {
        const message = world.messages[index]
        if (message === undefined) return
        applyMessage(world, message, this.#protocol)
        dropUnawaited(world)
      })
      this.#add('a request is lost', false, (world) => {
        const message = world.messages[index]
        if (message !== undefined) message.status = 'lost'
        dropUnawaited(world)
      })
    }
  }

  runner(index: number): void {
    const runner = this.#world.runners[index]
    if (runner === undefined) return
    const name = runner.epoch === 0 ? 'new run' : `run ${runner.epoch}`
    if (this.#world.left.crashes > 0)
      this.#step(index, `${name} is killed before ${runner.step}`, false, (world, self) => {
        world.left.crashes -= 1
        end(world, self)
      })
    const write = (label: string, act: Act, next: Step | Act) => this.#write(index, `${name} ${label}`, act, next)
    const step = (label: string, act: Act, isClean = true) => this.#step(index, `${name} ${label}`, isClean, act)
    stepsOf[runner.step]({ world: this.#world, runner, protocol: this.#protocol, write, step })
  }

  /** A write of the warehouse: done; failed; or done while the answer is lost. The last two end the process. */
  #write(index: number, label: string, act: Act, next: Step | Act): void {
    this.#step(index, label, true, (world, runner) => {
      act(world, runner)
      if (typeof next === 'string') runner.step = next
      else next(world, runner)
    })
    if (this.#world.left.warehouseFaults === 0) return
    this.#step(index, `${label}: fails`, false, (world, runner) => {
      world.left.warehouseFaults -= 1
      end(world, runner)
    })
    this.#step(index, `${label}: done, answer lost`, false, (world, runner) => {
      world.left.warehouseFaults -= 1
      act(world, runner)
      end(world, runner)
    })
  }

  #step(index: number, label: string, isClean: boolean, act: Act): void {
    this.#add(label, isClean, (world) => {
      const runner = world.runners[index]
      if (runner !== undefined) act(world, runner)
    })
  }

  #add(label: string, isClean: boolean, act: (world: World) => void): void {
    const world = copyOf(this.#world)
    act(world)
    forget(world, this.#protocol)
    this.found.push({ label, isClean, world })
  }
}

/** The process is gone, its lease is not. */
function end(world: World, runner: Runner): void {
  for (const message of world.messages) if (message.from === runner.epoch) message.awaited = false
  dropUnawaited(world)
  world.runners = world.runners.filter((other) => other !== runner)
}

function dropUnawaited(world: World): void {
  world.messages = world.messages.filter(({ awaited, status }) => awaited || status === 'underway')
}

interface StepContext {
  world: World
  runner: Runner
  protocol: Protocol
  write(label: string, act: Act, next: Step | Act): void
  step(label: string, act: Act, isClean?: boolean): void
}

const stepsOf: Readonly<Record<Step, (context: StepContext) => void>> = {
  acquire({ world, protocol, write, step }) {
    if (mayAcquire(world, protocol))
      write(
        'takes the lease',
        (next, self) => acquire(next, self, protocol),
        () => undefined,
      )
    else step('finds the lease held', end)
  },
  recover({ protocol, step }) {
    step('looks for open runs', (world, runner) => findOpenRuns(world, runner, protocol))
  },
  resolve({ protocol, write }) {
    const next = protocol.verdictsBeforeClosing ? 'close' : 'read'
    write('records what may have been sent', (world, runner) => resolveOrphans(world, runner, protocol), next)
  },
  close({ protocol, write }) {
    const next = protocol.verdictsBeforeClosing ? 'read' : 'resolve'
    write('folds and closes open runs', closeRunsIfOurs(protocol), (world, runner) => {
      if (runner.step === 'close') runner.step = next
      if (protocol.foldsUnderLease && !holdsLease(world, runner)) end(world, runner)
    })
  },
  read({ world, runner, protocol, step }) {
    if (hasDrifted(world, runner, protocol)) {
      step('finds drift', ({ state, records }) => {
        state.acked = records[state.record]?.version ?? state.acked
      })
      return
    }
    const mayMiss = protocol.searchLags && world.left.misses > 0 && world.state.record < 0 && world.records.length > 0
    if (mayMiss)
      step(
        'reads, and does not find the record',
        (next, self) => {
          next.left.misses -= 1
          readAndDecide(next, self, { protocol, misses: true })
        },
        false,
      )
    step('reads and decides', (next, self) => readAndDecide(next, self, { protocol, misses: false }))
  },
  plan({ protocol, write }) {
    write(
      'writes the plan',
      (world, runner) => writePlan(world, runner, protocol),
      () => undefined,
    )
  },
  intent({ protocol, write }) {
    write('writes the intent', writeIntent, afterIntent(protocol))
  },
  ackEarly({ write }) {
    write(
      'acknowledges before the call',
      (world, { change, epoch }) => {
        const run = world.open.find((open) => open.epoch === epoch)
        if (run) run.verdict = 'acked'
        world.state = { ...world.state, acked: change?.version ?? 0, record: 0 }
      },
      'check',
    )
  },
  check({ world, runner, protocol, step }) {
    const isOurs = !protocol.lease || (holdsLease(world, runner) && !world.lease.expired)
    if (!isOurs && protocol.checkBeforeSend) return step('may not send any more', end)
    step('may send', (_, self) => {
      self.step = protocol.checkAfterIntent || !protocol.intent ? 'send' : 'intent'
    })
  },
  send({ protocol, step }) {
    step('sends', (world, runner) => send(world, runner, protocol))
  },
  wait({ world, runner, protocol, step }) {
    const waiting = world.messages.find(({ from, awaited }) => awaited && from === runner.epoch)
    if (waiting === undefined) return
    const given = (next: World) => next.messages.find(({ from, awaited }) => awaited && from === runner.epoch)
    if (waiting.status === 'answered' || waiting.status === 'refused')
      step(waiting.status === 'refused' ? 'is refused by the fence' : 'is answered', (next, self) => {
        self.record = given(next)?.answer ?? -1
        self.verdict = waiting.status === 'refused' ? 'notSent' : 'acked'
        self.step = 'flush'
        next.messages = next.messages.filter((message) => message !== given(next))
      })
    if (world.left.timeouts === 0) return
    step(
      'has no answer in time',
      (next, self) => {
        next.left.timeouts -= 1
        const message = given(next)
        if (message) message.awaited = false
        dropUnawaited(next)
        self.verdict = 'unknown'
        self.step = protocol.timeoutIsUnknown ? 'flush' : 'check'
      },
      false,
    )
  },
  flush({ protocol, write }) {
    write('writes the result', writeResult, (world, runner) => {
      if (protocol.plansTwice && runner.verdict === 'unknown' && runner.sends === 1) planAgain(world, runner)
      else runner.step = 'prove'
    })
  },
  prove({ world, runner, protocol, write, step }) {
    if (!protocol.lease) return step('goes on without a lease', goOn)
    if (!holdsLease(world, runner)) return step('has lost the lease', end)
    if (!protocol.foldsUnderLease) return write('renews the lease', renew, 'fold')
    write(
      'folds and ends under its lease',
      (next, self) => {
        renew(next)
        foldOwn(next, self)
      },
      'release',
    )
  },
  fold({ write }) {
    write('folds and ends', foldOwn, 'release')
  },
  release({ step }) {
    step('gives the lease back', (world, runner) => {
      if (holdsLease(world, runner)) world.lease = { ...world.lease, held: false, expired: true }
      end(world, runner)
    })
  },
}

function goOn(_: World, runner: Runner): void {
  runner.step = 'fold'
}

function renew(world: World): void {
  world.lease.expired = false
}

function closeRunsIfOurs({ foldsUnderLease, lease }: Protocol): Act {
  return (world, runner) => {
    if (!lease || !foldsUnderLease || holdsLease(world, runner)) closeRuns(world, runner)
  }
}
