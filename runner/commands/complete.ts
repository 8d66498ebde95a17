/** What TAB offers. Called by the shell scripts on every key press, so nothing is loaded that is not needed. */
import { COMMANDS } from './catalogue.ts'
import type { CommandSpec, OptionSpec } from './command.ts'
import { findVerb } from './find-verb.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'

export interface ProjectNames {
  syncs: readonly string[]
  models: readonly string[]
  seeds: readonly string[]
  targets: readonly string[]
}

/** Lines `word<TAB>meaning` that continue the last of `words`; `names` is asked only where names of the project fit. */
export async function completeWords(words: readonly string[], names: () => Promise<ProjectNames>): Promise<string[]> {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const found = findVerb(before)
  const all =
    found.kind === 'command' ? await afterVerb(found.spec, { before, rest: found.rest, current, names }) : verbs(found)
  return all.filter((line) => line.startsWith(current))
}

function verbs(found: ReturnType<typeof findVerb>): string[] {
  const prefix = found.kind === 'group' ? `${found.group} ` : ''
  if (found.kind !== 'group' && found.kind !== 'none') return []
  const specs = COMMANDS.filter((spec) => spec.name.startsWith(prefix))
  const first = new Map<string, string>()
  for (const spec of specs) {
    const word = spec.name.slice(prefix.length).split(' ')[0] ?? ''
    if (!first.has(word)) first.set(word, spec.name === `${prefix}${word}` ? spec.summary : `${word} …`)
  }
  return [...first].map(([word, meaning]) => `${word}\t${meaning}`)
}

interface Typed {
  before: readonly string[]
  rest: readonly string[]
  current: string
  names: () => Promise<ProjectNames>
}

async function afterVerb(spec: CommandSpec, typed: Typed): Promise<string[]> {
  const options = [...(spec.options ?? []), ...GLOBAL_OPTIONS]
  const last = typed.before.at(-1) ?? ''
  const open = options.find(
    (option) => option.kind !== 'flag' && (last === `--${option.name}` || last === `-${option.alias}`),
  )
  if (open !== undefined) return optionValues(open, typed.names)
  if (typed.current.startsWith('-')) return options.map((option) => `--${option.name}\t${option.describe}`)
  const index = typed.rest.filter((word) => !word.startsWith('-')).length
  const arg = spec.args?.[index]
  if (arg?.choices !== undefined) return [...arg.choices]
  if (arg?.name === 'sync') return [...(await typed.names()).syncs]
  return []
}

async function optionValues(option: OptionSpec, names: () => Promise<ProjectNames>): Promise<string[]> {
  if (option.choices !== undefined) return [...option.choices]
  if (option.name === 'target') return [...(await names()).targets]
  if (option.name !== 'select' && option.name !== 'exclude') return []
  const { syncs, models, seeds } = await names()
  return [...syncs.map((n) => `${n}\tsync`), ...models.map((n) => `${n}\tmodel`), ...seeds.map((n) => `${n}\tseed`)]
}
