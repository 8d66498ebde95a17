/** `rollout:` as the phases everything else works on: keys read and spelled as the model spells them, contradictions reported. */
import type { Position, Problem } from '../errors.ts'
import { type LoadContext, present } from './load-context.ts'
import type { PathPart, Tree } from './places.ts'
import type { PhaseInput } from './rollout-schema.ts'
import { parseLimit } from './scalar-schemas.ts'
import { holdsEveryRow, type Rollout, type RolloutPhase } from './sync-rollout.ts'
import type { SyncInput } from './sync-schema.ts'
import { writtenScalar } from './written-scalar.ts'

/** They stand in the SQL of every plan; longer lists belong into the model. */
const MOST_KEYS = 10_000

type Scalar = string | number | boolean

interface PhasePlace {
  tree: Tree
  context: LoadContext
  index: number
  /** Columns of the primary key. */
  columns: number
}

export function buildRollout(input: SyncInput, tree: Tree, context: LoadContext): { rollout?: Rollout } {
  const { rollout: written } = input
  if (written === undefined) return {}
  const columns = typeof input.primary_key === 'string' ? 1 : input.primary_key.length
  const phases = written.phases.map((phase, index) => buildPhase(phase, { tree, context, index, columns }))
  for (const problem of phaseProblems(phases)) context.problems.add(problem)
  const after = written.advance_after
  const advanceAfter = after && { runs: after.runs, maxErrorPercent: percentOf(after.max_error_rate) ?? 0 }
  const salt = written.salt ?? input.name
  return { rollout: { ...present({ advanceAfter }), phases, salt, at: context.places.at(tree, ['rollout'], 'key') } }
}

function buildPhase(phase: PhaseInput, place: PhasePlace): RolloutPhase {
  const { where } = phase
  const at = positionsOf(place)
  if (where !== undefined && /;|--|\/\*/.test(where.replace(/'(?:[^']|'')*'/g, ''))) {
    const message = '"where" must be one SQL condition, without ; or comments'
    place.context.problems.add({
      code: 'E-CFG-RULE',
      message,
      at: at('where'),
      help: 'for example: "region = \'test\'"',
    })
  }
  return {
    ...present({
      where,
      whereAt: where === undefined ? undefined : at('where'),
      samplePercent: percentOf(phase.sample),
      keys: keysOf(phase, place),
    }),
    name: phase.name,
    at: at('name'),
  }
}

function positionsOf({ tree, context, index }: PhasePlace): (...path: PathPart[]) => Position {
  return (...path) => context.places.at(tree, ['rollout', 'phases', index, ...path])
}

function percentOf(share: string | number | undefined): number | undefined {
  const parsed = share === undefined ? undefined : parseLimit(share)
  return typeof parsed === 'object' && 'percent' in parsed ? parsed.percent : undefined
}

function keysOf(phase: PhaseInput, place: PhasePlace): readonly string[] | undefined {
  const at = positionsOf(place)
  // A phase whose keys are wrong is none that holds every row.
  const report = (problem: Omit<Problem, 'code'>): readonly string[] => {
    place.context.problems.add({ code: 'E-CFG-VALUE', ...problem })
    return []
  }
  if (phase.keys !== undefined && phase.keys_file !== undefined)
    return report({
      message: '"keys" and "keys_file" stand both here',
      at: at('keys_file'),
      help: 'keep one of the two',
    })
  if (phase.keys === undefined && phase.keys_file === undefined) return undefined
  const keys = phase.keys === undefined ? fileKeys(phase, place) : listedKeys(phase.keys, place)
  if (keys === undefined) return []
  const where = at(phase.keys === undefined ? 'keys_file' : 'keys')
  if (keys.length === 0) return report({ message: 'the file holds no key', at: where, help: 'write one key per line' })
  if (keys.length <= MOST_KEYS) return keys
  const help = 'mark the rows in the model and name that column in "where"'
  return report({ message: `${keys.length} keys are more than ${MOST_KEYS}`, at: where, help })
}

function listedKeys(keys: NonNullable<PhaseInput['keys']>, place: PhasePlace): string[] {
  const path = ['rollout', 'phases', place.index, 'keys']
  const { places } = place.context
  const text = (value: Scalar, ...inner: number[]) =>
    writtenScalar({ root: place.tree, path: [...path, ...inner], places }, value).trim()
  return keys.map((key, index) => {
    const parts = Array.isArray(key) ? key.map((part, inner) => text(part, index, inner)) : [text(key, index)]
    if (parts.length !== place.columns) wrongLength(place, places.at(place.tree, [...path, index]))
    return place.columns === 1 ? (parts[0] ?? '') : JSON.stringify(parts)
  })
}

function fileKeys({ keys_file: file }: PhaseInput, place: PhasePlace): string[] | undefined {
  const read = file === undefined ? undefined : place.context.files.read(file, positionsOf(place)('keys_file'))
  if (read === undefined) return undefined
  const lines = read.text.split(/\r?\n/).map((line, index) => ({ text: line.trim(), line: index + 1 }))
  return lines
    .filter(({ text }) => text !== '')
    .map(({ text, line }) => {
      if (place.columns === 1) return text
      const parts = partsOf(text)
      if (parts?.length !== place.columns) wrongLength(place, { file: read.file, line, column: 1 })
      return JSON.stringify(parts ?? [])
    })
}

/** `["a", "b"]`, or nothing. */
function partsOf(line: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return Array.isArray(value) ? value.map(String) : undefined
  } catch {
    return undefined
  }
}

function wrongLength({ columns, context }: PhasePlace, at: Position): void {
  const help = columns === 1 ? 'write the key itself' : `write a list of ${columns} values in the order of primary_key`
  context.problems.add({
    code: 'E-CFG-VALUE',
    message: `this is no key of ${columns === 1 ? 'one column' : `${columns} columns`}`,
    at,
    help,
  })
}

/** Names that could not be told apart, and phases that change nothing. Pure. */
export function phaseProblems(phases: readonly RolloutPhase[]): Problem[] {
  return phases.flatMap((phase, index) => {
    const before = phases.slice(0, index)
    const help = 'rename or remove it'
    if (before.some(({ name }) => name === phase.name))
      return [{ code: 'E-CFG-DUPNAME' as const, message: `two phases are called "${phase.name}"`, at: phase.at, help }]
    const whole = before.find(holdsEveryRow)
    if (whole !== undefined) {
      const message = `phase "${whole.name}" holds every row already, so "${phase.name}" adds none`
      return [{ code: 'E-CFG-VALUE' as const, message, at: phase.at, help }]
    }
    return smallerSample(phase, before)
  })
}

/** A sample of fewer keys is part of the one before. */
function smallerSample(phase: RolloutPhase, before: readonly RolloutPhase[]): Problem[] {
  const share = onlySample(phase)
  const larger = before.find((other) => (onlySample(other) ?? 0) >= (share ?? 101))
  if (larger === undefined) return []
  const message = `the ${share}% of "${phase.name}" are part of the ${larger.samplePercent}% of "${larger.name}", so it adds no row`
  return [{ code: 'E-CFG-VALUE', message, at: phase.at, help: 'let the shares grow from phase to phase' }]
}

function onlySample({ where, samplePercent, keys }: RolloutPhase): number | undefined {
  return where === undefined && keys === undefined ? samplePercent : undefined
}
