// Small helpers every benchmark prints with.

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** A markdown table, so that a result can be pasted into a note as it is. */
export function printTable(rows) {
  const columns = Object.keys(rows[0])
  const width = (column) => Math.max(column.length, ...rows.map((row) => String(row[column]).length))
  const line = (cells) => `| ${cells.map((cell, i) => String(cell).padEnd(width(columns[i]))).join(' | ')} |`
  console.log(line(columns))
  console.log(`|${columns.map((column) => '-'.repeat(width(column) + 2)).join('|')}|`)
  for (const row of rows) console.log(line(columns.map((column) => row[column])))
}

/** `--rows 1000000,10000000` and the like. */
export function listFlag(name, fallback) {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : process.argv[at + 1].split(',').map(Number)
}

/** `--warehouses duckdb,postgres` and the like. */
export function namesFlag(name, fallback) {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : process.argv[at + 1].split(',')
}
