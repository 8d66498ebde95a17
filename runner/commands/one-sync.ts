import type { Project, Sync } from '../project/project.ts'
import type { CommandContext } from './command.ts'
import { knownSync } from './known-sync.ts'

/** For verbs that are about one sync, named as an argument. @throws BackfeedError E-CLI-SELECT with the nearest name */
export function oneSync(context: CommandContext): (project: Project) => Promise<readonly Sync[]> {
  return async (project) => {
    const name = knownSync(project, context.args.required('sync'))
    return [...project.syncs.values()].filter((sync) => sync.name === name)
  }
}
