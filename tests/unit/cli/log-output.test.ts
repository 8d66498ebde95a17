import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLogBus, type LogEvent } from '../../../runner/log.ts'
import { createConsole } from '../../../runner/output/console.ts'
import { jsonLine, textLine } from '../../../runner/output/log-lines.ts'
import { consoleSink, fileSink } from '../../../runner/output/sinks.ts'
import { createStatusLine, statusText, wantsStatusLine } from '../../../runner/output/status-line.ts'
import { colourStyle, plainStyle, wantsColour } from '../../../runner/output/style.ts'
import { createRedactor } from '../../../runner/redact.ts'

const AT = new Date(2026, 10, 22, 12, 0, 4).getTime()
const context = { invocationId: 'inv', pid: 42 }

const end: LogEvent = {
  type: 'node_end',
  index: 2,
  total: 4,
  kind: 'sync',
  node: 'salesforce_accounts',
  verdict: 'ok',
  detail: '41 changed, 2 quarantined',
  seconds: 4.9,
}

describe('lines', () => {
  test("follow dbt's grammar", () => {
    expect(textLine({ atMs: AT, event: end })).toMatch(
      /^12:00:04 {2}2 of 4 OK synced salesforce_accounts \.+ \[41 changed, 2 quarantined in 4\.90s\]$/,
    )
    const start: LogEvent = { type: 'node_start', index: 1, total: 12, kind: 'model', node: 'stg_customers' }
    expect(textLine({ atMs: AT, event: start })).toMatch(/^12:00:04 {2}1 of 12 START model stg_customers \.+ \[RUN\]$/)
    expect(textLine({ atMs: AT, event: { ...end, verdict: 'error', detail: '' } })).toMatch(
      /ERROR syncing .* \[ERROR in 4\.90s\]$/,
    )
  })

  test("as JSON have dbt's shape", () => {
    const line: unknown = JSON.parse(jsonLine({ atMs: AT, event: end }, context))
    expect(line).toMatchObject({
      info: { name: 'LogResultLine', level: 'info', invocation_id: 'inv', pid: 42, ts: new Date(AT).toISOString() },
      data: { node: 'salesforce_accounts', verdict: 'ok', seconds: 4.9 },
    })
  })

  test('cannot be forged by data', () => {
    const event: LogEvent = {
      type: 'message',
      level: 'info',
      name: 'X',
      message: 'a\r\n12:00:05  Done. PASS=1\u001b[2J',
    }
    expect(textLine({ atMs: AT, event })).toBe('12:00:04  a\\r\\n12:00:05  Done. PASS=1\\u001b[2J')
    expect(jsonLine({ atMs: AT, event }, context).split('\n')).toHaveLength(1)
  })
})

describe('console', () => {
  function open(level: 'info' | 'warn' | 'debug') {
    const out: string[] = []
    const err: string[] = []
    const redactor = createRedactor()
    const console = createConsole({
      stdout: (text) => out.push(text),
      stderr: (text) => err.push(text),
      redactor,
      style: plainStyle,
      noteStyle: plainStyle,
    })
    const log = createLogBus({ nowMs: () => AT })
    log.attach(
      consoleSink({ write: (text) => console.note(text), level, format: 'text', style: plainStyle, json: context }),
    )
    return { out, err, redactor, console, log }
  }

  test('keeps results on stdout and logs on stderr, both redacted', () => {
    const { out, err, redactor, console, log } = open('info')
    redactor.register('hunter22')
    console.print('result hunter22')
    console.json({ token: 'hunter22' })
    log.info('X', 'log hunter22')
    log.debug('X', 'not shown')
    expect(out).toEqual(['result [redacted]\n', '{"token":"[redacted]"}\n'])
    expect(err).toEqual(['12:00:04  log [redacted]\n'])
  })

  test('shows only what the level asks for, and no progress ticks', () => {
    const { err, log } = open('warn')
    log.info('X', 'quiet')
    log.emit({ type: 'progress', label: 'sending', done: 1 })
    log.emit({ ...end, verdict: 'error' })
    log.warn('X', 'careful')
    expect(err.join('')).toMatch(/^[^\n]*ERROR syncing[^\n]*\n[^\n]*\[WARNING\]: careful\n$/)
  })
})

