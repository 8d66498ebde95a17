/**
 * One event bus for everything the runner wants to say while it works. Producers emit events, sinks print them.
 * Events never carry row values or secrets; the sinks redact all the same.
 */
import type { Clock } from './ports.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export type LogData = Readonly<Record<string, string | number | boolean | null>>

/** `plan`: a sync that is only planned. */
export type NodeKind = 'model' | 'seed' | 'sync' | 'plan'

export type NodeVerdict = 'ok' | 'warn' | 'error' | 'skip'

export type LogEvent =
  | { type: 'message'; level: LogLevel; name: string; message: string; data?: LogData }
  /** Work on one model, seed or sync begins; `index` counts from 1. */
  | { type: 'node_start'; index: number; total: number; kind: NodeKind; node: string }
  | {
      type: 'node_end'
      index: number
      total: number
      kind: NodeKind
      node: string
      verdict: NodeVerdict
      /** What came of it, for people: "41 changed, 2 quarantined". */
      detail: string
      seconds: number
    }
  /** Only for the live line of a terminal and the debug log; there may be thousands. */
  | { type: 'progress'; label: string; done: number; total?: number }

/** An event with the moment it happened, in epoch milliseconds. */
export interface StampedEvent {
  atMs: number
  event: LogEvent
}

export type LogSink = (stamped: StampedEvent) => void

export interface Log {
  emit(event: LogEvent): void
  /** `name` is stable and in CamelCase, for log scrapers; `message` is for people. */
  debug(name: string, message: string, data?: LogData): void
  info(name: string, message: string, data?: LogData): void
  warn(name: string, message: string, data?: LogData): void
  error(name: string, message: string, data?: LogData): void
}

export interface LogBus extends Log {
  /** The sink also gets what was emitted before it was attached, so that a log file opened late is complete. */
  attach(sink: LogSink): void
}

/** Events kept for sinks that attach late. */
const REPLAY_LIMIT = 1000

export function createLogBus(clock: Pick<Clock, 'nowMs'>): LogBus {
  const sinks: LogSink[] = []
  const past: StampedEvent[] = []
  const emit = (event: LogEvent): void => {
    const stamped = { atMs: clock.nowMs(), event }
    if (past.length < REPLAY_LIMIT) past.push(stamped)
    for (const sink of sinks) sink(stamped)
  }
  const at = (level: LogLevel) => (name: string, message: string, data?: LogData) =>
    emit({ type: 'message', level, name, message, ...(data === undefined ? {} : { data }) })
  return {
    emit,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    attach(sink) {
      for (const stamped of past) sink(stamped)
      sinks.push(sink)
    },
  }
}

/** A log nobody listens to, for tests and library use. */
export function silentLog(): Log {
  return createLogBus({ nowMs: () => 0 })
}

export function levelOf(event: LogEvent): LogLevel {
  switch (event.type) {
    case 'message':
      return event.level
    case 'node_start':
      return 'info'
    case 'node_end':
      return event.verdict === 'error' ? 'error' : event.verdict === 'warn' ? 'warn' : 'info'
    case 'progress':
      return 'debug'
  }
}
