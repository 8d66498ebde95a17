/** The folder of the installed package: where its models, macros and worked example lie, in a checkout and under dist/ alike. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { invariant } from './errors.ts'

let found: string | undefined

export function packageDir(): string {
  found ??= search(dirname(fileURLToPath(import.meta.url)))
  return found
}

function search(dir: string): string {
  if (existsSync(join(dir, 'package.json')) && existsSync(join(dir, 'macros/dialect/default.sql'))) return dir
  const parent = dirname(dir)
  invariant(parent !== dir, 'the package folder with its macros was not found')
  return search(parent)
}
