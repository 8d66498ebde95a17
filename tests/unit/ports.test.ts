/**
 * What makes two executions of the same code differ comes through runner/ports.ts alone, so that a test can hold it in its hand.
 * Drivers of warehouses are the edge: what they wait for are servers and files of their own.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { systemPorts } from '../../runner/ports.ts'
import { REPOSITORY, readSources, type Source } from '../support/source-text.ts'

const PORTS = /^runner\/(ports|system-journal)\.ts$/
/** Adapters at the edge, each with what it may use and why. */
const EDGE: readonly { file: RegExp; may: RegExp; why: string }[] = [
  { file: /^runner\/warehouse\/duckdb\.ts$/, may: /setInterval/, why: 'interrupts a statement of the engine' },
  {
    file: /^runner\/warehouse\/duckdb-file\.ts$/,
    may: /setTimeout|performance|randomInt/,
    why: 'waits for a file lock',
  },
  { file: /^runner\/warehouse\/postgres-clients\.ts$/, may: /timers\/promises|setTimeout/, why: 'waits for a server' },
  { file: /^runner\/warehouse\/race-deadline\.ts$/, may: /setTimeout/, why: 'deadline of a driver call' },
  { file: /^runner\/warehouse\/managed-warehouse\.ts$/, may: /performance/, why: 'time of a statement, for logs' },
]

const FORBIDDEN: readonly RegExp[] = [
  /\bDate\.now\b/,
  /\bnew Date\(\s*\)/,
  /(?<!\bnew )(?<![.\w])Date\(\s*\)/,
  /\bperformance\.now\b/,
  /\bMath\.random\b/,
  /(?<![.\w])set(Timeout|Interval)\b/,
  /\brandom(UUID|Bytes|Int)\b/,
  /(?<![.#\w])fetch\(/,
  /\bglobalThis\.(fetch|setTimeout|setInterval|Date|performance)\b/,
  /\bAbortSignal\.timeout\b/,
  /\bprocess\.hrtime\b/,
]
/** Inside strings, which the blanked code does not show. */
const FORBIDDEN_TEXT: readonly RegExp[] = [
  /['"]node:timers(\/promises)?['"]/,
  /\bprocess\.(on|once)\(\s*['"]SIG[A-Z]+['"]/,
]

const runner = readSources('runner').filter(({ file }) => !PORTS.test(file))

function uses(source: Source): string[] {
  const code = source.code.split('\n')
  const text = source.text.split('\n')
  const may = EDGE.find(({ file }) => file.test(source.file))?.may
  return code.flatMap((line, index) => {
    const found = [
      ...FORBIDDEN.map((each) => each.exec(line)),
      ...FORBIDDEN_TEXT.map((each) => each.exec(text[index] ?? '')),
    ]
    return found.flatMap((match) =>
      match === null || may?.test(match[0]) ? [] : [`${source.file}:${index + 1}: ${match[0].trim()}`],
    )
  })
}

describe('ports', () => {
  test('time, chance, network and signals come from runner/ports.ts', () => {
    expect(runner.flatMap(uses)).toEqual([])
  })

  test('what is looked for would be found', () => {
    const code = 'const a = Date.now(); setTimeout(f, 1); new Date(); fetch(url); Math.random(); randomUUID()'
    const text = `${code}; process.on('SIGTERM', f)`
    expect(uses({ file: 'runner/x.ts', text, code })).toHaveLength(7)
  })

  test('every listed adapter still needs its exception', () => {
    const unused = EDGE.filter(({ file, may }) => {
      const source = runner.find((each) => file.test(each.file))
      return source === undefined || !may.test(source.text)
    })
    expect(unused.map(({ file }) => file.source)).toEqual([])
  })

  test('the lint rule says the same while somebody types', () => {
    const rules: unknown = JSON.parse(readFileSync(join(REPOSITORY, 'biome.json'), 'utf8'))
    for (const name of ['fetch', 'setTimeout', 'setInterval', 'performance'])
      expect(JSON.stringify(rules)).toContain(`"${name}"`)
  })
})

describe('crash points', () => {
  test('nothing a user can set reaches them: the system has one implementation, which does nothing', () => {
    const names = readSources('runner').flatMap(({ file, code }) => (/\bcrashPoints\s*:/.test(code) ? [file] : []))
    expect(names).toEqual(['runner/ports.ts'])
    expect(systemPorts().crashPoints.at.toString().replace(/\s/g, '')).toBe('()=>{}')
  })

  test('only the host of the command line can bring other ports, and the shipped entry brings none', () => {
    const entry = readFileSync(join(REPOSITORY, 'runner/cli.ts'), 'utf8')
    expect(entry).toContain('runCommandLine(argv, { process, version: packageVersion() })')
    const others = readSources('runner').filter(({ code }) => /\bhost\.ports\b/.test(code))
    expect(others.map(({ file }) => file)).toEqual(['runner/commands/run-command-line.ts'])
  })

  test('no shipped source names a signal that kills, and none reads a variable about crashing', () => {
    const found = readSources('runner').filter(({ text }) =>
      /SIGKILL|SIGSTOP|crash[_-]?(at|point)s?['"\]]|BACKFEED_CRASH/i.test(text),
    )
    expect(found.map(({ file }) => file)).toEqual([])
  })
})
