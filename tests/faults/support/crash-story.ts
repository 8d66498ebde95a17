/**
 * One sync that goes on from case to case. Every chapter changes one field of five records, clears another field of five more, and
 * creates the ten records of the next chapter: three field sets, so three bulk jobs. People own a field of the first five.
 */
import type { ProcessLab } from './process-lab.ts'
import { createTable, type Leg, type Row } from './sync-leg.ts'
import type { Expected } from './witness.ts'

export interface CrashStory {
  /** Changes the source; what it now asks for is `expected()`. */
  nextChapter(): Promise<void>
  expected(): Expected
}

export const STORY = 'story'

const FIRST_FIVE = [1, 2, 3, 4, 5]
const LAST_FIVE = [6, 7, 8, 9, 10]

/** The records of the first chapter exist afterwards. */
export async function openStory(lab: ProcessLab, leg: Leg): Promise<CrashStory> {
  let chapter = 0
  await leg.prepare(lab)
  lab.syncs(leg.sync(STORY), [`rows_${STORY}`])
  await lab.exec(createTable(STORY), insert(rowsOf(chapter, [...FIRST_FIVE, ...LAST_FIVE])))
  const first = await lab.run(['run', '--output', 'json'])
  if (first.code !== 0) throw new Error(`the first run ended with ${first.code}: ${first.stderr.slice(0, 2_000)}`)
  return {
    async nextChapter() {
      const edits = FIRST_FIVE.map((number) => ({ [leg.key]: keyOf(chapter, number), [leg.owned]: 'theirs' }))
      await lab.emulator.control.putRecords(leg.crm, leg.object, edits)
      await lab.exec(
        `update backfeed.rows_${STORY} set plan = 'new' where id in (${keysOf(chapter, FIRST_FIVE)})`,
        `update backfeed.rows_${STORY} set note = null where id in (${keysOf(chapter, LAST_FIVE)})`,
        insert(rowsOf(chapter + 1, [...FIRST_FIVE, ...LAST_FIVE])),
      )
      chapter += 1
    },
    expected: () => ({
      leg,
      sync: STORY,
      isOurs: (key) => key.startsWith(`c${chapter - 1}-`) || key.startsWith(`c${chapter}-`),
      records: Object.fromEntries([
        ...FIRST_FIVE.map((number) => record(leg, keyOf(chapter - 1, number), ['new', 'kept', 'theirs'])),
        ...LAST_FIVE.map((number) => record(leg, keyOf(chapter - 1, number), ['old', null, null])),
        ...[...FIRST_FIVE, ...LAST_FIVE].map((number) => record(leg, keyOf(chapter, number), ['old', 'kept', null])),
      ]),
    }),
  }
}

type Values = readonly [plan: string, note: string | null, owned: string | null]

function record(leg: Leg, key: string, [plan, note, owned]: Values) {
  const [nameField = '', planField = '', noteField = ''] = leg.mapped
  return [key, { [nameField]: key, [planField]: plan, [noteField]: note, [leg.owned]: owned }] as const
}

function keyOf(chapter: number, number: number): string {
  return `c${chapter}-${number}`
}

function keysOf(chapter: number, numbers: readonly number[]): string {
  return numbers.map((number) => `'${keyOf(chapter, number)}'`).join(', ')
}

function rowsOf(chapter: number, numbers: readonly number[]): Row[] {
  return numbers.map((number) => [keyOf(chapter, number), 'old', 'kept'] as const)
}

function insert(rows: readonly Row[]): string {
  return `insert into backfeed.rows_${STORY} values ${rows.map((row) => `('${row.join("', '")}')`).join(', ')}`
}
