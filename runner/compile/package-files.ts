import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageDir } from '../package-dir.ts'
import type { SourceFile } from '../project/project.ts'
import { PACKAGE_PREFIX } from './environment.ts'

/** The package's own macros, for a dialect chain like ['postgres', 'redshift']. */
export function readPackageMacros(dialectChain: readonly string[]): {
  packageMacros: SourceFile[]
  dialectFiles: SourceFile[]
} {
  const files = listSql('macros').filter((file) => !file.startsWith('macros/dialect/'))
  return {
    packageMacros: files.map(readPackageFile),
    dialectFiles: ['default', ...dialectChain].map((name) => readPackageFile(`macros/dialect/${name}.sql`)),
  }
}

/** A file of the package, named as positions name it. `path` is relative to the package folder. */
export function readPackageFile(path: string): SourceFile {
  return { file: `${PACKAGE_PREFIX}${path}`, text: readFileSync(join(packageDir(), path), 'utf8') }
}

function listSql(folder: string): string[] {
  const entries = readdirSync(join(packageDir(), folder), { withFileTypes: true })
  const paths = entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return listSql(path)
    return entry.name.endsWith('.sql') ? [path] : []
  })
  return paths.sort()
}
