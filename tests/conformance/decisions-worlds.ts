/** Random small worlds: hostile keys, sources that change, people who edit the CRM. One world is one key and its record. */
import { type CrmRecord, type FieldRule, type Kind, REFUSED_ID, type Row, SENTINEL } from './decisions-reference.ts'

export type Random = () => number

/** Mulberry32: small, seeded, good enough to pick things. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function pick<T>(random: Random, from: readonly T[]): T {
  const one = from[Math.floor(random() * from.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

const hostile = [
  "O'Brien",
  'a"b\\c',
  "' OR 1=1 --",
  '; drop table x',
  'ключ',
  '🙂',
  'x'.repeat(300),
  'a,b',
  '["a","b"]',
  'Key',
  'key',
  ' padded ',
  'null',
  '0',
  'é',
  '$1 {{ x }}',
]

/** No two alike after trimming. */
export function keyText(world: number): string {
  const base = hostile[world % hostile.length] ?? ''
  return world < hostile.length ? base : `${base}~${world}`
}

export const columns: readonly { name: string; kind: Kind }[] = [
  { name: 't', kind: 'text' },
  { name: 's', kind: 'text' },
  { name: 'i', kind: 'number' },
  { name: 'd', kind: 'number' },
  { name: 'b', kind: 'bool' },
  { name: 'j', kind: 'date' },
  { name: 'x', kind: 'timestamp' },
  { name: 'r', kind: 'text' },
]

const values: Record<string, readonly (string | null)[]> = {
  t: [null, 'one', 'two', 'Two', ' two ', '', ' \t', `it's "é" 🙂`, 'y'.repeat(41)],
  s: [null, 'red', 'blue', SENTINEL],
  i: [null, '0', '7', '-3', '9007199254740991'],
  d: [null, '0.00', '1.10', '1.20', '-0.05', '123456789012.34'],
  b: [null, 'true', 'false'],
  j: [null, '2024-02-29', '1999-12-31', '1700-01-01'],
  x: [null, '2026-01-02T03:04:05.000Z', '2026-01-02T03:04:05.250Z', '1999-12-31T23:59:59.999Z'],
  r: [null, null, null, REFUSED_ID],
}

export function randomValue(random: Random, column: string): string | null {
  return pick(random, values[column] ?? [null])
}

export interface World {
  key: string
  part: string
  match: string
  /** Rows of the source: none, one, or several that share the key. */
  rows: Row[]
}

export function newWorld(random: Random, index: number, domain: string): World {
  const world: World = { key: keyText(index), part: `p${index}`, match: `w${index}${domain}`, rows: [] }
  if (random() < 0.9) world.rows = [newRow(random, world)]
  return world
}

function newRow(random: Random, world: World): Row {
  const cells = columns.map(({ name }) => [name, randomValue(random, name)] as const)
  return {
    id: world.key,
    id2: world.part,
    m: world.match,
    flag: pick(random, [null, 'true', 'false', 'false']),
    ...Object.fromEntries(cells),
  }
}

/** What happens to a world between two runs. */
export function changeWorld(random: Random, world: World, others: readonly World[]): void {
  const dice = random()
  const [row] = world.rows
  if (dice < 0.35) return
  if (!row) world.rows = [newRow(random, world)]
  else if (dice < 0.7) world.rows = [changedRow(random, row)]
  else if (dice < 0.76) world.rows = []
  else if (dice < 0.82) world.rows = [row, random() < 0.5 ? row : changedRow(random, row)]
  else if (dice < 0.86) world.rows = [{ ...row, m: pick(random, [null, ' ', pick(random, others).match]) }]
  else if (dice < 0.9) world.rows = [{ ...row, m: `moved-${world.match}` }]
  else if (dice < 0.93) world.rows = [{ ...row, m: ` ${world.match.toUpperCase()} ` }]
  else world.rows = [newRow(random, world)]
}

function changedRow(random: Random, row: Row): Row {
  const { name } = pick(random, columns)
  return {
    ...row,
    [name]: randomValue(random, name),
    flag: random() < 0.2 ? pick(random, ['true', 'false']) : (row.flag ?? null),
  }
}

/** Fields that a person changes on a record. */
export function editOf(random: Random, fields: readonly FieldRule[]): Record<string, string | null> {
  const field = pick(random, fields)
  const options = (values[field.column] ?? []).filter(
    (value) => value !== SENTINEL && value !== REFUSED_ID && (value === null || [...value].length <= 40),
  )
  return { [field.to]: pick(random, options) }
}

export function sortedByMatch(records: readonly CrmRecord[]): CrmRecord[] {
  return [...records].sort((a, b) => (a.match < b.match ? -1 : 1))
}
