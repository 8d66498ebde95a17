/** Where events end up: a terminal or pipe on stderr, and the log file. Everything passes the redactor first. */
import { appendFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type LogLevel, type LogSink, levelOf, type StampedEvent } from '../log.ts'
import { makeFolder } from '../make-folder.ts'
import type { Redactor } from '../redact.ts'
import { type JsonLineContext, jsonLine, textLine } from './log-lines.ts'
import type { StatusLine } from './status-line.ts'
import type { Style } from './style.ts'

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 }

export interface ConsoleSinkOptions {
  write: (text: string) => void
  level: LogLevel
  format: 'text' | 'json'
  style: Style
  json: JsonLineContext
  /** Present only on a terminal. */
  status?: StatusLine
}

export function consoleSink(o: ConsoleSinkOptions): LogSink {
  return (stamped) => {
    if (stamped.event.type === 'progress') {
      o.status?.show(stamped.event)
      if (o.level !== 'debug' || o.status !== undefined) return
    }
    if (RANK[levelOf(stamped.event)] < RANK[o.level]) return
    o.write(`${o.format === 'json' ? jsonLine(stamped, o.json) : textLine(stamped, o.style)}\n`)
  }
}

export interface LogFileOptions {
  path: string
  redactor: Redactor
  maxBytes: number
  /** Rotated files kept beside the current one: backfeed.log.1 is the youngest. */
  keep: number
}

/** Everything at debug level, without progress ticks. A log file that cannot be written stops itself, not the run. */
export function fileSink(o: LogFileOptions): LogSink {
  let size = openLog(o.path)
  return (stamped) => {
    if (size === undefined || stamped.event.type === 'progress') return
    const line = `${o.redactor.text(fileLine(stamped))}\n`
    try {
      if (size + line.length > o.maxBytes) {
        rotate(o.path, o.keep)
        size = 0
      }
      appendFileSync(o.path, line, { mode: 0o600 })
      size += line.length
    } catch {
      size = undefined
    }
  }
}

function fileLine(stamped: StampedEvent): string {
  const data = stamped.event.type === 'message' ? stamped.event.data : undefined
  const level = levelOf(stamped.event).padEnd(5)
  const text = textLine(stamped).slice('00:00:00  '.length)
  return `${new Date(stamped.atMs).toISOString()} ${level} ${text}${data === undefined ? '' : ` ${JSON.stringify(data)}`}`
}

function openLog(path: string): number | undefined {
  try {
    makeFolder(dirname(path))
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0
  } catch {
    return undefined
  }
}

function rotate(path: string, keep: number): void {
  rmSync(`${path}.${keep}`, { force: true })
  for (let n = keep - 1; n >= 0; n -= 1) {
    const from = n === 0 ? path : `${path}.${n}`
    if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${path}.${n + 1}`)
  }
}
