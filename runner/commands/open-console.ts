/** Wires stdout, stderr, colours, live line and log level of one invocation. */
import type { LogBus, LogLevel } from '../log.ts'
import { type Console, createConsole } from '../output/console.ts'
import { consoleSink } from '../output/sinks.ts'
import { createStatusLine, type StatusLine, wantsStatusLine } from '../output/status-line.ts'
import { colourStyle, plainStyle, type Style, wantsColour } from '../output/style.ts'
import type { Ports } from '../ports.ts'
import type { Redactor } from '../redact.ts'
import type { Arguments, GlobalOptions } from './command.ts'

export interface ConsoleRequest {
  process: NodeJS.Process
  args: Arguments
  global: GlobalOptions
  log: LogBus
  redactor: Redactor
  ports: Ports
  invocationId: string
}

export function openConsole(r: ConsoleRequest): { console: Console; status: StatusLine | undefined } {
  const { stdout, stderr, env, pid } = r.process
  const format = r.args.text('log-format') === 'json' ? 'json' : 'text'
  const status =
    format === 'text' && !r.global.quiet && wantsStatusLine(env, stderr.isTTY === true)
      ? createStatusLine({
          write: (text) => stderr.write(r.redactor.text(text)),
          columns: () => stderr.columns ?? 80,
          clock: r.ports.clock,
        })
      : undefined
  const console = createConsole({
    stdout: (text) => stdout.write(text),
    stderr: (text) => stderr.write(text),
    redactor: r.redactor,
    style: styleFor(r, stdout.isTTY === true),
    noteStyle: styleFor(r, stderr.isTTY === true),
    ...(stdout.isTTY ? { columns: stdout.columns } : {}),
    ...(status === undefined ? {} : { status }),
  })
  r.log.attach(
    consoleSink({
      write: (text) => console.note(text),
      level: levelFor(r),
      format,
      style: console.noteStyle,
      json: { invocationId: r.invocationId, pid },
      ...(status === undefined ? {} : { status }),
    }),
  )
  return { console, status }
}

function styleFor(r: ConsoleRequest, isTty: boolean): Style {
  return wantsColour({ env: r.process.env, isTty, off: r.args.flag('no-color') }) ? colourStyle : plainStyle
}

function levelFor({ args, global }: ConsoleRequest): LogLevel {
  const chosen = args.text('log-level')
  if (chosen === 'debug' || chosen === 'info' || chosen === 'warn' || chosen === 'error') return chosen
  if (global.debug) return 'debug'
  return global.quiet ? 'warn' : 'info'
}
