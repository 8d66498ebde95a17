/** The project as plain data. Reads files and nothing else; every problem of every file is reported at once. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { buildConnections, connectionTree } from './build-connections.ts'
import { buildResources } from './build-models.ts'
import { buildSyncs } from './build-syncs.ts'
import { buildTargets, chooseTarget } from './build-targets.ts'
import { buildVars } from './build-vars.ts'
import { checkSyncs } from './check-syncs.ts'
import { noProject, PROJECT_FILE } from './find-project.ts'
import type { LoadContext } from './load-context.ts'
import { isTree, Places, type Tree } from './places.ts'
import { ProblemList } from './problem-list.ts'
import type { Project } from './project.ts'
import { ProjectFiles } from './project-files.ts'
import { readProjectFile } from './read-project-file.ts'
import type { Env } from './render-env.ts'

export interface LoadOptions {
  /** The folder with project.yml; findProject() finds it from a folder below. */
  dir: string
  env: Env
  /** Instead of the default target. */
  target?: string
  /** Laid over `vars:` of project.yml. */
  vars?: Readonly<Record<string, unknown>>
}

/** Throws one BackfeedError with all problems. Warnings are in `project.warnings`. */
export function loadProject(o: LoadOptions): Project {
  const context = openContext(o)
  const { root, ...settings } = readProjectFile(context)
  const choice = chooseTarget(root, o.target, context)
  const targets = buildTargets(root, choice.activeTarget, context)
  const connections = buildConnections(root, choice, context)
  const vars = buildVars(root, o.vars ?? {}, context)
  const resources = buildResources({ root, ...settings }, context)
  const { syncs, names } = buildSyncs({ root, ...settings }, context)
  const connectionTypes = typesOf(connectionTree(root, choice.defaultTarget))
  for (const problem of checkSyncs({ ...resources, syncs, syncNames: names, connectionTypes }))
    context.problems.add(problem)
  context.problems.throwIfAny()
  return {
    ...settings,
    ...choice,
    ...resources,
    dir: context.files.dir,
    targets,
    connections,
    vars,
    syncs: new Map(syncs.map((sync) => [sync.name, sync])),
    warnings: context.problems.warnings,
  }
}

function openContext(o: LoadOptions): LoadContext {
  if (!existsSync(join(o.dir, PROJECT_FILE))) throw noProject(`there is no project.yml in ${o.dir}`)
  const problems = new ProblemList()
  return { files: new ProjectFiles(o.dir, problems), places: new Places(), problems, env: o.env }
}

/** From what is written, so that a connection with a mistake elsewhere is not called unknown as well. */
function typesOf(connections: Tree): Map<string, 'salesforce' | 'hubspot' | undefined> {
  return new Map(
    Object.entries(connections).map(([name, entry]) => {
      const type = isTree(entry) ? entry.type : undefined
      return [name, type === 'salesforce' || type === 'hubspot' ? type : undefined]
    }),
  )
}
