/** The package's own macros for one warehouse, without any project. */
import type { TemplateEnvironment } from '../../runner/compile/compile.ts'
import { packageEnvironment as environmentOf } from '../../runner/compile/package-environment.ts'
import { warehouseAdapter } from '../../runner/warehouse/registry.ts'
import type { WarehouseName } from '../../runner/warehouse/warehouse.ts'

export function packageEnvironment(name: WarehouseName): TemplateEnvironment {
  return environmentOf(warehouseAdapter(name).dialectChain)
}
