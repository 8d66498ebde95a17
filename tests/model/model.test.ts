/**
 * The protocol, explored completely within bounds: every order of every step of two runners, with runners killed, answers lost,
 * requests late or lost, writes of the warehouse failing or applied without an answer, the lease ending at any instant and the
 * source changing. `npm run test:model -- --large` explores more, and the variants without a bound on pauses.
 */
import { afterAll, describe, expect, test } from 'vitest'
import {
  type Case,
  largeBounds,
  longVariants,
  mutantBounds,
  mutants,
  ownMutants,
  smallBounds,
  variants,
} from './cases.ts'
import { type Exploration, explore } from './explore.ts'
import type { Bounds } from './protocol.ts'

const isLarge = process.env.MODEL_BOUNDS === 'large'
const lines: string[] = []
const results = new Map<string, Exploration>()

afterAll(() => {
  process.stdout.write(`\nmodel, ${isLarge ? 'large' : 'small'} bounds\n${lines.join('\n')}\n`)
})

function explored({ name, what, protocol, bounds }: Case, usual: Bounds): Exploration {
  const found = explore(protocol, { ...usual, ...bounds })
  results.set(name, found)
  const { states, quiescent, seconds, violation } = found
  const end = violation
    ? `${violation.property}, after ${violation.trace.length} steps`
    : `holds (${quiescent} quiescent)`
  lines.push(
    `  ${name.padEnd(5)} ${String(states).padStart(9)} states ${seconds.toFixed(1).padStart(6)} s  ${what}: ${end}`,
  )
  return found
}

describe('the protocol', () => {
  const cases = isLarge ? [...variants, ...longVariants] : variants
  test.each(cases)('$name: $what', (given) => {
    const { violation, quiescent } = explored(given, isLarge ? largeBounds : smallBounds)
    expect(violation).toBeUndefined()
    expect(quiescent).toBeGreaterThan(100)
  })
})

describe('without one mechanism', () => {
  const killed = [...mutants, ...ownMutants].filter(({ breaks }) => breaks !== undefined)
  test.each(killed)('$name: $what', (given) => {
    const { violation } = explored(given, mutantBounds)
    expect(violation?.property ?? 'nothing is broken').toMatch(given.breaks ?? /never/)
    expect(violation?.trace.length ?? 0).toBeGreaterThan(2)
  })
})

describe('what makes no difference', () => {
  const survivors = mutants.filter(({ breaks }) => breaks === undefined)
  test.each(survivors)('$name: $what', (given) => {
    expect(explored(given, mutantBounds).violation).toBeUndefined()
  })

  test.each([
    ['M2', 'no quiet wait when a lease is taken over', 'P0'],
    ['M3', 'the same with a unique key', 'P1'],
  ])('%s: %s', (name, what, itself) => {
    // The runner has no such wait: without it the protocol is what was explored above.
    lines.push(`  ${name.padEnd(5)} ${what}: it is ${itself}`)
    expect(results.get(itself), `${itself} was explored`).toBeDefined()
    expect(results.get(itself)?.violation).toBeUndefined()
  })
})
