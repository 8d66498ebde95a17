/** The warehouse part of `debug`: driver, login, and the right to build in the target's schema. */
import type { Project, Target } from '../project/project.ts'
import type { Column, Warehouse } from '../warehouse/warehouse.ts'
import { statementOptions } from './audit-session.ts'
import { type Check, failedCheck } from './check.ts'
import type { CommandContext } from './command.ts'
import { compileProject } from './compile-project.ts'

export interface WarehouseCheck {
  project: Project
  target: Target
  report: (check: Check) => void
}

/** Columns of the model each sync reads, for those that are built. */
export type ModelColumns = ReadonlyMap<string, readonly Column[]>

export async function checkWarehouse(context: CommandContext, o: WarehouseCheck): Promise<ModelColumns> {
  const { openWarehouse } = await import('../warehouse/registry.ts')
  const name = `warehouse ${o.target.type}`
  let warehouse: Warehouse
  try {
    warehouse = await openWarehouse(o.target, { projectDir: o.project.dir })
  } catch (error) {
    o.report(failedCheck(`${name}: login`, error))
    return new Map()
  }
  try {
    o.report({ name: `${name}: login`, status: 'ok', message: 'connected' })
    o.report(await checkGrants(context, { ...o, warehouse }))
    return await modelColumns(context, { ...o, warehouse })
  } finally {
    await warehouse.close()
  }
}

type Open = WarehouseCheck & { warehouse: Warehouse }

/** Makes and drops one empty table: the only proof that means anything on every warehouse. */
async function checkGrants(context: CommandContext, { target, warehouse }: Open): Promise<Check> {
  const name = `warehouse ${target.type}: grants`
  const options = statementOptions(context)
  const table = `${target.schema}.debug_${context.invocationId.slice(0, 8)}`
  try {
    await warehouse.exec(`create schema if not exists ${target.schema}`, options('schema'))
    await warehouse.exec(`create table ${table} (probe integer)`, options('create'))
    await warehouse.exec(`drop table ${table}`, options('drop'))
    return { name, status: 'ok', message: `may create and drop tables in ${target.schema}` }
  } catch (error) {
    return failedCheck(name, error)
  }
}

async function modelColumns(
  context: CommandContext,
  { project, target, warehouse, report }: Open,
): Promise<ModelColumns> {
  const { syncModel } = await import('../sync/open-session.ts')
  const known = new Map<string, readonly Column[]>()
  try {
    const { models } = await compileProject(context, project)
    report({ name: 'models', status: 'ok', message: `${models.length} render` })
    for (const sync of project.syncs.values()) {
      const columns = await warehouse.columns(syncModel({ project, target, models }, sync).relation)
      if (columns !== undefined) known.set(sync.name, columns)
    }
  } catch (error) {
    report(failedCheck('models', error))
  }
  return known
}
