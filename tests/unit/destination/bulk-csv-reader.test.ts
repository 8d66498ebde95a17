import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CsvCursor } from '../../../runner/destination/salesforce/bulk/csv-cursor.ts'
import { csvPages } from '../../../runner/destination/salesforce/bulk/csv-pages.ts'

async function* pieces(text: string, size: number): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text, 'utf8')
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(text: string, size = 1 << 16): Promise<{ header: readonly string[]; rows: string[][] }> {
  let header: readonly string[] = []
  const open = (cells: readonly string[]) => {
    header = cells
    return (record: CsvCursor) => record.cells()
  }
  const rows: string[][] = []
  for await (const page of csvPages({ chunks: pieces(text, size), open })) rows.push(...page)
  return { header, rows }
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`

describe('reading CSV piece by piece', () => {
  test('quoted and plain cells, either line ending, a last line without one', async () => {
    const { header, rows } = await read('a,"b"\r\n1,"x, ""y"""\r\n"2\r\n3",\n4,z')
    expect(header).toEqual(['a', 'b'])
    expect(rows).toEqual([
      ['1', 'x, "y"'],
      ['2\r\n3', ''],
      ['4', 'z'],
    ])
  })

  test('a byte order mark is not part of the first name', async () => {
    expect((await read('\ufeffa,b\n1,2\n')).header).toEqual(['a', 'b'])
  })

  test('nothing at all is no rows', async () => {
    expect(await read('')).toEqual({ header: [], rows: [] })
  })

  test('any cells, cut at any byte', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', '\r\n', 'é', '😀', ' ', ';') })
    const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        table,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('\n', '\r\n'),
        async (rows, size, end) => {
          const text = rows.map((row) => row.map(quoted).join(',') + end).join('')
          expect((await read(`x,y,z${end}${text}`, size)).rows).toEqual(rows)
        },
      ),
    )
  })

  test('pages hold 2,000 rows', async () => {
    const sizes: number[] = []
    const open = () => (record: CsvCursor) => record.cell(0)
    const text = `a\n${'1\n'.repeat(4_500)}`
    for await (const page of csvPages({ chunks: pieces(text, 1 << 20), open })) sizes.push(page.length)
    expect(sizes).toEqual([2_000, 2_000, 500])
  })

  test.each([
    ['cut inside a quoted cell', 'a,b\n"1","2'],
    ['cut before the last cell', 'a,b\n1,2\n3'],
    ['a cell too many', 'a,b\n1,2,3\n'],
    ['text beside a quoted cell', 'a,b\n"1"x,2\n'],
    ['a quote inside a plain cell', 'a,b\n1"2,3\n'],
  ])('%s is an error', async (_, text) => {
    for (const size of [1, 3, 1 << 16]) await expect(read(text, size)).rejects.toMatchObject({ name: 'CsvFault' })
  })
})
