/** Deletes what can be made again. Only folders inside the project, never the project itself. */
import { existsSync, realpathSync, rmSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { BackfeedError, ExitCode } from '../errors.ts'
import type { Project } from '../project/project.ts'
import type { CommandContext } from './command.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const project = await openProject(context, { logFile: false })
  const removed: string[] = []
  for (const folder of project.cleanTargets) {
    const path = cleanablePath(project.dir, folder)
    refuseSources(project, folder)
    if (path === undefined) continue
    rmSync(path, { recursive: true, force: true })
    removed.push(folder)
  }
  return finish(context, {
    exit: ExitCode.ok,
    facts: { removed },
    text: () => (removed.length === 0 ? 'Nothing to delete' : `Deleted ${removed.join(', ')}`),
  })
}

/** A slip in clean-targets must not cost anybody their models. */
function refuseSources({ dir, paths }: Pick<Project, 'dir' | 'paths'>, folder: string): void {
  const written = [paths.models, paths.macros, paths.syncs, paths.seeds, paths.tests].flat()
  const lost = written.find((source) => !relative(resolve(dir, folder), resolve(dir, source)).startsWith('..'))
  if (lost === undefined) return
  throw new BackfeedError({
    code: 'E-CFG-PATH',
    message: `clean-targets: ${JSON.stringify(folder)} holds ${lost}, which nobody can make again`,
    help: 'list only folders that can be made again, such as target and logs',
  })
}

/** Undefined when there is nothing. A link that leads out of the project is refused like `../`. */
export function cleanablePath(projectDir: string, folder: string): string | undefined {
  const wanted = resolve(projectDir, folder)
  const real = existsSync(wanted) ? realpathSync(wanted) : wanted
  for (const path of [relative(projectDir, wanted), relative(realpathSync(projectDir), real)])
    if (path === '' || path === '..' || path.startsWith(`..${sep}`) || resolve(path) === path)
      throw new BackfeedError({
        code: 'E-CFG-PATH',
        message: `clean-targets: ${JSON.stringify(folder)} is not a folder inside the project`,
        help: 'list only folders that can be made again, such as target and logs',
      })
  return existsSync(wanted) ? wanted : undefined
}
