import { describe, expect, test } from 'vitest'
import { COMMANDS, LATER } from '../../../runner/commands/catalogue.ts'
import { findVerb } from '../../../runner/commands/find-verb.ts'
import { GLOBAL_OPTIONS } from '../../../runner/commands/global-options.ts'
import { commandHelp, rootHelp } from '../../../runner/commands/help-text.ts'
import { parseArguments } from '../../../runner/commands/parse-arguments.ts'
import { readGlobalOptions } from '../../../runner/commands/read-global-options.ts'
import { BackfeedError } from '../../../runner/errors.ts'

function parse(line: string | readonly string[], env: NodeJS.ProcessEnv = {}) {
  const argv = typeof line === 'string' ? line.split(' ') : line
  const found = findVerb(argv)
  if (found.kind !== 'command') return found
  return { spec: found.spec, args: parseArguments(found.spec, found.rest, env) }
}

function args(line: string | readonly string[], env: NodeJS.ProcessEnv = {}) {
  const parsed = parse(line, env)
  if (!('args' in parsed)) throw new TypeError(`not a command: ${JSON.stringify(parsed)}`)
  return parsed.args
}

function messages(line: string | readonly string[], env: NodeJS.ProcessEnv = {}): string[] {
  try {
    args(line, env)
  } catch (error) {
    if (error instanceof BackfeedError) {
      expect(error.exitCode).toBe(2)
      expect(new Set(error.problems.map((p) => p.code))).toEqual(new Set(['E-CLI-OPTION']))
      return error.problems.map((problem) => problem.message)
    }
    throw error
  }
  return []
}

