/** One key in a world with a warehouse, a CRM, a network between them and up to two runners. */
import type { Bounds } from './protocol.ts'

/** Where a runner stands: what it does next. */
export type Step =
  | 'acquire'
  | 'recover'
  | 'resolve'
  | 'close'
  | 'read'
  | 'plan'
  | 'intent'
  | 'ackEarly'
  | 'check'
  | 'send'
  | 'wait'
  | 'flush'
  | 'prove'
  | 'fold'
  | 'release'

export type Op = 'create' | 'update'
/** `acked`: the CRM said so, or the live value is what was sent. */
export type Verdict = 'none' | 'acked' | 'unknown' | 'notSent'

export interface Change {
  op: Op
  /** Version of the source that is written. */
  version: number
  /** Record it is written to; -1 for a create. */
  record: number
}

/** A run that the log does not call ended. */
export interface OpenRun {
  epoch: number
  /** What may have been sent; null before the intent is durable. */
  announced: Change | null
  verdict: Verdict
  record: number
}

export interface Runner {
  step: Step
  /** Of its lease; 0 before it has one. */
  epoch: number
  change: Change | null
  /** What it knows of its own request. */
  verdict: Verdict
  record: number
  /** Requests made under this epoch. */
  sends: number
  /** Epochs of the runs it is recovering, and what it read of them. */
  recovering: number[]
}

export interface Message {
  op: Op
  version: number
  record: number
  /** Epoch of the sender. */
  from: number
  token: number
  /** Somebody waits for the answer. */
  awaited: boolean
  status: 'underway' | 'answered' | 'refused' | 'lost'
  answer: number
}

export interface World {
  /** Newest version of the source. Odd and even versions hold two values, so that a value may come back. */
  source: number
  lease: { epoch: number; held: boolean; expired: boolean }
  /** What the warehouse holds of the key: the fold of the log. */
  state: { acked: number; record: number; unsettled: boolean; sent: number; planned: number }
  /** Body of the change in the table that all runs of the sync share. */
  shared: number
  open: OpenRun[]
  records: { version: number; token: number }[]
  newestApplied: number
  messages: Message[]
  /** Those with a lease first, the newest before the others. */
  runners: Runner[]
  left: Bounds & { misses: number }
  violation: string
}

export function firstWorld(bounds: Bounds): World {
  return {
    source: 1,
    lease: { epoch: 0, held: false, expired: true },
    state: { acked: 0, record: -1, unsettled: false, sent: 0, planned: 0 },
    shared: 0,
    open: [],
    records: [],
    newestApplied: 0,
    messages: [],
    runners: [],
    left: { ...bounds, misses: 1 },
    violation: '',
  }
}

export function copyOf(world: World): World {
  return {
    ...world,
    lease: { ...world.lease },
    state: { ...world.state },
    open: world.open.map((run) => ({ ...run })),
    records: world.records.map((record) => ({ ...record })),
    messages: world.messages.map((message) => ({ ...message })),
    runners: world.runners.map((runner) => ({ ...runner })),
    left: { ...world.left },
  }
}

export function newRunner(): Runner {
  return {
    step: 'acquire',
    epoch: 0,
    change: null,
    verdict: 'none',
    record: -1,
    sends: 0,
    recovering: [],
  }
}

/** The value behind a version; 0 stands for none. */
export function valueAt(version: number): number {
  return version === 0 ? 0 : 1 + (version % 2)
}

/** Two worlds with the same text behave the same. */
export function textOf(world: World): string {
  const { lease, state, left } = world
  let text = codes(
    world.source, lease.epoch, +lease.held + 2 * +lease.expired, state.acked, state.record, +state.unsettled, state.sent, state.planned,
    world.shared, world.newestApplied, left.runs, left.crashes, left.timeouts, left.warehouseFaults, left.changes, left.misses,
  ) // biome-ignore format: grouped by part of the world
  text += world.violation
  for (const { epoch, announced, verdict, record } of world.open)
    text += `o${codes(epoch, record)}${verdict[0]}${changeText(announced)}`
  for (const { version, token } of world.records) text += `r${codes(version, token)}`
  for (const { op, version, record, from, token, awaited, status, answer } of world.messages)
    text += `m${op[0]}${status[0]}${codes(version, record, from, token, +awaited, answer)}`
  for (const { step, epoch, change, verdict, record, sends, recovering } of world.runners)
    text += `R${step}${verdict[0]}${codes(epoch, record, sends, ...recovering)}${changeText(change)}`
  return text
}

function changeText(change: Change | null): string {
  return change === null ? '-' : change.op[0] + codes(change.version, change.record)
}

/** One character per small number, from -1. */
function codes(...numbers: number[]): string {
  return String.fromCharCode(...numbers.map((number) => number + 49))
}
