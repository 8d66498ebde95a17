/** Command line and environment into typed values. Every mistake of one command line is reported together. */
import yargs from 'yargs'
import { BackfeedError, type Problem } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import { type ArgumentSpec, Arguments, type CommandSpec, type OptionSpec, type ParsedValue } from './command.ts'
import { environmentName, GLOBAL_OPTIONS } from './global-options.ts'
import { usageOf } from './help-text.ts'

/** @throws BackfeedError E-CLI-OPTION with every problem of the command line. */
export function parseArguments(spec: CommandSpec, rest: readonly string[], env: NodeJS.ProcessEnv): Arguments {
  const options = [...(spec.options ?? []), ...GLOBAL_OPTIONS]
  const end = rest.includes('--') ? rest.indexOf('--') : rest.length
  const { typed, complaints } = readTokens(spec, options, rest.slice(0, end))
  complaints.push(...fillPositionals(spec, typed, rest.slice(end + 1)))
  const problems = complaints.map((message) => usageProblem(spec, message))
  const values = new Map<string, ParsedValue>()
  const onCommandLine = new Set<string>()
  for (const option of options) {
    const source = sourceOf(option, typed, env)
    if (source === undefined) continue
    const value = convert(option, source.raw)
    if (typeof value === 'object' && 'problem' in value)
      problems.push(usageProblem(spec, `${source.from}: ${value.problem}`))
    else values.set(option.name, value)
    if (source.from === `--${option.name}`) onCommandLine.add(option.name)
  }
  for (const arg of spec.args ?? []) readPositional(arg, typed[arg.name], { spec, values, problems })
  if (problems.length > 0) throw new BackfeedError(problems)
  return new Arguments(values, onCommandLine)
}

type Typed = Record<string, unknown>

/** What follows `--` are arguments whatever they look like; yargs keeps them away from named positionals. */
function fillPositionals(spec: CommandSpec, typed: Typed, words: readonly string[]): string[] {
  const open = (spec.args ?? []).filter((arg) => typed[arg.name] === undefined)
  for (const [index, arg] of open.entries()) if (words[index] !== undefined) typed[arg.name] = words[index]
  return words.slice(open.length).map((word) => `unexpected argument ${quoted(word)}`)
}

/** yargs splits the tokens and knows what is unknown; types, choices and the environment are ours. */
function readTokens(
  spec: CommandSpec,
  options: readonly OptionSpec[],
  rest: readonly string[],
): { typed: Typed; complaints: string[] } {
  const complaints: string[] = []
  const parser = yargs([...rest])
    .help(false)
    .version(false)
    .locale('en')
    .exitProcess(false)
    .parserConfiguration({
      'camel-case-expansion': false,
      'boolean-negation': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'short-option-groups': true,
    })
    .strict()
    .fail((message, error) => {
      complaints.push(...translate(message ?? error?.message ?? 'cannot be read', { options, rest }))
    })
    .command(
      `$0 ${(spec.args ?? []).map((arg) => `[${arg.name}]`).join(' ')}`.trim(),
      false,
      (y) => (spec.args ?? []).reduce((all, arg) => all.positional(arg.name, { type: 'string' }), y),
      () => {},
    )
  for (const option of options) parser.option(option.name, yargsOption(option))
  const typed: Typed = { ...parser.parseSync() }
  return { typed, complaints }
}

function yargsOption(option: OptionSpec) {
  const alias = option.alias === undefined ? {} : { alias: option.alias }
  if (option.kind === 'flag') return { ...alias, type: 'boolean' as const }
  if (option.kind === 'list') return { ...alias, type: 'array' as const, string: true, requiresArg: true }
  return { ...alias, type: 'string' as const, requiresArg: true }
}

interface Typing {
  options: readonly OptionSpec[]
  /** As typed: yargs names what it does not know without its dashes. */
  rest: readonly string[]
}

function translate(message: string, typing: Typing): string[] {
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)
  if (unknown !== null) return (unknown[1] ?? '').split(', ').map((name) => unknownArgument(name, typing))
  const empty = /^Not enough arguments following: (.*)$/s.exec(message)
  if (empty !== null) return [`--${empty[1]?.replace(/^-+/, '')} needs a value`]
  return [message.split('\n').join(' ')]
}

function unknownArgument(name: string, { options, rest }: Typing): string {
  if (rest.includes(name)) {
    const selects = options.some((option) => option.name === 'select')
    return `unexpected argument ${JSON.stringify(name)}${selects ? `; a sync or model is selected with -s ${name}` : ''}`
  }
  const near = nearestName(
    name,
    options.map((option) => option.name),
  )
  return `unknown option ${JSON.stringify(name)}${near === undefined ? '' : `, did you mean --${near}?`}`
}

/** What was typed wins over the environment. An empty variable counts as not set, as with NO_COLOR. */
function sourceOf(
  option: OptionSpec,
  typed: Typed,
  env: NodeJS.ProcessEnv,
): { raw: unknown; from: string } | undefined {
  const raw = typed[option.name]
  if (raw !== undefined && !(option.kind === 'flag' && raw === false)) return { raw, from: `--${option.name}` }
  if (!GLOBAL_OPTIONS.includes(option)) return undefined
  const name = environmentName(option.name)
  const value = env[name]
  if (value === undefined || value === '') return undefined
  return { raw: option.kind === 'list' ? value.split(/\s+/).filter((part) => part !== '') : value, from: name }
}

function convert(option: OptionSpec, raw: unknown): ParsedValue | { problem: string } {
  if (option.kind === 'list') return Array.isArray(raw) ? raw.map(String) : [String(raw)]
  if (Array.isArray(raw)) return { problem: 'given more than once' }
  if (option.kind === 'flag') return convertFlag(raw)
  const text = String(raw)
  if (option.kind === 'number')
    return /^\d{1,15}$/.test(text) ? Number(text) : { problem: `${quoted(text)} is not a whole number` }
  if (option.choices !== undefined && !option.choices.includes(text)) return { problem: notOneOf(text, option.choices) }
  return text
}

function convertFlag(raw: unknown): ParsedValue | { problem: string } {
  if (typeof raw === 'boolean') return raw
  const text = String(raw).toLowerCase()
  if (['1', 'true', 'yes', 'on'].includes(text)) return true
  if (['0', 'false', 'no', 'off'].includes(text)) return false
  return { problem: `${quoted(String(raw))} is neither true nor false` }
}

interface PositionalTarget {
  spec: CommandSpec
  values: Map<string, ParsedValue>
  problems: Problem[]
}

function readPositional(arg: ArgumentSpec, raw: unknown, { spec, values, problems }: PositionalTarget): void {
  const text = typeof raw === 'string' && raw !== '' ? raw : undefined
  if (text === undefined) {
    if (arg.required) problems.push(usageProblem(spec, `${arg.name} is missing`))
    return
  }
  if (arg.choices !== undefined && !arg.choices.includes(text))
    problems.push(usageProblem(spec, `${arg.name}: ${notOneOf(text, arg.choices)}`))
  else values.set(arg.name, text)
}

function notOneOf(text: string, choices: readonly string[]): string {
  const near = nearestName(text, choices)
  return `${quoted(text)} is not one of ${choices.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function usageProblem(spec: CommandSpec, message: string): Problem {
  return { code: 'E-CLI-OPTION', message, help: `usage: backfeed ${usageOf(spec)}; see backfeed ${spec.name} --help` }
}
