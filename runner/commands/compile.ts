/** `compile`: the SQL of the selected models and syncs under target/compiled/. No connection is opened. */
import { resolve } from 'node:path'
import type { CompiledProject } from '../compile/compile-models.ts'
import { writeCompiled } from '../compile/write-compiled.ts'
import { ExitCode } from '../errors.ts'
import type { Project, Sync } from '../project/project.ts'
import { activeTarget } from './active-target.ts'
import type { CommandContext } from './command.ts'
import { compileProject } from './compile-project.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'
import { selected } from './selected.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const project = await openProject(context)
  const compiled = await compileProject(context, project)
  const chosen = selected(project, context, compiled.models)
  const models = compiled.models.filter((model) => chosen.models.includes(model.name))
  const files = [
    ...models.map((model) => ({ path: model.file, sql: model.sql })),
    ...(await syncFiles(chosen.syncs, { project, compiled })),
  ]
  const folder = await writeCompiled(resolve(project.dir, project.paths.target), files)
  const [only] = models
  return finish(context, {
    exit: ExitCode.ok,
    facts: { models: models.length, syncs: chosen.syncs.length, folder, files: files.length },
    text: () =>
      only !== undefined && models.length === 1 && chosen.syncs.length === 0
        ? only.sql.trimEnd()
        : `Compiled ${models.length} models and ${chosen.syncs.length} syncs: ${files.length} files in ${folder}`,
  })
}

/** What each sync runs in the warehouse, as far as it can be said without asking the CRM for its fields. */
async function syncFiles(
  syncs: readonly Sync[],
  { project, compiled }: { project: Project; compiled: CompiledProject },
): Promise<{ path: string; sql: string }[]> {
  if (syncs.length === 0) return []
  const { compileSync } = await import('../sync/compile-sync.ts')
  const { syncModel } = await import('../sync/open-session.ts')
  const target = activeTarget(project)
  const { environment, models } = compiled
  return syncs.flatMap((sync) => {
    const model = syncModel({ project, target, models }, sync)
    return compileSync({ project, target, environment, model }, sync)
  })
}
