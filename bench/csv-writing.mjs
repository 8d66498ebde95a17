// Measured by bulk.mjs: rows to CSV text, `--library` naming whose code does it. Prints CPU microseconds per row.
import { createRequire } from 'node:module'
import { change, record } from './bulk-rows.mjs'

const [library, rowsText, folder] = process.argv.slice(2)
const rows = Number(rowsText)
const BLOCK = 10_000

const UPSERT = { object: 'Account', path: 'upsert', matchField: 'Customer_Id__c' }
const cellsOf = (i) => Object.values(record(i)).map((value) => (value === null ? '#N/A' : String(value)))

/** Each takes what it likes best, made beforehand and not counted: bodies, or arrays of cells. */
const LIBRARIES = {
  backfeed: async () => {
    const { LineWriter } = await import('../dist/runner/destination/salesforce/bulk/line-writer.js')
    const { loadShape } = await import('../dist/runner/destination/salesforce/bulk/load-shape.js')
    const writer = new LineWriter(loadShape(UPSERT, change(1).body))
    const write = (block) => {
      writer.clear()
      for (const body of block) writer.add(body)
      return writer.block()
    }
    return { make: (i) => change(i).body, write }
  },
  'csv-stringify': async (load) => {
    const { stringify } = load('csv-stringify/sync')
    return { make: cellsOf, write: (block) => stringify(block) }
  },
  'fast-csv': async (load) => {
    const { writeToString } = load('@fast-csv/format')
    return { make: cellsOf, write: (block) => writeToString(block) }
  },
  papaparse: async (load) => {
    const { unparse } = load('papaparse')
    return { make: cellsOf, write: (block) => unparse(block, { newline: '\n' }) }
  },
}

const load = folder === undefined ? undefined : createRequire(`${folder}/`)
const { make, write } = await LIBRARIES[library](load)
const block = (from) => Array.from({ length: BLOCK }, (_, offset) => make(from + offset))
const flat = async (lines) => Buffer.byteLength(await write(lines))
for (let warm = 0; warm < 3; warm += 1) await flat(block(0))
let micros = 0
let bytes = 0
for (let from = 0; from < rows; from += BLOCK) {
  const lines = block(from)
  const before = process.cpuUsage()
  bytes += await flat(lines)
  const { user, system } = process.cpuUsage(before)
  micros += user + system
}
console.log(JSON.stringify({ microsPerRow: micros / rows, bytes }))
