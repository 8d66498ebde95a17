/** Whatever one slip does to a valid project: an error with a place, or the same syncs as before. Never less, never a crash. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { BackfeedError } from '../../../runner/errors.ts'
import { loadProject } from '../../../runner/project/load-project.ts'

const COMPLETE = join(import.meta.dirname, '../../fixtures/projects/complete')
const FILES = ['project.yml', 'syncs/salesforce.yml', 'syncs/hubspot.yml', 'models/schema.yml']
const dir = mkdtempSync(join(tmpdir(), 'backfeed-mutation-'))
cpSync(COMPLETE, dir, { recursive: true })
afterAll(() => rmSync(dir, { recursive: true }))

type Path = (string | number)[]
type Mutation = { kind: 'delete' } | { kind: 'rename'; to: string } | { kind: 'retype'; to: unknown }

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.constant({ kind: 'delete' as const }),
  fc.record({
    kind: fc.constant('rename' as const),
    to: fc.constantFrom('', 'x', 'nmae', '__proto__', 'constructor', 'on', 'é', '<<', '+tags', 'null'),
  }),
  fc.record({
    kind: fc.constant('retype' as const),
    to: fc.constantFrom(
      null,
      true,
      0,
      -1,
      1.5,
      1e300,
      '',
      'x',
      '{{ x }}',
      "{{ env_var('NOPE') }}",
      [],
      [null],
      [[]],
      {},
      { x: 1 },
      ['x', 'x'],
    ),
  }),
)

function paths(node: unknown, path: Path = []): Path[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => {
    const inner = [...path, Array.isArray(node) ? Number(key) : key]
    return [inner, ...paths(value, inner)]
  })
}

function mutate(node: unknown, path: Path, change: Mutation): unknown {
  const [key, ...rest] = path
  if (Array.isArray(node)) {
    return node.flatMap((item, index) => {
      if (index !== key) return [item]
      if (rest.length > 0) return [mutate(item, rest, change)]
      return change.kind === 'delete' ? [] : [change.to]
    })
  }
  const entries = Object.entries(node as object).flatMap(([name, value]): [string, unknown][] => {
    if (name !== key) return [[name, value]]
    if (rest.length > 0) return [[name, mutate(value, rest, change)]]
    if (change.kind === 'delete') return []
    return change.kind === 'rename' ? [[change.to, value]] : [[name, change.to]]
  })
  return new Map(entries)
}

function isWholeSync(file: string, path: Path, change: Mutation): boolean {
  if (!file.startsWith('syncs/') || path[0] !== 'syncs') return false
  if (path.length === 2) return change.kind === 'delete'
  return path.length === 1 && change.kind === 'retype' && Array.isArray(change.to) && change.to.length === 0
}

function outcome(): { syncs: number } | { error: unknown } {
  try {
    return { syncs: loadProject({ dir, env: {} }).syncs.size }
  } catch (error) {
    return { error }
  }
}

describe('one node deleted, renamed or retyped', () => {
  const documents = FILES.map((file) => ({ file, text: readFileSync(join(COMPLETE, file), 'utf8') })).map((source) => {
    const value: unknown = parse(source.text)
    return { ...source, value, paths: paths(value) }
  })
  const slip = fc.tuple(
    fc
      .nat({ max: FILES.length - 1 })
      .chain((index) =>
        fc.record({ index: fc.constant(index), path: fc.constantFrom(...(documents[index]?.paths ?? [])) }),
      ),
    mutation,
  )

  it('loads with as many syncs, or says what is wrong and where', () => {
    fc.assert(
      fc.property(slip, ([{ index, path }, change]) => {
        const document = documents[index] ?? { file: '', text: '', value: {}, paths: [] }
        fc.pre(!isWholeSync(document.file, path, change))
        const mutated = stringify(mutate(document.value, path, change))
        writeFileSync(join(dir, document.file), mutated)
        const found = outcome()
        writeFileSync(join(dir, document.file), document.text)
        if ('syncs' in found) {
          expect(found.syncs).toBe(2)
          return
        }
        expect(found.error).toBeInstanceOf(BackfeedError)
        expectPlaces(found.error as BackfeedError, { file: document.file, text: mutated })
      }),
      { numRuns: Number(process.env.RUNS ?? 250) },
    )
  })
})

describe('one character inserted, deleted or replaced', () => {
  const edit = fc.record({
    file: fc.constantFrom(...FILES),
    at: fc.nat({ max: 4000 }),
    remove: fc.nat({ max: 3 }),
    insert: fc.oneof(
      fc.constantFrom('', '\t', '\n', '{', '[', '*', '&a ', '!!x ', '#', '"', "'", '|', '\u0000', '%', '---\n'),
      fc.string({ maxLength: 3 }),
    ),
  })

  it('never crashes', () => {
    fc.assert(
      fc.property(edit, ({ file, at, remove, insert }) => {
        const text = readFileSync(join(COMPLETE, file), 'utf8')
        const offset = at % text.length
        writeFileSync(join(dir, file), `${text.slice(0, offset)}${insert}${text.slice(offset + remove)}`)
        const found = outcome()
        writeFileSync(join(dir, file), text)
        if ('error' in found) expect(found.error).toBeInstanceOf(BackfeedError)
      }),
      { numRuns: Number(process.env.RUNS ?? 150) },
    )
  })
})

function expectPlaces(error: BackfeedError, mutated: { file: string; text: string }): void {
  expect(error.problems.length).toBeGreaterThan(0)
  for (const { at, message } of error.problems) {
    expect(at, message).toBeDefined()
    const text = at?.file === mutated.file ? mutated.text : readFileSync(join(dir, at?.file ?? ''), 'utf8')
    const lines = text.split('\n')
    expect(at?.line, message).toBeLessThanOrEqual(lines.length)
    expect(at?.column, message).toBeLessThanOrEqual((lines[(at?.line ?? 1) - 1]?.length ?? 0) + 1)
  }
}
