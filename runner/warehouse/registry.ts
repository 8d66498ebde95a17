import { BackfeedError, type Position } from '../errors.ts'
import { duckdbAdapter } from './duckdb.ts'
import { postgresAdapter } from './postgres.ts'
import type { OpenContext, Warehouse, WarehouseAdapter, WarehouseName, WarehouseSettings } from './warehouse.ts'
import { WarehouseError } from './warehouse-error.ts'

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
export async function openWarehouse(target: WarehouseTarget, context: OpenContext): Promise<Warehouse> {
  try {
    return await warehouseAdapter(target.type).open(target.settings, context)
  } catch (error) {
    if (error instanceof BackfeedError) throw placed(error, target)
    throw error
  }
}

export interface WarehouseTarget {
  type: WarehouseName
  settings: WarehouseSettings
  /** Of the target and its settings in project.yml; errors then say where. */
  at?: Position
  settingsAt?: Readonly<Record<string, Position>>
}

/** The setting that each error is about; several names where warehouses call it differently. */
const settingOf: Readonly<Record<string, readonly string[]>> = {
  'E-WH-AUTH': ['user', 'username'],
  'E-WH-CONNECT': ['host'],
  'E-WH-LOCKED': ['path'],
  'E-WH-PATH': ['path'],
  'E-WH-ROLE': ['role', 'user'],
  'E-WH-DRIVER': ['type'],
  'E-WH-UNSUPPORTED': ['type'],
}

function placed(error: BackfeedError, { at, settingsAt }: WarehouseTarget): BackfeedError {
  const problems = error.problems.map((problem) => {
    const name = settingOf[problem.code]?.find((setting) => settingsAt?.[setting])
    const place = problem.at ?? (name === undefined ? undefined : settingsAt?.[name]) ?? at
    return place === undefined ? problem : { ...problem, at: place }
  })
  const options = { exitCode: error.exitCode, cause: error.cause }
  const [first] = problems
  return error instanceof WarehouseError && first !== undefined
    ? new WarehouseError(error.kind, first, options)
    : new BackfeedError(problems, options)
}
