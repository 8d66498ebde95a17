/** Help without a parser: `backfeed --help` costs little more than starting node. */
import { COMMANDS, LATER } from './catalogue.ts'
import type { CommandSpec, OptionSpec } from './command.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'

export function rootHelp(version: string): string {
  const groups = [
    ['Start', ['init', 'demo', 'debug']],
    ['Look at the project', ['parse', 'ls', 'compile', 'show', 'schema']],
    ['Work in the warehouse', ['seed', 'build', 'clean']],
    ['Send to the CRM', ['plan', 'apply', 'approve', 'run', 'link']],
    ['Decide and repair', ['reconcile', 'adopt', 'drift', 'rekey', 'rollout']],
    ['Stop and undo', ['revert', 'pause', 'resume', 'unlock']],
    ['Look back', ['status', 'history', 'quarantine', 'audit']],
    ['Other', ['emulator', 'explain', 'completion']],
  ] as const
  const sections = groups.map(([title, verbs]) =>
    [`${title}:`, ...verbs.flatMap((verb) => specsOf(verb).map(commandLine))].join('\n'),
  )
  return [
    `backfeed ${version}: warehouse data into Salesforce and HubSpot, with a plan before and an audit after`,
    'Usage: backfeed <verb> [options]',
    ...sections,
    `Options of every verb (each also as BACKFEED_<OPTION>):\n${GLOBAL_OPTIONS.map(optionLine).join('\n')}`,
    'Exit codes: 0 done, 1 some rows failed, 2 could not run, 3 refused by a guard, 5 unknown outcomes,\n' +
      '  6 another run is active, 10 plan --detailed-exitcode has changes, 75 try again later, 130/143 interrupted',
    `Not supported yet: ${Object.keys(LATER).join(', ')}`,
    'First steps: backfeed demo    One verb: backfeed plan --help    An error code: backfeed explain E-CFG-VALUE',
  ].join('\n\n')
}

export function commandHelp(spec: CommandSpec): string {
  const args = (spec.args ?? []).map((arg) => `  ${arg.name.padEnd(24)}${arg.describe}${oneOf(arg.choices)}`)
  return [
    `backfeed ${usageOf(spec)}\n\n${spec.summary}`,
    section('Arguments', args),
    section('Options', (spec.options ?? []).map(optionLine)),
    section('Options of every verb', GLOBAL_OPTIONS.map(optionLine)),
    section(
      'Examples',
      spec.examples.map(([typed, why]) => `  backfeed ${typed}\n      ${why}`),
    ),
  ]
    .filter((text) => text !== '')
    .join('\n\n')
}

/** Help of a verb that only groups others: `history`. */
export function groupHelp(group: string): string {
  const specs = specsOf(group)
  const examples = specs.flatMap((spec) => spec.examples.map(([typed, why]) => `  backfeed ${typed}\n      ${why}`))
  return [
    `backfeed ${group} <${specs.map((s) => s.name.slice(group.length + 1)).join('|')}>`,
    ...['', ...specs.map(commandLine), ''],
    section('Examples', examples),
  ].join('\n')
}

/** Commands of a first word: `history` has three. */
export function specsOf(verb: string): readonly CommandSpec[] {
  return COMMANDS.filter((spec) => spec.name === verb || spec.name.startsWith(`${verb} `))
}

export function usageOf(spec: CommandSpec): string {
  const args = (spec.args ?? []).map((arg) => (arg.required ? `<${arg.name}>` : `[${arg.name}]`))
  return [spec.name, ...args, '[options]'].join(' ')
}

function commandLine(spec: CommandSpec): string {
  const args = (spec.args ?? []).map((arg) => (arg.required ? `<${arg.name}>` : `[${arg.name}]`))
  return `  ${[spec.name, ...args].join(' ').padEnd(30)} ${spec.summary}`
}

function optionLine(option: OptionSpec): string {
  const value = option.kind === 'flag' ? '' : ` ${option.value ?? (option.choices ?? []).join('|')}`
  const names = `${option.alias === undefined ? '    ' : `-${option.alias}, `}--${option.name}${value}`
  return `  ${names.padEnd(32)} ${option.describe}`
}

function oneOf(choices: readonly string[] | undefined): string {
  return choices === undefined ? '' : `: ${choices.join(', ')}`
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}:\n${lines.join('\n')}`
}
