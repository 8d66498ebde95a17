/** `ls`: what is in the project, or what a selector matches. */
import { ExitCode } from '../errors.ts'
import { renderTable } from '../output/table.ts'
import type { Resource } from '../project/select-resources.ts'
import type { CommandContext } from './command.ts'
import { compileProject } from './compile-project.ts'
import { finish } from './finish.ts'
import { openProject } from './open-project.ts'
import { selected, walksGraph } from './selected.ts'

export async function runCommand(context: CommandContext): Promise<ExitCode> {
  const project = await openProject(context)
  const models = walksGraph(context) ? (await compileProject(context, project)).models : []
  const wanted = context.args.text('resource-type') ?? 'all'
  const resources = selected(project, context, models).resources.filter((r) => wanted === 'all' || r.kind === wanted)
  return finish(context, {
    exit: ExitCode.ok,
    facts: { resources: resources.map(({ id: _, kind, ...rest }) => ({ resource_type: kind, ...rest })) },
    text: () => (resources.length === 0 ? 'Nothing to list' : listing(context, resources)),
  })
}

/** One name per line for pipes, a table for people. */
function listing({ console }: CommandContext, resources: readonly Resource[]): string {
  if (console.columns === undefined) return resources.map((r) => `${r.kind}:${r.name}`).join('\n')
  const titles = ['kind', 'name', 'to', 'tags', 'file'].map((title) => ({ title }))
  const rows = resources.map((r) => [
    ...[r.kind, r.name, r.destination === undefined ? '' : `${r.destination} ${r.object ?? ''}`],
    ...[r.tags.join(', '), r.file],
  ])
  return renderTable(titles, rows, { style: console.style })
}
