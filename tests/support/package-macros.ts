/** The package's own macros for one warehouse, as the runner loads them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TemplateEnvironment } from '../../runner/compile/compile.ts'
import { createTemplateEnvironment } from '../../runner/compile/environment.ts'
import type { SourceFile } from '../../runner/project/project.ts'
import { warehouseAdapter } from '../../runner/warehouse/registry.ts'
import type { WarehouseName } from '../../runner/warehouse/warehouse.ts'

export function packageMacros(warehouse: WarehouseName): TemplateEnvironment {
  const files = readdirSync('macros', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.sql'))
  return createTemplateEnvironment({
    packageMacros: files.filter((file) => !file.startsWith('dialect')).map(sourceFile),
    dialectFiles: ['default', ...warehouseAdapter(warehouse).dialectChain].map((name) =>
      sourceFile(`dialect/${name}.sql`),
    ),
    projectMacros: [],
    resolve: { ref: (name) => name, source: (_, table) => table },
    vars: {},
    env: {},
    runStartedAt: '2026-01-01T00:00:00Z',
    invocationId: 'test',
  })
}

function sourceFile(file: string): SourceFile {
  const path = join('macros', file)
  return { file: `backfeed:${path.replaceAll('\\', '/')}`, text: readFileSync(path, 'utf8') }
}
