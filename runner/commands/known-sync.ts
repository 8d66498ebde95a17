import { BackfeedError } from '../errors.ts'
import { suggestName } from '../nearest-name.ts'
import type { Project } from '../project/project.ts'
import { derivedSuffix } from '../project/sync-match.ts'

/** A sync, or its link or one of its associations, which have logs of their own. @throws BackfeedError E-CLI-SELECT with the nearest name. */
export function knownSync(project: Pick<Project, 'syncs'>, name: string): string {
  if (project.syncs.has(name.replace(derivedSuffix, ''))) return name
  const hint = suggestName(name, project.syncs.keys())
  throw new BackfeedError({
    code: 'E-CLI-SELECT',
    message: `no sync is called ${JSON.stringify(name)}`,
    ...(hint === undefined ? {} : { hint }),
    help: 'see backfeed ls --resource-type sync',
  })
}
