/** `revert RUN`: shows what would go back to the values before that run, and with `--apply` puts it back and pauses the sync. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BackfeedError, type ExitCode } from '../errors.ts'
import type { Project, Sync } from '../project/project.ts'
import { activeTarget } from './active-target.ts'
import { withWarehouse } from './audit-session.ts'
import type { CommandContext } from './command.ts'
import { execute } from './execute.ts'
import { openProject } from './open-project.ts'
import { planAndAnswer } from './plan.ts'
import { answerRun } from './run.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const { args } = context
  if (args.flag('delete-created')) throw notYet()
  const runId = args.required('run')
  const keys = readKeys(context)
  const fields = args
    .list('fields')
    .flatMap((text) => text.split(','))
    .map((name) => name.trim())
  const choose = await syncOfRun(context, runId)
  const { revertPurpose } = await import('../sync/revert/revert-purpose.ts')
  const purpose = revertPurpose({ runId, ...(keys && { keys }), ...(fields.length > 0 && { fields }) })
  if (args.flag('apply')) return answerRun(context, await execute(context, 'run', { choose, purpose }))
  return planAndAnswer(context, { choose, purpose })
}

function notYet(): BackfeedError {
  return new BackfeedError({
    code: 'E-CLI-OPTION',
    message: '--delete-created is not supported yet: records that a run created stay and are listed',
    help: 'leave it out; delete those records in the CRM, if nobody uses them',
  })
}

/** Undefined when all rows are meant. @throws BackfeedError E-CLI-OPTION */
function readKeys({ args, cwd }: CommandContext): string[] | undefined {
  const file = args.text('keys-file')
  const listed = args.list('keys').flatMap((text) => text.split(','))
  if (file === undefined && listed.length === 0) return undefined
  const keys = [...listed, ...(file === undefined ? [] : linesOf(resolve(cwd, file), file))]
    .map((key) => key.trim())
    .filter((key) => key !== '')
  // No key at all must not mean every key.
  if (keys.length === 0)
    throw new BackfeedError({
      code: 'E-CLI-OPTION',
      message: '--keys and --keys-file name no key',
      help: 'one key per line',
    })
  return keys
}

function linesOf(path: string, file: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/)
  } catch (cause) {
    throw new BackfeedError(
      {
        code: 'E-CLI-OPTION',
        message: `--keys-file: ${JSON.stringify(file)} cannot be read`,
        help: 'one key per line',
      },
      { cause },
    )
  }
}

async function syncOfRun(
  context: CommandContext,
  runId: string,
): Promise<(project: Project) => Promise<readonly Sync[]>> {
  const { findRun } = await import('../sync/revert/reverted-run.ts')
  const project = await openProject(context)
  const { schema } = activeTarget(project)
  const { sync } = await withWarehouse(context, project, (warehouse, options) =>
    findRun({ warehouse, schema, runId, options: options('revert') }),
  )
  return async ({ syncs }) => {
    const found = syncs.get(sync)
    if (found !== undefined) return [found]
    throw new BackfeedError({
      code: 'E-REV-RUN',
      message: `${runId} is a run of ${sync}, which is no sync of this project`,
      help: 'links and associations cannot be reverted; a sync that was removed or renamed must be put back first',
    })
  }
}
