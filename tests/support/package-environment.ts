/** The package's own macros for one warehouse, without any project. */

import type { TemplateEnvironment } from '../../runner/compile/compile.ts'
import { createTemplateEnvironment } from '../../runner/compile/environment.ts'
import { readPackageMacros } from '../../runner/compile/package-files.ts'
import { warehouseAdapter } from '../../runner/warehouse/registry.ts'
import type { WarehouseName } from '../../runner/warehouse/warehouse.ts'

export function packageEnvironment(name: WarehouseName): TemplateEnvironment {
  return createTemplateEnvironment({
    ...readPackageMacros(warehouseAdapter(name).dialectChain),
    projectMacros: [],
    resolve: { ref: (model) => model, source: (source, table) => `${source}.${table}` },
    vars: {},
    env: {},
    runStartedAt: '2026-01-01T00:00:00Z',
    invocationId: 'test',
  })
}
