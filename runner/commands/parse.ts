/** `parse`: every file checked, templates rendered, manifest written. No connection is opened. */
import { join, resolve } from 'node:path'
import { ExitCode } from '../errors.ts'
import { writeAtomically } from '../output/write-atomically.ts'
import type { CommandContext } from './command.ts'
import { compileProject } from './compile-project.ts'
import { finish } from './finish.ts'
import { manifest } from './manifest.ts'
import { openProject } from './open-project.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const project = await openProject(context)
  const { models, warnings } = await compileProject(context, project)
  const written = manifest({
    project,
    models,
    version: context.version,
    invocationId: context.invocationId,
    generatedAtMs: context.ports.clock.nowMs(),
  })
  writeAtomically(
    join(resolve(project.dir, project.paths.target), 'manifest.json'),
    `${JSON.stringify(written, null, 2)}\n`,
  )
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
