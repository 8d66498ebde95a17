/** Which verb was typed, before any parser is loaded. Pure. */
import { COMMANDS, LATER } from './catalogue.ts'
import type { CommandSpec } from './command.ts'
import { GLOBAL_OPTIONS } from './global-options.ts'

export type FoundVerb =
  | { kind: 'none' }
  | { kind: 'command'; spec: CommandSpec; rest: string[] }
  /** A first word that needs a second one: `history`. */
  | { kind: 'group'; group: string; next?: string }
  | { kind: 'later'; verb: string }
  | { kind: 'unknown'; verb: string }

/** Options may stand before the verb (`backfeed -t prod run`), their values are not verbs. */
export function findVerb(argv: readonly string[]): FoundVerb {
  const words = wordPositions(argv)
  const [first, second] = words
  if (first === undefined) return { kind: 'none' }
  const one = argv[first] ?? ''
  const two = second === undefined ? undefined : argv[second]
  if (LATER[one] !== undefined) return { kind: 'later', verb: one }
  if (two !== undefined && LATER[`${one} ${two}`] !== undefined) return { kind: 'later', verb: `${one} ${two}` }
  const alone = COMMANDS.find((spec) => spec.name === one)
  if (alone !== undefined) return { kind: 'command', spec: alone, rest: without(argv, [first]) }
  const paired = COMMANDS.find((spec) => spec.name === `${one} ${two}`)
  if (paired !== undefined && second !== undefined)
    return { kind: 'command', spec: paired, rest: without(argv, [first, second]) }
  if (COMMANDS.some((spec) => spec.name.startsWith(`${one} `)))
    return { kind: 'group', group: one, ...(two === undefined ? {} : { next: two }) }
  return { kind: 'unknown', verb: one }
}

/** First words a person may type, for did-you-mean. */
export function verbNames(): string[] {
  return [...new Set([...COMMANDS.map((spec) => spec.name.split(' ')[0] ?? ''), ...Object.keys(LATER)])]
}

function wordPositions(argv: readonly string[]): number[] {
  const takesValue = new Set(
    GLOBAL_OPTIONS.filter((option) => option.kind !== 'flag').flatMap((option) => [
      `--${option.name}`,
      ...(option.alias === undefined ? [] : [`-${option.alias}`]),
    ]),
  )
  const positions: number[] = []
  for (let i = 0; i < argv.length && positions.length < 2; i += 1) {
    const token = argv[i] ?? ''
    if (token === '--') break
    if (takesValue.has(token)) i += 1
    else if (!token.startsWith('-')) positions.push(i)
  }
  return positions
}

function without(argv: readonly string[], positions: readonly number[]): string[] {
  return argv.filter((_, index) => !positions.includes(index))
}
