/** `parse`: every file checked, templates rendered, manifest written. No connection is opened. */

import { writeManifest } from '../compile/write-manifest.ts'
import { ExitCode } from '../errors.ts'
import { activeTarget } from './active-target.ts'
import type { CommandContext } from './command.ts'
import { compileProject } from './compile-project.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const project = await openProject(context)
  const { models, warnings } = await compileProject(context, project)
  await writeManifest({
    project,
    target: activeTarget(project),
    models,
    toolVersion: context.version,
    invocationId: context.invocationId,
    generatedAt: new Date(context.ports.clock.nowMs()).toISOString(),
  })
  const counts = {
    models: project.models.size,
    seeds: project.seeds.size,
    sources: project.sources.size,
    syncs: project.syncs.size,
    warnings: project.warnings.length + warnings.length,
  }
  return finish(context, {
    exit: ExitCode.ok,
    facts: counts,
    text: () => {
      const parts = Object.entries(counts).map(([word, n]) => `${n} ${n === 1 ? word.slice(0, -1) : word}`)
      return `${project.name}: ${parts.join(', ')}`
    },
  })
}
