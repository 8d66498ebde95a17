/** Plan files on disk: found, read and checked against the project they are used in. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { BackfeedError } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import type { PlanFile } from '../sync/saved-plans/saved-plan.ts'
import { toolVersion } from '../tool-version.ts'
import type { CommandContext } from './command.ts'

/** @throws BackfeedError see read-plan-file.ts; E-PLAN-FILE also when there is no such file. */
export async function openPlanFile(context: CommandContext, target: string): Promise<PlanFile> {
  const path = context.args.required('plan')
  refuseSelection(context)
  const { readPlanFile } = await import('../sync/saved-plans/read-plan-file.ts')
  return readPlanFile({
    path,
    text: textOf(resolve(context.cwd, path), path),
    nowMs: context.ports.clock.nowMs(),
    toolVersion: toolVersion(),
    auditKey: context.env.BACKFEED_AUDIT_KEY ?? '',
    target,
  })
}

function refuseSelection({ global, verb }: CommandContext): void {
  if (global.select.length + global.exclude.length === 0) return
  throw new BackfeedError({
    code: 'E-CLI-OPTION',
    message: `${verb} takes no selection: the plan file says which syncs`,
    help: 'make a plan of fewer syncs: backfeed plan -s SYNC --out plan.json',
  })
}

function textOf(path: string, typed: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const hint = suggestName(basename(path), jsonFiles(dirname(path)))
    throw new BackfeedError(
      {
        code: 'E-PLAN-FILE',
        message: `the plan file ${typed} cannot be read (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'})`,
        ...(hint === undefined ? {} : { hint }),
        help: 'make one with `backfeed plan --out plan.json`',
      },
      { cause },
    )
  }
}

function jsonFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'))
  } catch {
    return []
  }
}
