import { BackfeedError } from '../errors.ts'
import { duckdbAdapter } from './duckdb.ts'
import { postgresAdapter } from './postgres.ts'
import type { OpenContext, Warehouse, WarehouseAdapter, WarehouseName, WarehouseSettings } from './warehouse.ts'

/** One line per warehouse. An adapter loads its driver when it opens, so listing it here costs nothing. */
const adapters: Record<WarehouseName, WarehouseAdapter | 'not yet'> = {
  duckdb: duckdbAdapter,
  postgres: postgresAdapter,
  redshift: 'not yet',
  snowflake: 'not yet',
  bigquery: 'not yet',
  databricks: 'not yet',
}

export const warehouseNames = Object.keys(adapters) as readonly WarehouseName[]

/** Throws E-WH-UNSUPPORTED for a warehouse that is planned but not built. */
export function warehouseAdapter(name: WarehouseName): WarehouseAdapter {
  const adapter = adapters[name]
  if (adapter !== 'not yet') return adapter
  const built = warehouseNames.filter((other) => adapters[other] !== 'not yet')
  throw new BackfeedError({
    code: 'E-WH-UNSUPPORTED',
    message: `the warehouse "${name}" is not supported yet`,
    help: `use one of: ${built.join(', ')}`,
  })
}

export function isBuilt(name: WarehouseName): boolean {
  return adapters[name] !== 'not yet'
}

/** Opens and connects: errors are E-WH-DRIVER, E-WH-AUTH, E-WH-CONNECT, E-WH-PATH, E-WH-LOCKED. The caller closes it. */
export function openWarehouse(
  target: { type: WarehouseName; settings: WarehouseSettings },
  context: OpenContext,
): Promise<Warehouse> {
  return warehouseAdapter(target.type).open(target.settings, context)
}