describe('verbs', () => {
  test('are found before and after global options', () => {
    expect(parse('-t prod run')).toMatchObject({ spec: { name: 'run' } })
    expect(parse('--project-dir x history row s k')).toMatchObject({ spec: { name: 'history row' } })
    expect(parse('history --target prod runs')).toMatchObject({ spec: { name: 'history runs' } })
  })

  test('of later features are names, not typos', () => {
    for (const verb of Object.keys(LATER)) expect(findVerb(verb.split(' '))).toEqual({ kind: 'later', verb })
  })

  test('unknown and incomplete ones are told apart', () => {
    expect(findVerb(['runn'])).toEqual({ kind: 'unknown', verb: 'runn' })
    expect(findVerb(['history'])).toEqual({ kind: 'group', group: 'history' })
    expect(findVerb(['history', 'rows'])).toEqual({ kind: 'group', group: 'history', next: 'rows' })
    expect(findVerb([])).toEqual({ kind: 'none' })
  })

  test('all have a summary, an example that parses, and appear in the help', () => {
    const help = rootHelp('0.0.0')
    for (const spec of COMMANDS) {
      expect(help).toContain(`  ${spec.name}`)
      expect(commandHelp(spec)).toContain(spec.summary)
      expect(spec.examples.length).toBeGreaterThan(0)
      for (const [typed] of spec.examples)
        expect(messages(typed.replace(/ [>&|].*$/, '').match(/"[^"]*"|\S+/g) ?? []), typed).toEqual([])
    }
  })
})

describe('options', () => {
  test('have their types', () => {
    const parsed = args(['plan', '-s', 'a', 'tag:x', '--sample', '3', '--detailed-exitcode', '--out=plan.md'])
    expect(parsed.list('select')).toEqual(['a', 'tag:x'])
    expect(parsed.number('sample')).toBe(3)
    expect(parsed.flag('detailed-exitcode')).toBe(true)
    expect(parsed.flag('show-values')).toBe(false)
    expect(parsed.text('out')).toBe('plan.md')
  })

  test('keys that look like numbers stay text', () => {
    expect(args('history row accounts 0042').required('key')).toBe('0042')
    expect(args('history row accounts 1e3').required('key')).toBe('1e3')
  })

  test('keys may start with a dash after --', () => {
    expect(args('history row accounts -- -7').required('key')).toBe('-7')
  })

  test.each([
    ['run --targt prod', ['did you mean --target']],
    ['run --show-valuse', ['show-valuse']],
    ['run extra', ['"extra"']],
    ['plan --sample many', ['"many" is not a whole number']],
    ['plan --output xml', ['"xml" is not one of text, json, markdown']],
    ['plan --output jsn', ['did you mean json']],
    ['run --target', ['--target needs a value']],
    ['run -t a -t b', ['--target: given more than once']],
    ['history row accounts', ['key is missing']],
    ['completion powershell', ['"powershell" is not one of bash, zsh, fish']],
  ])('%s is refused with the remedy', (line, parts) => {
    const found = messages(line).join('\n')
    for (const part of parts) expect(found).toContain(part)
  })

  test('all mistakes of a line come together', () => {
    expect(messages('plan --sample x --output xml --bogus 1 --threads y')).toHaveLength(4)
  })
})

describe('environment', () => {
  test('gives every global option', async () => {
    const env: NodeJS.ProcessEnv = {}
    const sample: Record<string, string> = {
      threads: '7',
      output: 'json',
      vars: '{a: 1}',
      'log-format': 'json',
      'log-level': 'warn',
    }
    for (const option of GLOBAL_OPTIONS)
      env[`BACKFEED_${option.name.toUpperCase().replaceAll('-', '_')}`] =
        option.kind === 'flag' ? '1' : (sample[option.name] ?? 'x y')
    const parsed = args('plan', env)
    for (const option of GLOBAL_OPTIONS) {
      const got =
        parsed.text(option.name) ?? parsed.number(option.name) ?? (parsed.flag(option.name) || parsed.list(option.name))
      expect(got, option.name).toEqual(
        option.kind === 'flag'
          ? true
          : option.kind === 'list'
            ? ['x', 'y']
            : option.name === 'threads'
              ? 7
              : (sample[option.name] ?? 'x y'),
      )
    }
  })

  test('loses against what was typed, and other variables are not options', () => {
    expect(args('run -t typed', { BACKFEED_TARGET: 'env' }).text('target')).toBe('typed')
    expect(messages('run', { BACKFEED_ENV_SECRET_TOKEN: 'x', BACKFEED_WHATEVER: 'y' })).toEqual([])
    expect(args('run', { BACKFEED_ALLOW: 'creates=9999' }).list('allow')).toEqual([])
  })

  test('is named when its value is wrong', () => {
    expect(messages('run', { BACKFEED_OUTPUT: 'xml' })[0]).toMatch(/^BACKFEED_OUTPUT: "xml"/)
    expect(messages('run', { BACKFEED_QUIET: 'maybe' })[0]).toMatch(/^BACKFEED_QUIET: /)
  })
})

test('markdown is a form of plans only', async () => {
  for (const [line, fits] of [
    ['plan', true],
    ['run --dry-run', true],
    ['run', false],
    ['ls', false],
  ] as const) {
    const parsed = parse(`${line} --output markdown`)
    if (!('args' in parsed)) throw new TypeError('not a command')
    const read = readGlobalOptions(parsed.spec, parsed.args)
    if (fits) expect((await read).output).toBe('markdown')
    else await expect(read).rejects.toMatchObject({ code: 'E-CLI-OPTION' })
  }
})

describe('--vars', () => {
  test.each([
    ['{"a": 1, "b": [2]}', { a: 1, b: [2] }],
    ['{a: 1, b: x y}', { a: 1, b: 'x y' }],
    ['a: 1', { a: 1 }],
  ])('%s', async (text, expected) => {
    const parsed = parse(['run', '--vars', text])
    if (!('args' in parsed)) throw new TypeError('not a command')
    expect((await readGlobalOptions(parsed.spec, parsed.args)).vars).toEqual(expected)
  })

  test.each(['[1]', 'text', '{a: [', 'a: &x [*x]'])('%s is refused', async (text) => {
    const parsed = parse(['run', '--vars', text])
    if (!('args' in parsed)) throw new TypeError('not a command')
    await expect(readGlobalOptions(parsed.spec, parsed.args)).rejects.toMatchObject({ code: 'E-CLI-OPTION' })
  })
})
