/** How events look: dbt's line grammar for people, dbt's JSON shape for scrapers. Pure. */
import { type LogEvent, type LogLevel, levelOf, type NodeKind, type NodeVerdict, type StampedEvent } from '../log.ts'
import { escapeData } from '../redact.ts'
import { plainStyle, type Style } from './style.ts'

/** Columns of a node line before its status: wide enough for most names, narrow enough for 100-column terminals. */
const NODE_WIDTH = 68

const DONE: Readonly<Record<NodeKind, string>> = {
  model: 'built model',
  seed: 'loaded seed',
  sync: 'synced',
  plan: 'planned',
}
const FAILED: Readonly<Record<NodeKind, string>> = {
  model: 'building model',
  seed: 'loading seed',
  sync: 'syncing',
  plan: 'planning',
}
const WORD: Readonly<Record<NodeVerdict, string>> = { ok: 'OK', warn: 'WARN', error: 'ERROR', skip: 'SKIP' }
const LABEL: Readonly<Record<LogLevel, string>> = { debug: '', info: '', warn: '[WARNING]: ', error: '[ERROR]: ' }

/** `12:00:04  2 of 4 OK synced salesforce_accounts ...... [41 changed, 2 quarantined in 4.9s]` in local time. */
export function textLine(stamped: StampedEvent, style: Style = plainStyle): string {
  return `${clockTime(stamped.atMs)}  ${bodyOf(stamped.event, style)}`
}

export interface JsonLineContext {
  invocationId: string
  pid: number
}

/** dbt's log shape, one object per line: `{"info":{…},"data":{…}}`. */
export function jsonLine(stamped: StampedEvent, context: JsonLineContext): string {
  const { event } = stamped
  const info = {
    name: nameOf(event),
    code: '',
    level: levelOf(event),
    msg: bodyOf(event, plainStyle),
    ts: new Date(stamped.atMs).toISOString(),
    invocation_id: context.invocationId,
    pid: context.pid,
  }
  return JSON.stringify({ info, data: dataOf(event) })
}

function nameOf(event: LogEvent): string {
  switch (event.type) {
    case 'message':
      return event.name
    case 'node_start':
      return 'LogStartLine'
    case 'node_end':
      return 'LogResultLine'
    case 'progress':
      return 'Progress'
  }
}

function dataOf(event: LogEvent): unknown {
  if (event.type === 'message') return event.data ?? {}
  const { type: _, ...data } = event
  return data
}

function bodyOf(event: LogEvent, style: Style): string {
  switch (event.type) {
    case 'message':
      return paintLevel(event.level, `${LABEL[event.level]}${escapeData(event.message)}`, style)
    case 'node_start':
      return `${dotted(`${event.index} of ${event.total} START ${event.kind} ${escapeData(event.node)}`)} [RUN]`
    case 'node_end':
      return nodeEnd(event, style)
    case 'progress':
      return `${escapeData(event.label)} ${event.done}${event.total === undefined ? '' : ` of ${event.total}`}`
  }
}

function nodeEnd(event: Extract<LogEvent, { type: 'node_end' }>, style: Style): string {
  const verb = event.verdict === 'ok' || event.verdict === 'warn' ? DONE[event.kind] : FAILED[event.kind]
  const left = dotted(`${event.index} of ${event.total} ${WORD[event.verdict]} ${verb} ${escapeData(event.node)}`)
  const detail = event.detail === '' ? WORD[event.verdict] : escapeData(event.detail)
  const status = `[${detail} in ${event.seconds.toFixed(2)}s]`
  const paint = { ok: style.green, warn: style.yellow, error: style.red, skip: style.yellow }[event.verdict]
  return `${left} ${paint(status)}`
}

function paintLevel(level: LogLevel, text: string, style: Style): string {
  if (level === 'error') return style.red(text)
  if (level === 'warn') return style.yellow(text)
  return level === 'debug' ? style.dim(text) : text
}

function dotted(text: string): string {
  return `${text} `.padEnd(NODE_WIDTH, '.')
}

function clockTime(atMs: number): string {
  const date = new Date(atMs)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, '0')).join(':')
}
