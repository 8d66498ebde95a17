/** Opens our own tables for `audit`: nothing is built, no CRM is contacted, and tables of another version are refused. */
import type { LedgerPlace } from '../audit/ledger.ts'
import { ExitCode } from '../errors.ts'
import type { Project, Target } from '../project/project.ts'
import { activeTarget } from './active-target.ts'
import { withWarehouse } from './audit-session.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'

export interface OpenLedger extends LedgerPlace {
  project: Project
  target: Target
  /** BACKFEED_AUDIT_KEY; '' when there is none. */
  auditKey: string
}

/** Says that nothing is recorded yet where there are no tables. @throws BackfeedError E-STATE-NEWER, E-STATE-OLDER */
export async function withLedger(
  context: CommandContext,
  work: (ledger: OpenLedger) => Promise<ExitCode>,
): Promise<ExitCode> {
  const project = await openProject(context)
  const target = activeTarget(project)
  const { warehouseAdapter } = await import('../warehouse/registry.ts')
  const { packageEnvironment } = await import('../compile/package-environment.ts')
  const { requireCurrentLedger } = await import('../audit/ledger.ts')
  const environment = packageEnvironment(warehouseAdapter(target.type).dialectChain)
  return withWarehouse(context, project, async (warehouse, options) => {
    const places = { warehouse, environment, schema: target.schema, auditSchema: project.audit.schema, options }
    if (!(await requireCurrentLedger(places satisfies LedgerPlace))) return nothingYet(context, target)
    return work({ ...places, project, target, auditKey: context.env.BACKFEED_AUDIT_KEY ?? '' })
  })
}

function nothingYet(context: CommandContext, target: Target): ExitCode {
  const text = `Nothing recorded yet for target ${target.name}: run \`backfeed plan\` or \`backfeed run\` first`
  return finish(context, { exit: ExitCode.ok, facts: { recorded: false }, text: () => text })
}
