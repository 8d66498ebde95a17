// The package's macros for DuckDB, as the template environment takes them.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { packageDir } from '../dist/runner/package-dir.js'

function filesUnder(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return filesUnder(path)
    return name.endsWith('.sql') ? [path] : []
  })
}

export function environmentOptions() {
  const root = packageDir()
  const read = (file) => ({ file: `backfeed:${relative(root, file)}`, text: readFileSync(file, 'utf8') })
  const all = filesUnder(join(root, 'macros')).map(read)
  const dialect = (name) => all.find((file) => file.file === `backfeed:macros/dialect/${name}.sql`)
  const refuse = () => {
    throw new Error('the package models of a sync use no ref() and no source()')
  }
  return {
    packageMacros: all.filter((file) => !file.file.includes('/dialect/')),
    projectMacros: [],
    dialectFiles: [dialect('default'), dialect('duckdb')],
    resolve: { ref: refuse, source: refuse },
    vars: {},
    env: {},
    runStartedAt: '2026-07-01T00:00:00Z',
    invocationId: 'bench',
  }
}
