import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { packageDir } from './package-dir.ts'

let version: string | undefined

export function toolVersion(): string {
  version ??= z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(packageDir(), 'package.json'), 'utf8'))).version
  return version
}