describe('log file', () => {
  test('holds what came before it was opened, at debug level, redacted, private, and rotates', () => {
    const dir = mkdtempSync(join(tmpdir(), 'backfeed-log-'))
    const path = join(dir, 'logs/backfeed.log')
    const redactor = createRedactor()
    redactor.register('hunter22')
    const log = createLogBus({ nowMs: () => AT })
    log.debug('Early', 'before hunter22', { rows: 3 })
    log.attach(fileSink({ path, redactor, maxBytes: 300, keep: 2 }))
    expect(readFileSync(path, 'utf8')).toBe(`${new Date(AT).toISOString()} debug before [redacted] {"rows":3}\n`)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    for (let i = 0; i < 40; i += 1) log.info('Line', `line ${i}`)
    expect(readdirSync(join(dir, 'logs')).sort()).toEqual(['backfeed.log', 'backfeed.log.1', 'backfeed.log.2'])
    expect(readFileSync(path, 'utf8')).toContain('line 39')
    for (const name of readdirSync(join(dir, 'logs')))
      expect(statSync(join(dir, 'logs', name)).size).toBeLessThanOrEqual(300)
  })

  test.each([join(import.meta.filename, 'logs/backfeed.log'), '/proc/nowhere/backfeed.log'])(
    'at %s, which cannot be written, does not stop the work',
    (path) => {
      const log = createLogBus({ nowMs: () => AT })
      log.attach(
        fileSink({
          path,
          redactor: createRedactor(),
          maxBytes: 300,
          keep: 2,
        }),
      )
      expect(() => log.info('X', 'still here')).not.toThrow()
    },
  )
})

describe('live line', () => {
  test('is erased before other lines and drawn again, at most ten times a second', () => {
    let now = 0
    let screen = ''
    const status = createStatusLine({
      write: (text) => {
        screen += text
      },
      columns: () => 80,
      clock: { monotonicMs: () => now },
    })
    status.show({ label: 'sending', done: 1, total: 100 })
    now = 50
    status.show({ label: 'sending', done: 2, total: 100 })
    status.above(() => {
      screen += 'kept\n'
    })
    now = 200
    status.show({ label: 'sending', done: 3, total: 100 })
    status.clear()
    const erase = '\r\u001b[2K'
    expect(screen).toBe(
      `${erase}sending: 1 of 100 (1%)${erase}kept\nsending: 1 of 100 (1%)${erase}sending: 3 of 100 (3%)${erase}`,
    )
  })

  test('never wraps', () => {
    expect(statusText({ label: 'x'.repeat(300), done: 1 }, 40)).toHaveLength(39)
  })

  test.each([
    [{}, true, true],
    [{ CI: 'true' }, true, false],
    [{ TERM: 'dumb' }, true, false],
    [{}, false, false],
  ])('with %j and a terminal %s: %s', (env, isTty, wanted) => {
    expect(wantsStatusLine(env, isTty)).toBe(wanted)
  })
})

describe('colour', () => {
  test.each([
    [{}, true, false, true],
    [{}, false, false, false],
    [{ NO_COLOR: '1' }, true, false, false],
    [{ NO_COLOR: '' }, true, false, true],
    [{ FORCE_COLOR: '1' }, false, false, true],
    [{ FORCE_COLOR: '0' }, true, false, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false, false],
    [{ FORCE_COLOR: '1' }, true, true, false],
    [{ TERM: 'dumb' }, true, false, false],
  ])('%j, terminal %s, --no-color %s: %s', (env, isTty, off, wanted) => {
    expect(wantsColour({ env, isTty, off })).toBe(wanted)
  })

  test('marks the status of a line and nothing of the data', () => {
    const line = textLine({ atMs: AT, event: end }, colourStyle)
    expect(line).toContain('\u001b[32m[41 changed, 2 quarantined in 4.90s]\u001b[39m')
  })
})
