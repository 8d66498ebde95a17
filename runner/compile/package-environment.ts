/** The package's own macros for one warehouse, without any project: what fixed questions to our own tables need. */
import type { WarehouseName } from '../warehouse/warehouse.ts'
import type { TemplateEnvironment } from './compile.ts'
import { createTemplateEnvironment } from './environment.ts'
import { readPackageMacros } from './package-files.ts'

export function packageEnvironment(dialectChain: readonly WarehouseName[]): TemplateEnvironment {
  return createTemplateEnvironment({
    ...readPackageMacros(dialectChain),
    projectMacros: [],
    resolve: { ref: (model) => model, source: (source, table) => `${source}.${table}` },
    vars: {},
    env: {},
    runStartedAt: '',
    invocationId: '',
  })
}
