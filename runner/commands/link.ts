/** `link`: finds the records that the rows of a sync already have, and with `--apply` writes the sync's key into them. */
import { BackfeedError, type ExitCode } from '../errors.ts'
import type { Project, Sync } from '../project/project.ts'
import type { CommandContext } from './command.ts'
import { execute } from './execute.ts'
import { planAndAnswer } from './plan.ts'
import { answerRun } from './run.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const object = context.args.required('object')
  const by = requiredProperty(context)
  const { linkSync } = await import('../sync/links/link-sync.ts')
  const links = async (project: Project, syncs: readonly Sync[]): Promise<readonly Sync[]> =>
    syncsOf(context, object, syncs).map((sync) => linkSync(project, sync, by))
  if (context.args.flag('apply')) return answerRun(context, await execute(context, 'run', { choose: links }))
  return planAndAnswer(context, { choose: links })
}

function requiredProperty(context: CommandContext): string {
  const by = context.args.text('by')
  if (by !== undefined && by !== '') return by
  throw new BackfeedError({
    code: 'E-CLI-OPTION',
    message: '--by says by which property the records are found',
    help: `backfeed link ${context.args.required('object')} --by domain -s SYNC`,
  })
}

/** Those of the object; of one that was named, the object must fit. */
function syncsOf({ global }: CommandContext, object: string, syncs: readonly Sync[]): readonly Sync[] {
  const fitting = syncs.filter((sync) => sync.object.toLowerCase() === object.toLowerCase())
  if (fitting.length > 0) return fitting
  const objects = [...new Set(syncs.map((sync) => sync.object))].join(', ')
  throw new BackfeedError({
    code: 'E-CLI-SELECT',
    message: `${global.select.length === 0 ? 'no sync' : 'no selected sync'} has the object ${JSON.stringify(object)}`,
    ...(objects === '' ? {} : { hint: `objects: ${objects}` }),
    help: 'name the object as the sync does, and the sync with -s',
  })
}
