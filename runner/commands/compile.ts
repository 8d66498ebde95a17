/** `compile`: the SQL of the selected models under target/compiled/. */
import { join, resolve } from 'node:path'
import { ExitCode } from '../errors.ts'
import { writeAtomically } from '../output/write-atomically.ts'
import type { CommandContext } from './command.ts'
import { compileProject } from './compile-project.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'
import { selected } from './selected.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const project = await openProject(context)
  const { models } = await compileProject(context, project)
  const names = new Set(selected(project, context, models).models)
  const chosen = models.filter((model) => names.has(model.name))
  const target = resolve(project.dir, project.paths.target)
  const files = chosen.map((model) => {
    const file = join(target, 'compiled', project.name, model.file)
    writeAtomically(file, `${model.sql.trimEnd()}\n`)
    return { name: model.name, file }
  })
  const [only] = chosen
  return finish(context, {
    exit: ExitCode.ok,
    facts: { models: files },
    text: () => (only !== undefined && chosen.length === 1 ? only.sql.trimEnd() : `Compiled ${chosen.length} models into ${join(target, 'compiled')}`),
  })
}
