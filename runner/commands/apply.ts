/** `apply plan.json`: sends a saved plan, exactly or not at all. */
import { BackfeedError, ExitCode } from '../errors.ts'
import type { Project, Sync } from '../project/project.ts'
import type { PlanFile } from '../sync/saved-plans/saved-plan.ts'
import { activeTarget } from './active-target.ts'
import type { CommandContext } from './command.ts'
import { execute } from './execute.ts'
import { openProject } from './open-project.ts'
import { openPlanFile } from './plan-file.ts'
import { answerRun } from './run.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const opened = await openProject(context)
  const file = await openPlanFile(context, activeTarget(opened).name)
  const { applyPurpose } = await import('../sync/saved-plans/apply-purpose.ts')
  const reason = file.saved.allow_reason
  const executed = await execute(context, 'run', {
    project: opened,
    purpose: applyPurpose(file),
    choose: (project, syncs) => syncsOf(file, project, syncs),
    allowance: { limits: {}, ...(reason === null ? {} : { reason }) },
  })
  return answerRun(context, executed)
}

/** Those of the file, in its order. Associations and links are made again from the syncs they belong to. */
async function syncsOf({ saved }: PlanFile, project: Project, syncs: readonly Sync[]): Promise<readonly Sync[]> {
  const { withAssociations } = await import('../sync/associations/association-syncs.ts')
  const { linkSync } = await import('../sync/links/link-sync.ts')
  const known = withAssociations(syncs)
  const missing: string[] = []
  const found = saved.plans.flatMap(({ sync, link }) => {
    const written = known.find(({ name }) => name === (link?.of ?? sync))
    if (written === undefined) missing.push(sync)
    return written === undefined ? [] : [link === undefined ? written : linkSync(project, written, link.by)]
  })
  if (missing.length === 0 && saved.project === project.name) return found
  const message =
    missing.length === 0
      ? `the plan is of project ${saved.project}, this is ${project.name}`
      : `the project has no sync ${missing.join(', ')} any more`
  throw new BackfeedError(
    { code: 'E-PLAN-STALE', message, help: 'make a new plan: backfeed plan --out plan.json' },
    { exitCode: ExitCode.refused },
  )
}
