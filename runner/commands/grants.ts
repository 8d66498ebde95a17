/** `audit grants`: prints least-privilege SQL for the roles of a warehouse; runs nothing and connects to nothing. */
import { type GrantRole, grantRoles, grantsFor } from '../audit/grants.ts'
import { sourceRelation } from '../compile/relations.ts'
import { ExitCode } from '../errors.ts'
import type { WarehouseName } from '../warehouse/warehouse.ts'
import { activeTarget } from './active-target.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const project = await openProject(context)
  const target = activeTarget(project)
  const { args } = context
  const asked = args.text('role')
  const roles = grantRoles.filter((role) => asked === undefined || role === asked)
  const warehouse = (args.text('warehouse') ?? target.type) as WarehouseName
  const sources = [...project.sources.values()].map(sourceRelation).map(({ schema, name }) => `${schema}.${name}`)
  const places = { schema: target.schema, auditSchema: project.audit.schema, sources }
  const sql = Object.fromEntries(roles.map((role) => [role, grantsFor(warehouse, role, places)])) as Record<
    GrantRole,
    string
  >
  return finish(context, {
    exit: ExitCode.ok,
    facts: { warehouse, grants: sql },
    text: () => roles.map((role) => sql[role]).join('\n\n'),
  })
}
